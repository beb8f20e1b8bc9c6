"""What people and language models did in the repeated games of Akata et al. 2025."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mores import references as figures
from mores.catalogue.published import Published, model, published
from mores.data import table
from mores.metric import Estimate, Reference
from mores.worlds.games import ordinal

SLUG = "repeated-games-llm-human"
MODELS = {
    "act_gpt4": "GPT-4",
    "act_gpt35": "GPT-3.5",
    "act_gpt3": "GPT-3",
    "act_claude": "Claude",
    "act_llama2": "Llama 2",
    "act_gpt4_predictfirst": "GPT-4, told to predict first",
}
FILES = {"prisoners-dilemma": "llm_pd.csv", "battle-of-the-sexes": "llm_bos.csv"}
SCRIPTED = {
    "prisoners-dilemma": {
        "act_j": "all-cooperate",
        "act_f": "all-defect",
        "act_defect_once": "defect-once",
    },
    "battle-of-the-sexes": {
        "act_j": "always-first",
        "act_f": "always-second",
        "act_jf": "alternator-yielding",
    },
}
"""The opponents in the second seat; option J is the first one."""
RATIOS = {
    "Claude 2": 0.777, "GPT-4": 0.773, "Claude 1": 0.755, "davinci-003": 0.743, "Llama 2": 0.685,
}  # fmt: skip
GPT4_BY_FAMILY = {
    "Win-win": 0.933, "PD Family": 0.743, "Unfair": 0.732, "Biased": 0.728, "Cyclic": 0.723, "Second Best": 0.685,
    "Tragic": 0.667,
}  # fmt: skip
"""Own total over ten times the largest own payoff seen in the game's file, over all 3,600 released plays."""
SQUARE = tuple((r, c) for r in range(1, ordinal.SIZE + 1) for c in range(1, ordinal.SIZE + 1))


def references(games: Sequence[str]) -> tuple[Reference, ...]:
    """What people did in those of the games that they played."""
    return tuple(r for name in games if name in FILES for r in _people(name))


def _people(name: str) -> Iterator[Reference]:
    """People in one of the two games, by what they played against."""
    for each in figures.load("repeated-games"):
        condition = dict(each.condition)
        if condition.get("game") != name:
            continue
        metric = "payoff_by_seat" if each.metric == "payoff_per_round" else each.metric
        against = "GPT-4" + (
            " told to predict first" if condition["opponent"] == "prompted" else ""
        )
        note = "; ".join(x for x in (f"people against {against}", each.note) if x)
        yield replace(each, metric=metric, condition={"game": name}, note=note)


def published_families() -> Published:
    """The released plays of language models in all 144 games, summed up by family."""
    rows = [_ratio(name, "all", value) for name, value in RATIOS.items()]
    rows += [_ratio("GPT-4", family, value) for family, value in GPT4_BY_FAMILY.items()]
    return Published(tuple(rows))


def _ratio(name: str, family: str, value: float) -> Estimate:
    games = sum(ordinal.family(r, c) == family for r, c in SQUARE) or len(SQUARE)
    where = {"family": family, "player": model(name)}
    return published("family_score", value, where, n=games, unit="share")


def plays(opponents: set[tuple[str, str]]) -> Published:
    """Language models in the first seat against those of the (game, opponent) whom they met; raises DataMissing."""
    rows = []
    for name in sorted({game for game, _ in opponents if game in FILES}):
        for (who, opponent), (points, same) in _released(name).items():
            if (name, opponent) in opponents:
                where = {"game": name, "first": model(who), "second": opponent}
                earned = {**where, "player": 1}
                rows.append(published("payoff_by_seat", _mean(points), earned, n=1, unit="points"))
                rows.append(published("coordination", _mean(same), where, n=1, unit="share"))
    return Published(tuple(rows))


def _released(name: str) -> dict[tuple[str, str], tuple[list[float], list[float]]]:
    """Points of the first seat, and whether both chose the same, round by round, by (model, opponent)."""
    found: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    for row in table(SLUG, FILES[name]).to_pylist():
        if row["player1"] in MODELS and row["player2"] in SCRIPTED[name]:
            pair = (MODELS[row["player1"]], SCRIPTED[name][row["player2"]])
            points, same = found.setdefault(pair, ([], []))
            points.append(float(row["points1"]))
            same.append(float(row["answer1"] == row["answer2"]))
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
