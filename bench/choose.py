"""Choose: a population's choices by log-probabilities in process, against bare batched passes of the same model.

256 seats at different points of a repeated prisoner's dilemma, every prompt another; pocket models with random weights.
Ours is everything from the thread to the drawn option (words, chat template, tokens, batches, log-probabilities,
draws); the peer is the model alone on tokens that are already padded, in batches of like length, without a
cache: each prompt once, or, where options have several tokens, each prompt with each option. What all prompts
of a batch begin with, and a prompt that several options follow, is read once by ours: so it can pass the bare one.
"""

from __future__ import annotations

import importlib.util
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _common import arguments, report, result

if TYPE_CHECKING:
    from mores.engine.asking import Request
    from mores.models.hf import HuggingFace

SEATS = 256
OPTIONS = {"one token": ("J", "F"), "several tokens": ("cooperate with them", "defect from them")}
GOAL = 0.8


def interleaved(actions: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """Median seconds of each action, taken in turn so that a busy machine slows all alike."""
    times: list[list[float]] = [[] for _ in actions]
    for k in range(repeats + 1):
        for action, mine in zip(actions, times, strict=True):
            start = time.perf_counter()
            action()
            if k:  # the first time warms up
                mine.append(time.perf_counter() - start)
    return [statistics.median(mine) for mine in times]


def models(folder: Path) -> dict[str, HuggingFace]:
    """Untrained models of two sizes that have the tokenizer of the pocket model."""
    from mores.models import pocket
    from mores.models.hf import HuggingFace
    from mores.models.hf_network import quiet

    examples = [e for lesson in pocket.default_lessons()[:1] for e in lesson.examples(100)]
    tokenizer = pocket.build_tokenizer(examples, 512)
    made = {}
    for size in (pocket.Size(), pocket.Size(width=128, layers=4)):
        model = pocket.build_model(size, tokenizer)
        count = sum(p.numel() for p in model.parameters())
        path = folder / f"{count / 1e6:.1f} M parameters"
        with quiet():
            model.save_pretrained(path)
        tokenizer.save_pretrained(path)
        made[path.name] = HuggingFace(path)
    return made


def population(options: tuple[str, ...]) -> list[Request]:
    """Requests of seats at different points of the game, no two alike."""
    from mores.actions import Choice
    from mores.engine.asking import Request
    from mores.models.face import thread_of
    from mores.models.pocket_lessons import Lesson
    from mores.policies.strategies.classic import Random
    from mores.worlds.games.named import PrisonersDilemma

    lesson = Lesson(PrisonersDilemma(rounds=6), Random(), (Random(),))
    said = {m[-1]["content"]: m for m, _ in lesson.examples(SEATS)}
    chosen = list(said.values())[:SEATS]
    space = Choice(*options)
    return [
        Request(f"{k}".encode(), thread_of(m), space, "players", "0") for k, m in enumerate(chosen)
    ]


def answer(model: HuggingFace, requests: list[Request]) -> None:
    """Everything: from threads to drawn options."""
    model.submit(requests)
    left = len(requests)
    while left:
        left -= len(model.poll(True))


def bare(model: HuggingFace, requests: list[Request]) -> Callable[[], None]:
    """The passes alone, over all that has to be read: each prompt, or each prompt with each of its options."""
    import torch

    prompts = model.words.prompts([r.thread.messages() for r in requests])
    space: Any = requests[0].space
    tails = [model.words.tail(o) for o in space.options]
    rows = [
        p + list(t[:-1]) for p in prompts for t in (tails if max(map(len, tails)) > 1 else ((0,),))
    ]
    buckets: dict[int, list[list[int]]] = {}
    for row in rows:
        buckets.setdefault(int(4 * math.log2(len(row))), []).append(row)
    batches = []
    for some in buckets.values():
        size = max(1, model.batch_tokens // max(map(len, some)))
        batches += [model.network._padded(some[k : k + size]) for k in range(0, len(some), size)]

    def run() -> None:
        with torch.inference_mode():
            for tokens, mask in batches:
                model.network.model(tokens, attention_mask=mask, use_cache=False, logits_to_keep=1)

    return run


def row(name: str, model: HuggingFace, kind: str, repeats: int) -> dict[str, Any]:
    """One model and one kind of options."""
    requests = population(OPTIONS[kind])
    mine, theirs = interleaved([lambda: answer(model, requests), bare(model, requests)], repeats)
    ratio = theirs / mine
    return result(
        f"choose, {name}, options of {kind}", len(requests) / mine, "choices/s", peer=len(requests) / theirs,
        goal=f">= {GOAL} of bare passes", met=ratio >= GOAL, peer_is="bare batched passes of the same model",
        seats=len(requests),
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    missing = [m for m in ("torch", "transformers") if importlib.util.find_spec(m) is None]
    if missing:
        skipped = f"needs the extra hf ({', '.join(missing)})"
        report([result("choose", float("nan"), "choices/s", skipped=skipped)], args.json)
        return
    with tempfile.TemporaryDirectory() as folder:
        made = models(Path(folder))
        rows = [row(n, m, kind, args.repeats) for n, m in made.items() for kind in OPTIONS]
    report(rows, args.json)


if __name__ == "__main__":
    main()
