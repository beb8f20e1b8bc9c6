"""The pocket model: a causal language model of under a million parameters, trained from nothing in about a minute.

It is a **model organism**: small enough to know everything about, and of no use beyond that. It has read nothing
but what the worlds themselves render, and it imitates the rules that played there
(:class:`~mores.models.pocket_lessons.Lesson`). It makes every path through a language model real without a network
or a GPU: option log-probabilities, chat templates, safetensors, fine-tuning, activations, a real server::

    from mores.models import pocket
    pocket.train("runs/pocket")                 # then: --model hf:runs/pocket

A Llama of two layers (Touvron et al. 2023, arXiv 2302.13971) with a byte-level BPE vocabulary of its own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mores.errors import BadValue, MoresError
from mores.models.pocket_lessons import Example, Lesson

END, PAD = "<|end|>", "<|pad|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
NOTE = (
    "A model organism: a causal language model of under a million parameters, trained from nothing on text that "
    "simulated worlds rendered, to imitate simple rules. It knows nothing else and is of no other use."
)
_HELD_OUT = 64
"""Tables of each lesson that are never trained on; how well the rule is imitated there is in `pocket.json`. Short games
repeat: some of their conversations equal trained ones."""
_LONGEST = 2048
_BATCH, _RATE, _WARM = 8, 1e-2, 15
"""Examples a step, the highest learning rate, steps until it is reached."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large the model is; the default has about 0.1 million parameters."""

    vocabulary: int = 512
    width: int = 64
    layers: int = 2
    heads: int = 4


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What came out of a training; also written to `pocket.json`."""

    parameters: int
    steps: int
    tokens: int
    seconds: float
    loss: float
    """Mean negative log-likelihood of an answer's tokens over the last steps, nats."""
    accuracy: float
    """Share of held-out turns at which the likeliest answer is what the rule did."""
    turns: int
    """Held-out turns."""
    lessons: tuple[str, ...]
    seed: int
    note: str = NOTE


def default_lessons() -> tuple[Lesson, ...]:
    """What the pocket model learns by default: tit for tat, in prisoner's dilemmas with several names of options."""
    from mores.policies.spec import policy
    from mores.policies.strategies.classic import TitForTat
    from mores.worlds.games.named import PrisonersDilemma

    names = (("J", "F"), ("A", "B"), ("C", "D"), ("cooperate", "defect"))
    others = (policy("random"), policy("generous-tit-for-tat:p=0.3"), policy("alternator"))
    return tuple(Lesson(PrisonersDilemma(rounds=6, labels=n), TitForTat(), others) for n in names)


def train(
    path: str | Path,
    lessons: Sequence[Lesson] = (),
    *,
    seconds: float = 60.0,
    steps: int | None = None,
    seed: int = 0,
    size: Size | None = None,
    tables: int = 512,
) -> Trained:
    """Train a pocket model for some seconds of wall time and save it as safetensors with its chat template.

    `tables` of every lesson are played. With `steps` it also ends after so many, and is then the same for the same seed
    on the same machine; else the weights depend on how many steps fit into the time. Runs on one core. Needs the
    extra `hf`.
    """
    torch = _libraries()
    made = tuple(lessons) or default_lessons()
    if seconds <= 0:
        raise BadValue("seconds", seconds, "more than 0")
    start = time.perf_counter()
    examples = [e for lesson in made for e in lesson.examples(tables, seed)]
    if not examples:
        raise BadValue("lessons", [d.world.name for d in made], "worlds in which the player acts")
    threads, state = torch.get_num_threads(), torch.random.get_rng_state()
    try:
        # so small a model gains nothing from a second thread, and loses much where the other core is busy
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        tokenizer = build_tokenizer(examples, (size or Size()).vocabulary)
        model = build_model(size or Size(), tokenizer)
        made_steps, tokens, loss = _fit(
            model, _encoded(tokenizer, examples), start + seconds, steps, seed
        )
        held = [e for d in made for k in range(_HELD_OUT) for e in d.play(tables + k, seed)]
        accuracy = _accuracy(model.eval(), tokenizer, held)
    finally:
        torch.set_num_threads(threads)
        torch.random.set_rng_state(state)
    done = Trained(
        parameters=sum(p.numel() for p in model.parameters()), steps=made_steps, tokens=tokens,
        seconds=time.perf_counter() - start, loss=loss, accuracy=accuracy, turns=len(held),
        lessons=tuple(f"{d.player.label} in {d.world.name}" for d in made), seed=seed,
    )  # fmt: skip
    _save(Path(path), model, tokenizer, done)
    return done


def _save(path: Path, model: Any, tokenizer: Any, done: Trained) -> None:
    from mores.models.hf_network import quiet

    path.mkdir(parents=True, exist_ok=True)
    with quiet():
        model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    (path / "pocket.json").write_text(json.dumps(asdict(done), indent=2) + "\n", encoding="utf-8")
    (path / "README.md").write_text(f"# A pocket model\n\n{NOTE}\n", encoding="utf-8")


