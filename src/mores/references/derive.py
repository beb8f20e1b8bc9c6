"""Derive `derived.json`, the summary counts that ship with Mores, from the data sets they summarise.

    python -m mores.references.derive            # read MORES_DATA and rewrite the file
    python -m mores.references.derive --check    # exit 1 if it differs from what the data give

Only counts and means leave the data: no row of anyone's. Intervals are deterministic (see
:mod:`mores.people.clustered_share`), so that the file is the same on every machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.data import data_set, table
from mores.errors import MoresError
from mores.people.clustered_share import clustered_share
from mores.people.repeated_pd import load_all
from mores.references.bins import SHARE_EDGES, share_counts

FILE = Path(__file__).parent / "derived.json"
Columns = dict[str, NDArray[Any]]
Entry = dict[str, Any]


def columns(slug: str, file: str, *names: str) -> Columns:
    """The named columns of a file as numpy arrays."""
    read = table(slug, file)
    return {name: read[name].to_numpy(zero_copy_only=False) for name in names}


def entry(slug: str, metric: str, value: float, n: int | None, **more: Any) -> Entry:
    """One reference with where it comes from; `more` are further fields of Reference."""
    known = data_set(slug)
    origin = f"{known.source}; {known.repository} at {known.commit}"
    fields = {"metric": metric, "value": value, "n": n, "year": known.year}
    fields |= {"source": origin, "licence": known.licence} | more
    return {key: _plain(field) for key, field in fields.items() if field is not None}


def _plain(value: Any) -> Any:
    """Plain JSON, floats to six digits so that no platform's last bit shows."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each) for each in value]
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, np.integer):
        return int(value)
    return round(float(value), 6)


def by_people(
    slug: str,
    metric: str,
    person: ArrayLike,
    value: ArrayLike,
    condition: Entry,
    top: float = 1.0,
    **more: Any,
) -> Entry:
    """The mean of values in [0, top] over all decisions, its interval over people."""
    _, who = np.unique(np.asarray(person), return_inverse=True)
    total = np.bincount(who, np.asarray(value, np.float64) / top)
    mean = clustered_share(metric, total, np.bincount(who), condition)
    limits = {"low": mean.low * top, "high": mean.high * top}
    return entry(slug, metric, mean.value * top, mean.n, condition=condition, **limits, **more)


def dictator() -> list[Entry]:
    """Shares given by the first movers who had 100 to divide."""
    slug = "human-games-moblab"
    rows = columns(slug, "dictator.csv", "UserID", "Role", "Total", "move")
    here = (rows["Role"] == "first") & (rows["Total"] == 100)
    share = rows["move"][here].astype(np.float64) / 100
    note = f"{here.sum():,} decisions of people who divided 100; none gave all"
    spread: Entry = {"edges": SHARE_EDGES, "counts": share_counts(share)}
    person = rows["UserID"][here]
    return [
        by_people(slug, "share_given", person, share, {}, note=note, **spread),
        by_people(slug, "gave_nothing", person, share == 0, {}, note=note),
        by_people(slug, "gave_half", person, share == 0.5, {}, note=note),
    ]


def ultimatum() -> list[Entry]:
    """Shares offered, and the smallest shares that would be accepted, out of 100."""
    slug = "human-games-moblab"
    rows = columns(slug, "ultimatum_strategy.csv", "UserID", "propose", "accept")
    here = (rows["propose"] >= 0) & (rows["accept"] >= 0)
    note = f"{here.sum():,} decisions of people who divided 100; {(~here).sum()} rows coded -1 left out"
    named = {"share_offered": "propose", "acceptance_threshold": "accept"}
    return [
        by_people(
            slug,
            metric,
            rows["UserID"][here],
            rows[column][here] / 100,
            {},
            note=note,
            edges=SHARE_EDGES,
            counts=share_counts(rows[column][here] / 100),
        )
        for metric, column in named.items()
    ]


def public_goods() -> list[Entry]:
    """Contributions of two-player public goods: unconditional by period, and replies to the other's."""
    slug = "conditional-cooperation-pgg"
    replies = {"ccL": 0.0, "ccM": 0.5, "ccH": 1.0}
    rows = columns(slug, "subjects.csv", "subject_unq", "period", "uc", *replies)
    person, levels = rows["subject_unq"], (0, 50, 100)
    everyone = np.ones(len(person), bool)

    def mean(metric: str, column: str, here: NDArray[np.bool_], condition: Entry) -> Entry:
        chosen = rows[column][here]
        counts = [int((chosen == level).sum()) for level in levels]
        spread: Entry = {"categories": (0.0, 0.5, 1.0), "counts": counts}
        return by_people(slug, metric, person[here], chosen / 100, condition, **spread)

    periods = sorted(set(rows["period"].tolist()))
    return [
        mean("contribution", "uc", everyone, {}),
        *(mean("contribution", "uc", rows["period"] == p, {"period": p}) for p in periods),
        *(
            mean("conditional_contribution", column, everyone, {"other": other})
            for column, other in replies.items()
        ),
    ]


