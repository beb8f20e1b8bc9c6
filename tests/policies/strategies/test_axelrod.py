"""Our strategies against what the Axelrod library plays under the same names."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mores import registry
from mores.agent import Policy
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma
from tests.policies.strategies.play import play

GOLDEN = Path(__file__).parents[2] / "golden" / "axelrod"
SIGMAS = 5.0  # hundreds of means are compared: a chance deviation beyond this has odds of about 1:1000 in all
ROUNDING = 1e-4  # both sides are means of single-precision or six-digit numbers


@cache
def golden(name: str) -> Any:
    """One of the golden files."""
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def known() -> list[str]:
    """The strategies that both sides have."""
    ours = set(registry.names("policy"))
    return [s for s in golden("strategies")["strategies"] if s in ours]


def made(slug: str) -> Policy:
    """Our strategy of that name with its defaults."""
    return policy(slug)


def test_all_classics_are_registered() -> None:
    """Nothing that the library was asked to play is missing on our side."""
    assert set(golden("strategies")["strategies"]) <= set(registry.names("policy"))


def test_declared_chance_agrees() -> None:
    """What we declare of chance is what the library's classifier says."""
    facts = golden("strategies")["strategies"]
    for slug in known():
        assert registry.load("policy", slug).stochastic == facts[slug]["stochastic"], slug


def test_deterministic_moves_are_equal() -> None:
    """Every pair of deterministic strategies plays the same hundred moves as in the library."""
    data = golden("deterministic")
    slugs = [s for s in data["moves"] if s in known()]
    pairs = [(a, b) for i, a in enumerate(slugs) for b in slugs[i:]]
    played = play([(made(a), made(b)) for a, b in pairs], data["turns"])
    wrong = [
        f"{x} against {y}: {played.text(k, seat)} is not {data['moves'][x][y]}"
        for k, (a, b) in enumerate(pairs)
        for seat, (x, y) in enumerate(((a, b), (b, a)))
        if played.text(k, seat) != data["moves"][x][y]
    ]
    assert not wrong, "\n".join(wrong[:8])


def means(
    pairs: list[tuple[str, str]], turns: int, noise: float, repetitions: int, seed: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Mean and standard error a turn of [score, other's score, cooperation, other's cooperation], a pair."""
    policies = [(made(a), made(b)) for a, b in pairs]
    played = play(policies, turns, noise=noise, seed=seed, repetitions=repetitions)
    cooperation = 1 - played.moves.mean(1)
    values = np.concatenate([played.score / turns, cooperation], 1)
    by_pair = values.reshape(repetitions, len(pairs), 4).transpose(1, 0, 2)
    return by_pair.mean(1), by_pair.std(1, ddof=1) / np.sqrt(repetitions)


def compare(
    theirs: dict[tuple[str, str], dict[str, list[float]]], turns: int, noise: float, seed: int
) -> None:
    """Both means agree within SIGMAS joint standard errors."""
    pairs = list(theirs)
    mean, error = means(pairs, turns, noise, 200, seed)
    wrong = []
    for k, key in enumerate(pairs):
        row = theirs[key]
        for i, (word, at) in enumerate((w, a) for w in ("score", "cooperation") for a in (0, 2)):
            m, e = row[word][at], row[word][at + 1]
            allowed = SIGMAS * np.hypot(e, error[k, i]) + ROUNDING
            if abs(mean[k, i] - m) > allowed:
                wrong.append(
                    f"{' '.join(key)} {word}[{at}]: {mean[k, i]:.4f}, library {m:.4f} +- {allowed:.4f}"
                )
    assert not wrong, f"{len(wrong)}: " + "\n".join(wrong[:8])


def test_stochastic_means_are_equal() -> None:
    """Scores and cooperation of every pair in which chance plays agree with the library's."""
    data = golden("stochastic")
    named = {tuple(key.split()): row for key, row in data["pairs"].items()}
    both = {(a, b): row for (a, b), row in named.items() if {a, b} <= set(known())}
    assert len(both) > 400
    compare(both, data["turns"], 0.0, 11)


def test_noisy_self_play_means_are_equal() -> None:
    """Against its like, with moves turned over at random, every strategy fares as in the library."""
    data = golden("stochastic")
    rows = {(s, s): row for s, row in data["noisy_self_play"].items() if s in known()}
    compare(rows, data["turns"], data["self_play_noise"], 12)


def test_noisy_round_robin_agrees() -> None:
    """The mean scores of the round robin of sixteen with noise are the library's."""
    data = golden("stochastic")["tournament"]
    slugs = list(data["strategies"])
    turns, repetitions = data["turns"], 40
    pairs = [(a, b) for i, a in enumerate(slugs) for b in slugs[i + 1 :]]
    played = play(
        [(made(a), made(b)) for a, b in pairs],
        world=PrisonersDilemma(rounds=turns),
        noise=data["noise"],
        seed=13,
        repetitions=repetitions,
    )
    score = played.score.reshape(repetitions, len(pairs), 2) / turns
    for slug, row in data["strategies"].items():
        mine = [score[:, k, p.index(slug)] for k, p in enumerate(pairs) if slug in p]
        total = np.mean(mine, 0)
        mean, error = row["score"]
        allowed = SIGMAS * np.hypot(error, total.std(ddof=1) / np.sqrt(repetitions))
        assert total.mean() == pytest.approx(mean, abs=float(allowed)), slug
