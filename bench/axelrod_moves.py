"""Play classic strategies in the Axelrod library and write what they did as golden files.

The library needs torch and gigabytes, so it lives in an environment of its own (`.venvs/axelrod`),
which this script makes on the first call; the project's own environment never holds it. Written are:

- `strategies.json`: our name of each strategy, the library's class, what the library says of it;
- `deterministic.json`: the moves of every ordered pair of deterministic strategies, without noise;
- `stochastic.json`: mean score and cooperation a turn, with standard errors, of every pair in which
  chance plays, of every strategy against itself under noise, and of a noisy round robin of sixteen.

Usage::

    python bench/axelrod_moves.py                          # write tests/golden/axelrod/*.json
    python bench/axelrod_moves.py --time --repetitions 10  # print moves a second as JSON
    python bench/axelrod_moves.py --time --no-install      # exit 3 if it is not installed yet

Only the standard library is imported until the script runs inside that environment.

Source: The Axelrod project developers, Axelrod 4.14.0, doi:10.5281/zenodo.3517155.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venvs" / "axelrod"
GOLDEN = ROOT / "tests" / "golden" / "axelrod"
VERSION = "4.14.0"
# torch first: a CPU build that is already to be had then satisfies the library's own requirement.
PACKAGES = ("torch==2.13.0", f"axelrod=={VERSION}")
NOT_INSTALLED = 3

SEED = 20_240_601
DETERMINISTIC_TURNS = 100
STOCHASTIC_TURNS = 100
STOCHASTIC_REPETITIONS = 200
SELF_PLAY_NOISE = 0.05
TOURNAMENT_TURNS = 200
TOURNAMENT_REPETITIONS = 60
TOURNAMENT_NOISE = 0.01

STRATEGIES = {
    "all-cooperate": "Cooperator",
    "all-defect": "Defector",
    "random": "Random",
    "tit-for-tat": "TitForTat",
    "tit-for-two-tats": "TitFor2Tats",
    "two-tits-for-tat": "TwoTitsForTat",
    "generous-tit-for-tat": "GTFT",
    "suspicious-tit-for-tat": "SuspiciousTitForTat",
    "anti-tit-for-tat": "AntiTitForTat",
    "hard-tit-for-tat": "HardTitForTat",
    "hard-tit-for-two-tats": "HardTitFor2Tats",
    "forgiving-tit-for-tat": "ForgivingTitForTat",
    "omega-tit-for-tat": "OmegaTFT",
    "contrite-tit-for-tat": "ContriteTitForTat",
    "spiteful-tit-for-tat": "SpitefulTitForTat",
    "gradual": "Gradual",
    "original-gradual": "OriginalGradual",
    "grim": "Grudger",
    "soft-grudger": "SoftGrudger",
    "pavlov": "WinStayLoseShift",
    "win-shift-lose-stay": "WinShiftLoseStay",
    "joss": "FirstByJoss",
    "tester": "SecondByTester",
    "prober": "Prober",
    "prober-2": "Prober2",
    "prober-3": "Prober3",
    "hard-prober": "HardProber",
    "naive-prober": "NaiveProber",
    "remorseful-prober": "RemorsefulProber",
    "adaptive": "Adaptive",
    "hard-majority": "HardGoByMajority",
    "soft-majority": "GoByMajority",
    "alternator": "Alternator",
    "cycler-ccd": "CyclerCCD",
    "cycler-ddc": "CyclerDDC",
    "bully": "Bully",
    "firm-but-fair": "FirmButFair",
    "stochastic-cooperator": "StochasticCooperator",
    "zd-extort-2": "ZDExtort2",
    "zd-gtft-2": "ZDGTFT2",
    "zd-set-2": "ZDSet2",
    "fortress-3": "Fortress3",
    "fortress-4": "Fortress4",
    "appeaser": "Appeaser",
    "shubik": "FirstByShubik",
    "grofman": "FirstByGrofman",
    "davis": "FirstByDavis",
    "handshake": "Handshake",
}
"""Our name -> class of the library, all with the library's default parameters."""

TOURNAMENT = (
    "all-cooperate",
    "all-defect",
    "tit-for-tat",
    "grim",
    "pavlov",
    "random",
    "generous-tit-for-tat",
    "tit-for-two-tats",
    "two-tits-for-tat",
    "suspicious-tit-for-tat",
    "alternator",
    "anti-tit-for-tat",
    "joss",
    "hard-tit-for-tat",
    "hard-majority",
    "forgiving-tit-for-tat",
)
"""The sixteen of the round robin, each one memory-light enough for any implementation."""


def say(text: str) -> None:
    """Report progress on standard error, so that standard output holds the result alone."""
    print(text, file=sys.stderr, flush=True)


def interpreter() -> Path:
    """Where the environment's Python is, made or not."""
    windows = sys.platform == "win32"
    return ENVIRONMENT / ("Scripts/python.exe" if windows else "bin/python")


