"""What people and language models did in the repeated games of Akata et al. 2025, as references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mores import references as figures
from mores.data import data_set, table
from mores.errors import DataMissing
from mores.metric import Reference

SLUG = "repeated-games-llm-human"
SOURCE = "Akata et al. 2025, Nature Human Behaviour; https://github.com/eliaka/repeatedgames"
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
RECOMPUTED = "recomputed from all 3,600 released plays of ten rounds; a language model, not people"


def references(games: Sequence[str]) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
    """References for some games ("all": the 144), and notes on what they are and what is not here."""
    if "all" in games:
        return tuple(_families()), (
            "The published ratios are those of 3,600 released plays, in which the largest payoff is the largest one "
            "seen in the file of the game.",
        )
    known = [g for g in games if g in FILES]
    found = [r for name in known for r in _people(name)]
    notes = (
        ["People of the experiment played against GPT-4, as it is or told to predict first."]
        if known
        else []
    )
    try:
        found += [r for name in known for r in _models(name)]
    except DataMissing:
        notes.append(
            f"Plays of language models are left out: the data set {SLUG} is not here (`mores doctor` helps)."
        )
    return tuple(found), tuple(notes)


def _families() -> Iterator[Reference]:
    for model, value in RATIOS.items():
        yield _ratio(model, "all", value, 144)
    for family, value in GPT4_BY_FAMILY.items():
        yield _ratio("GPT-4", family, value, None)


def _ratio(model: str, family: str, value: float, n: int | None) -> Reference:
    return Reference(
        metric="family_score",
        source=SOURCE,
        year=2025,
        value=value,
        n=n,
        condition={"family": family},
        licence="MIT",
        note=f"{model}, {RECOMPUTED}",
    )


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


def _models(name: str) -> Iterator[Reference]:
    """Language models in the first seat against scripted opponents; raises DataMissing."""
    plays: dict[tuple[str, str], list[tuple[float, bool]]] = {}
    for row in table(SLUG, FILES[name]).to_pylist():
        if row["player1"] in MODELS and row["player2"] in SCRIPTED[name]:
            pair = (MODELS[row["player1"]], SCRIPTED[name][row["player2"]])
            same = row["answer1"] == row["answer2"]
            plays.setdefault(pair, []).append((float(row["points1"]), same))
    for (model, opponent), rounds in plays.items():
        points, same = zip(*rounds, strict=True)
        where = {"game": name, "second": opponent}
        yield _mean(model, "payoff_by_seat", {**where, "player": 1}, points)
        yield _mean(model, "coordination", where, same)


def _mean(
    model: str, metric: str, condition: Mapping[str, object], values: Sequence[float]
) -> Reference:
    return Reference(
        metric=metric,
        source=SOURCE,
        year=2025,
        value=sum(values) / len(values),
        n=1,
        condition=condition,
        licence=data_set(SLUG).licence,
        note=f"{model} in the first seat, one play of {len(values)} rounds; a language model, not people",
    )