def build_tokenizer(examples: Sequence[Example], vocabulary: int) -> Any:
    """A byte-level BPE tokenizer of the examples' words, with a chat template."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=[PAD, END, *ROLES], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
    )  # fmt: skip
    texts = sorted({m["content"] for said, _ in examples for m in said} | {a for _, a in examples})
    inner.train_from_iterator(texts, trainer)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token=PAD, eos_token=END, model_max_length=_LONGEST,
        extra_special_tokens=list(ROLES), clean_up_tokenization_spaces=False,
    )  # fmt: skip
    wrapped.chat_template = TEMPLATE
    return wrapped


def build_model(size: Size, tokenizer: Any) -> Any:
    """A model with random weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=size.width, intermediate_size=2 * size.width,
        num_hidden_layers=size.layers, num_attention_heads=size.heads, max_position_embeddings=_LONGEST,
        tie_word_embeddings=True, bos_token_id=None, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return LlamaForCausalLM(config)


# ---------------------------------------------------------------- training
def _encoded(tokenizer: Any, examples: Sequence[Example]) -> list[tuple[list[int], int]]:
    """Each example as tokens, and where its answer begins."""
    before = [
        tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
        for said, _ in examples
    ]
    prompts = tokenizer(before, add_special_tokens=False)["input_ids"]
    answers = tokenizer([a + END for _, a in examples], add_special_tokens=False)["input_ids"]
    return [(p + a, len(p)) for p, a in zip(prompts, answers, strict=True)]


def _fit(
    model: Any, rows: list[tuple[list[int], int]], until: float, most: int | None, seed: int
) -> tuple[int, int, float]:
    """Steps of AdamW until time or steps are over; how many, of how many tokens, and the last loss."""
    import torch

    rng = np.random.default_rng(seed)
    rows = sorted(rows, key=lambda r: len(r[0]))
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.0, weight_decay=0.01, betas=(0.9, 0.95))
    begin = time.perf_counter()
    steps, tokens, losses, share = 0, 0, [float("nan")], 0.0
    while share < 1:
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (steps + 1) / _WARM) * (1 - share)
        at = int(rng.integers(0, max(1, len(rows) - _BATCH + 1)))
        part = rows[at : at + _BATCH]
        loss, answers = _loss(model, part)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        steps, tokens = steps + 1, tokens + sum(len(r) for r, _ in part)
        losses = [*losses[-19:], answers]
        spent = (time.perf_counter() - begin) / max(until - begin, 1e-9)
        # where steps are given time only ends it, so that a busy machine trains the same model
        share = spent if most is None else 1.0 if spent >= 1 else steps / most
    return steps, tokens, float(np.nanmean(losses))


def _loss(model: Any, part: Sequence[tuple[list[int], int]]) -> tuple[Any, float]:
    """The loss of a batch, answers and prompts weighing the same; and that of the answers alone."""
    import torch
    from torch.nn.functional import cross_entropy

    width = max(len(r) for r, _ in part)
    tokens = torch.zeros((len(part), width), dtype=torch.long)
    answer = torch.zeros((len(part), width), dtype=torch.bool)
    for k, (row, start) in enumerate(part):
        tokens[k, : len(row)] = torch.tensor(row)
        answer[k, start : len(row)] = True
    logits = model(input_ids=tokens, use_cache=False).logits[:, :-1]
    meant, asked = tokens[:, 1:], answer[:, 1:]
    each = cross_entropy(logits.flatten(0, 1), meant.flatten(), reduction="none").view_as(meant)
    answers = each[asked].mean()
    return answers + each[(meant != 0) & ~asked].mean(), float(answers.detach())


def _accuracy(model: Any, tokenizer: Any, held: Sequence[Example]) -> float:
    """How often the likeliest next token begins the answer that was given."""
    from mores.models.hf_network import Network

    network = Network(model, tokenizer)
    right = 0
    rows = _encoded(tokenizer, held)
    firsts = sorted({r[start] for r, start in rows})
    for k in range(0, len(rows), 64):
        part = rows[k : k + 64]
        tails = [[(f,) for f in firsts]] * len(part)
        scores = network.log_probabilities([r[:start] for r, start in part], tails)
        right += sum(
            firsts[int(s.argmax())] == r[i] for s, (r, i) in zip(scores, part, strict=True)
        )
    return right / len(rows)


def _libraries() -> Any:
    try:
        import tokenizers  # noqa: F401
        import torch
        import transformers  # noqa: F401
    except ImportError as error:
        raise MoresError(
            f"the pocket model needs the extra `hf` ({error}): pip install 'mores[hf]'"
        ) from None
    return torch