def installed() -> bool:
    """Whether the environment holds the library in the version asked for."""
    return any(ENVIRONMENT.glob(f"**/site-packages/axelrod-{VERSION}.dist-info"))


def install() -> None:
    """Make the environment and put the library into it: minutes and gigabytes, once."""
    say(f"making {ENVIRONMENT.relative_to(ROOT)} for Axelrod {VERSION} (once; it needs torch)")
    venv.create(ENVIRONMENT, with_pip=True, clear=True)
    for package in PACKAGES:
        say(f"installing {package}")
        subprocess.run(
            [str(interpreter()), "-m", "pip", "install", "--quiet", package],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )


def rounded(x: float) -> float:
    """Six decimals: far below any standard error here."""
    return round(x, 6)


def summary(values: Sequence[float]) -> list[float]:
    """Mean and its standard error over repetitions."""
    return [rounded(fmean(values)), rounded(stdev(values) / math.sqrt(len(values)))]


def header(axl: Any) -> dict[str, Any]:
    """What made a file: library, version, interpreter and the script to run again."""
    return {
        "library": "Axelrod",
        "version": axl.__version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "script": "bench/axelrod_moves.py",
        "seed": SEED,
        "payoffs": {
            name: float(x) for name, x in zip("RPST", axl.game.DefaultGame.RPST(), strict=True)
        },
    }


def players(axl: Any) -> dict[str, Callable[[], Any]]:
    """Our name -> a class whose instances play."""
    return {slug: getattr(axl, name) for slug, name in STRATEGIES.items()}


def is_stochastic(axl: Any, make: Callable[[], Any]) -> bool:
    """What the library's classifier says of chance in a strategy's moves."""
    return bool(axl.Classifiers["stochastic"](make()))


def facts(axl: Any) -> dict[str, Any]:
    """The list of strategies with the library's own classification of each."""
    rows = {}
    for slug, make in players(axl).items():
        player = make()
        memory = axl.Classifiers["memory_depth"](player)
        kept = {k: v for k, v in player.init_kwargs.items() if isinstance(v, int | float)}
        rows[slug] = {
            "class": STRATEGIES[slug],
            "name": player.name,
            "memory_depth": None if memory == math.inf else int(memory),
            "stochastic": is_stochastic(axl, make),
            "parameters": {k: ("inf" if v == math.inf else v) for k, v in kept.items()},
        }
    meaning = "memory_depth null: unbounded; parameters: the library's defaults, where numbers"
    return header(axl) | {"about": meaning, "strategies": rows}