def threshold_public_goods() -> list[Entry]:
    """Who cooperates, defects or leaves, by whether leaving is allowed and how many must cooperate."""
    slug = "threshold-pgg-beliefs"
    rows = columns(slug, "main_exp_result.csv", "pid", "p_option", "thr", "action")
    found = []
    for option, word in (("A", "compulsory"), ("F", "voluntary")):
        actions = ("C", "D") if option == "A" else ("C", "D", "L")
        for threshold in (2, 4, 5):
            here = (rows["p_option"] == option) & (rows["thr"] == threshold)
            chosen, condition = (
                rows["action"][here],
                {"participation": word, "threshold": threshold},
            )
            counts = [int((chosen == action).sum()) for action in actions]
            first: Entry = {"categories": actions, "counts": counts}
            for action in actions:
                of = condition | {"action": action}
                person, hit = rows["pid"][here], chosen == action
                found.append(by_people(slug, "action_share", person, hit, of, **first))
                first = {}
    return found


def prisoners_dilemma() -> list[Entry]:
    """Cooperation by treatment of two laboratory studies, then pooled over eight."""
    slug = "repeated-pd-human"
    late = "late, experienced play only; what was meant, before execution error"
    found = []
    for play in load_all():
        rules, made = play.treatment, play.decisions
        mean = clustered_share("cooperation", play.cooperations, made, rules.condition)
        game = f"delta {rules.delta}, g {rules.gain:.3g}, l {rules.loss:.3g}, error {rules.error}"
        limits: Entry = {"low": mean.low, "high": mean.high}
        note = f"{made.sum():,} decisions; {game}; {late}"
        limits |= _moves(int(made.sum()), int(play.cooperations.sum()))
        condition = rules.condition
        found.append(
            entry(slug, "cooperation", mean.value, mean.n, condition=condition, **limits, note=note)
        )
    return found + _pooled_dilemma()


def _pooled_dilemma() -> list[Entry]:
    """After each previous pair of moves over all variations, and by round of two games of ten rounds."""
    slug, counted = "ipd-human-pooled", ("group", "decisions", "cooperations")
    moves = columns(slug, "by_previous_move.csv", *counted, "my_previous", "other_previous")
    rounds = columns(slug, "by_period.csv", *counted, "period")
    found = []
    for mine, theirs in (("-", "-"), ("C", "C"), ("C", "D"), ("D", "C"), ("D", "D")):
        here = (moves["my_previous"] == mine) & (moves["other_previous"] == theirs)
        condition = {"data": "ipd-human-pooled", "my_previous": mine, "other_previous": theirs}
        found.append(_pooled(slug, moves, here, condition, "30 variations of eight studies"))
    for group, study in ((1, "Bereby-Meyer & Roth 2006"), (18, "Andreoni & Miller 1993")):
        for period in range(1, 11):
            here = (rounds["group"] == group) & (rounds["period"] == period)
            when = {"data": "ipd-human-pooled", "group": group, "round": period}
            found.append(_pooled(slug, rounds, here, when, f"{study}: ten rounds, end known"))
    return found


def _pooled(
    slug: str, rows: Columns, here: NDArray[np.bool_], condition: Entry, what: str
) -> Entry:
    made, hits = int(rows["decisions"][here].sum()), int(rows["cooperations"][here].sum())
    note = (
        f"{hits:,} of {made:,} decisions; {what}; players carry no id, so no interval over people"
    )
    counts = _moves(made, hits)
    return entry(slug, "cooperation", hits / made, None, condition=condition, note=note, **counts)


def _moves(made: int, hits: int) -> Entry:
    """How many decisions were to cooperate and to defect."""
    return {"categories": ("C", "D"), "counts": (hits, made - hits)}


def repeated_games() -> list[Entry]:
    """People who each played ten rounds of two games against a language model."""
    slug = "repeated-games-llm-human"
    rows = columns(slug, "human_vs_llm.csv", "id", "game", "action", "score", "opponent")
    games = {"PD": ("prisoners-dilemma", "cooperation"), "BoS": ("battle-of-the-sexes", "yielding")}
    notes = {
        "cooperation": "share of ten rounds in which people cooperated",
        "yielding": "share of ten rounds in which people chose the partner's favourite",
    }
    found = []
    for code, (game, metric) in games.items():
        for opponent in ("Base", "Prompted"):
            here = (rows["game"] == code) & (rows["opponent"] == opponent)
            person, condition = rows["id"][here], {"game": game, "opponent": opponent.lower()}
            action, score = rows["action"][here], rows["score"][here]
            found += [
                by_people(slug, metric, person, action, condition, note=notes[metric]),
                by_people(slug, "payoff_per_round", person, score, condition, top=10),
            ]
    return found


DERIVED = {
    "dictator": dictator,
    "ultimatum": ultimatum,
    "public-goods": public_goods,
    "threshold-public-goods": threshold_public_goods,
    "prisoners-dilemma": prisoners_dilemma,
    "repeated-games": repeated_games,
}


def derive() -> str:
    """The text that `derived.json` should hold. Raises DataMissing."""
    lines = []
    for name, of in DERIVED.items():
        entries = ",\n  ".join(json.dumps(each, ensure_ascii=False) for each in of())
        lines.append(f'"{name}": [\n  {entries}\n]')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the file, or with `--check` compare it; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m mores.references.derive")
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if they differ")
    check = parser.parse_args(arguments).check
    try:
        text = derive()
    except MoresError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    if not check:
        FILE.write_text(text, encoding="utf-8")
        return 0
    if json.loads(FILE.read_text(encoding="utf-8")) == json.loads(text):
        return 0
    sys.stderr.write(f"{FILE} differs from the data: run `python -m mores.references.derive`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
