"""Parts that do everything wrong: a policy, a world and metrics of a hurried or hostile author."""

STUDY = '''
from dataclasses import dataclass
import numpy as np
from mores import Case, Events, Metric, Mind, Population, Rule, Study
from mores.design import study
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


@dataclass(frozen=True)
class Odd(Rule):
    name = "odd"
    how: str = "fine"

    def act(self, turn, memory, chance):
        n = len(turn)
        if self.how == "raises":
            raise RuntimeError("no move today")
        if self.how == "exits":
            raise SystemExit(3)
        return {
            "fine": np.zeros(n, np.int8), "long integers": np.zeros(n, int), "list": [0] * n,
            "short": np.zeros(n - 1, np.int8), "words": np.array(["J"] * n), "nothing": None, "number": 0,
            "table": np.zeros((n, 2), np.int8), "halves": np.full(n, 0.5), "nan": np.full(n, np.nan),
            "too large": np.full(n, 2**40), "below": np.full(n, -7),
        }[self.how]


@dataclass(frozen=True)
class Broken(PrisonersDilemma):
    name = "broken"
    where: str = ""

    def _at(self, where):
        if self.where == where:
            raise RuntimeError(f"{where} broke")

    def reset(self, chance):
        if 1 in chance.tables:
            self._at("reset")
        return super().reset(chance)

    def turn(self, state):
        self._at("turn")
        return super().turn(state)

    def step(self, state, turn, actions, chance):
        self._at("step")
        out = super().step(state, turn, actions, chance)
        if self.where == "silence":
            out.events = []
        if self.where == "lengths":
            out.events = [Events("odd", np.zeros(1, np.int32), None, np.zeros(3))]
        return None if self.where == "outcome" else out

    def describe(self, state, turn, j):
        self._at("describe")
        return super().describe(state, turn, j)

    def phase(self, state):
        self._at("phase")
        return super().phase(state)

    def port(self, state, name):
        self._at("port")
        return super().port(state, name)


def chosen(record):
    c = record.column("choose")
    return record.sample(c.arm, c.table, c.value == 0)


def broken(record):
    raise ZeroDivisionError("nobody there")


@study()
def hostile(how: str = "fine", where: str = "", mind: bool = False, metric: str = "", replicates: int = 4) -> Study:
    """What others do wrong."""
    people = Population.all(Mind()) if mind else Population.by_seat(Odd(how=how), policy("all-cooperate"))
    case = Case(world=Broken(rounds=3, where=where), population=people, condition={"how": how, "where": where})
    metrics = (Metric(name="chosen", measure=broken if metric else chosen),)
    return Study(name="hostile", cases=(case,), replicates=replicates, metrics=metrics)
'''