def moves(axl: Any, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[str, str]:
    """One match without noise, as two strings of C and D."""
    match = axl.Match((first(), second()), turns=DETERMINISTIC_TURNS, seed=SEED)
    mine, theirs = zip(*match.play(), strict=True)
    return "".join(map(str, mine)), "".join(map(str, theirs))


def deterministic(axl: Any) -> dict[str, Any]:
    """Every ordered pair of strategies without chance: what the first plays against the second."""
    kinds = {s: make for s, make in players(axl).items() if not is_stochastic(axl, make)}
    played: dict[str, dict[str, str]] = {slug: {} for slug in kinds}
    for a in kinds:
        for b in kinds:
            mine, theirs = moves(axl, kinds[a], kinds[b])
            played[a][b] = mine
            if played[b].setdefault(a, theirs) != theirs:
                raise RuntimeError(f"{a} against {b} depends on who is named first")
    about = "moves[a][b]: what a plays against b; what b plays in that match is moves[b][a]"
    return header(axl) | {"about": about, "turns": DETERMINISTIC_TURNS, "moves": played}


def repeated(axl: Any, pair: tuple[str, str], noise: float, seed: int) -> dict[str, list[float]]:
    """Mean and standard error over seeded repetitions, for the first and the second of a pair."""
    kinds = players(axl)
    columns: list[list[float]] = [[], [], [], []]
    for r in range(STOCHASTIC_REPETITIONS):
        duo = (kinds[pair[0]](), kinds[pair[1]]())
        match = axl.Match(duo, turns=STOCHASTIC_TURNS, noise=noise, seed=seed + r)
        match.play()
        values = (*match.final_score_per_turn(), *match.normalised_cooperation())
        for column, value in zip(columns, values, strict=True):
            column.append(float(value))
    score, other_score, rate, other_rate = map(summary, columns)
    return {"score": score + other_score, "cooperation": rate + other_rate}


def chance_pairs(axl: Any) -> dict[str, Any]:
    """Every unordered pair in which at least one plays with chance, without noise."""
    kinds = players(axl)
    chancy = {s for s, make in kinds.items() if is_stochastic(axl, make)}
    pairs = [p for p in combinations_with_replacement(kinds, 2) if chancy & set(p)]
    rows = {}
    for k, pair in enumerate(pairs):
        if k % 50 == 0:
            say(f"  pair {k} of {len(pairs)}")
        rows[" ".join(pair)] = repeated(axl, pair, 0.0, SEED + 1_000 * k)
    return rows


def noisy_self_play(axl: Any) -> dict[str, Any]:
    """Every strategy against itself when each move is turned over now and then."""
    return {
        slug: repeated(axl, (slug, slug), SELF_PLAY_NOISE, SEED + 1_000_000 + 1_000 * k)
        for k, slug in enumerate(STRATEGIES)
    }


def play_tournament(axl: Any, repetitions: int) -> Any:
    """The noisy round robin of sixteen, self-play included, as the library's users run it."""
    kinds = players(axl)
    tournament = axl.Tournament(
        [kinds[slug]() for slug in TOURNAMENT],
        turns=TOURNAMENT_TURNS,
        repetitions=repetitions,
        noise=TOURNAMENT_NOISE,
        seed=SEED,
    )
    return tournament.play(progress_bar=False)


def tournament_scores(axl: Any) -> dict[str, Any]:
    """Mean score a turn of each of the sixteen, with and without its match against itself."""
    results = play_tournament(axl, TOURNAMENT_REPETITIONS)
    rows = {}
    for i, slug in enumerate(TOURNAMENT):
        against = results.payoffs[i]
        by_repetition = list(zip(*against, strict=True))
        others = [[x for j, x in enumerate(row) if j != i] for row in by_repetition]
        rows[slug] = {
            "score": summary([fmean(row) for row in others]),
            "score_with_self_play": summary([fmean(row) for row in by_repetition]),
            "cooperation": rounded(float(results.cooperating_rating[i])),
        }
    about = (
        "score: [mean a turn over the fifteen others, its standard error over repetitions]; "
        "cooperation: share over all matches, self-play left out"
    )
    return {
        "about": about,
        "turns": TOURNAMENT_TURNS,
        "repetitions": TOURNAMENT_REPETITIONS,
        "noise": TOURNAMENT_NOISE,
        "strategies": rows,
    }


def stochastic(axl: Any) -> dict[str, Any]:
    """Everything in which chance plays: pairs, noisy self-play, the round robin."""
    about = (
        "pairs['a b'] and noisy_self_play[a]: score = [a's mean a turn, its standard error, b's mean, its "
        "standard error], cooperation likewise; repetition r of a pair is one independent match"
    )
    say("stochastic pairs")
    pairs = chance_pairs(axl)
    say("noisy self-play")
    selves = noisy_self_play(axl)
    say("round robin of sixteen")
    return header(axl) | {
        "about": about,
        "turns": STOCHASTIC_TURNS,
        "repetitions": STOCHASTIC_REPETITIONS,
        "pairs": pairs,
        "self_play_noise": SELF_PLAY_NOISE,
        "noisy_self_play": selves,
        "tournament": tournament_scores(axl),
    }


def dump(path: Path, content: dict[str, Any]) -> None:
    """Write JSON with one innermost entry a line: small, and readable in a diff."""
    lines = []
    for key, value in content.items():
        if isinstance(value, dict) and any(isinstance(v, dict) for v in value.values()):
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    say(f"wrote {path.relative_to(ROOT)} ({path.stat().st_size / 1000:.0f} kB)")


def write_golden(axl: Any) -> None:
    """Play everything and write the three files."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    dump(GOLDEN / "strategies.json", facts(axl))
    say("deterministic pairs")
    dump(GOLDEN / "deterministic.json", deterministic(axl))
    dump(GOLDEN / "stochastic.json", stochastic(axl))


def measure(axl: Any, repetitions: int) -> dict[str, Any]:
    """Moves a second in the library's round robin, its own summary of the results included."""
    pairs = len(TOURNAMENT) * (len(TOURNAMENT) + 1) // 2
    count = pairs * 2 * TOURNAMENT_TURNS * repetitions
    start = time.perf_counter()
    play_tournament(axl, repetitions)
    seconds = time.perf_counter() - start
    return {
        "peer": "Axelrod",
        "version": axl.__version__,
        "strategies": len(TOURNAMENT),
        "turns": TOURNAMENT_TURNS,
        "repetitions": repetitions,
        "noise": TOURNAMENT_NOISE,
        "moves": count,
        "seconds": round(seconds, 4),
        "moves_per_second": round(count / seconds),
    }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--time", action="store_true", help="time the round robin, print JSON")
    parser.add_argument("--repetitions", type=int, default=10, help="of the timed round robin")
    parser.add_argument("--no-install", action="store_true", help="exit 3 if not yet installed")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Run inside the library's environment, making it first where need be."""
    asked = arguments()
    if not asked.inside:
        if not installed():
            if asked.no_install:
                say(
                    "Axelrod is not installed; run `python bench/axelrod_moves.py` once to install it"
                )
                return NOT_INSTALLED
            install()
        here = [str(interpreter()), str(Path(__file__).resolve()), "--inside", *sys.argv[1:]]
        return subprocess.run(here, check=False, stdin=subprocess.DEVNULL).returncode
    import axelrod as axl

    if asked.time:
        print(json.dumps(measure(axl, asked.repetitions)))
    else:
        write_golden(axl)
    return 0


if __name__ == "__main__":
    sys.exit(main())
