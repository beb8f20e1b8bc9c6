"""Hf: a Hugging Face causal language model in process as whoever answers, on a CPU or a GPU.

Requests that wait are answered in batches of like length. A :class:`~mores.actions.Choice` is answered by the
log-probabilities of its options: the model is asked how likely each is to be what it says next, and one is drawn with
the number that belongs to the request (at temperature 0 the most likely one is taken). Every other space is answered by
generation, read tolerantly. Which way it was stands in the response's `flags` and, where `choices` says otherwise, in
the model's identity.

**Probabilities of options.** The log-probabilities of an option's tokens are summed, not averaged: what is
compared is how likely the whole reply is to begin with it. Where one option is the beginning of another, in
tokens, all of them are read with the end of the answer. At temperature T the shares are the softmax of these
sums divided by T.

Equal requests have equal answers on one machine, whatever else is in the batch, up to rounding: padding may
move the last digits of a log-probability. What was answered is in the call store, so a replay never computes
it again.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Choice, Space, Utterance
from mores.engine.asking import Request, Response
from mores.errors import BadValue, MoresError
from mores.models import face
from mores.models.face import Capabilities, Chosen, Message
from mores.models.hf_network import Network, Tail, load
from mores.models.hf_words import Tokens, Words

_SAMPLES, _BLOCK = 4096, 4096  # a changed run of 1/4096 of a file never goes unseen
_BY_LOGPROBS: Final = "log-probabilities"
_BY_WORDS: Final = "words"


@dataclass(slots=True)
class _Waiting:
    """A request with its prompt, as it waits for a batch."""

    request: Request
    tokens: Tokens
    tails: tuple[Tail, ...]
    """Of its options; none where the answer is generated."""
    bucket: tuple[bool, int]


class HuggingFace:
    """A causal language model from a folder (or the hub), `hf:PATH`; needs the extra `hf`.

    `temperature` 1 is the model as it is. `batch_tokens` bounds a batch, padding included; it is halved where a GPU's
    memory does not hold it. `choices="words"` generates the answers to choices too.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        max_tokens: int = 256,
        choices: Literal["log-probabilities", "words"] = _BY_LOGPROBS,
        device: str | None = None,
        dtype: str = "auto",
        batch_tokens: int = 16_384,
    ) -> None:
        _check(temperature, top_p, max_tokens, choices)
        model, tokenizer = load(str(path), device, dtype)
        self.network, self.words = Network(model, tokenizer), Words(tokenizer)
        self.temperature, self.top_p, self.max_tokens = temperature, top_p, max_tokens
        self.choices, self.batch_tokens = choices, batch_tokens
        self.deterministic = temperature == 0
        given = (
            f"temperature={temperature:g}&top_p={top_p:g}&max_tokens={max_tokens}&choices={choices}"
        )
        self.model = f"hf:{identity(path, model)}?{given}"
        self.capabilities = Capabilities(logprobs=True, seeds=True)
        self._waiting: list[_Waiting] = []
        self._done: list[Response] = []

    # ---------------------------------------------------------------- answering
    def submit(self, requests: Sequence[Request]) -> None:
        if not requests:
            return
        prompts = self.words.prompts([r.thread.messages() for r in requests])
        longest = self.network.longest
        for request, tokens in zip(requests, prompts, strict=True):
            tails = self._tails(request.space)
            if longest is not None and len(tokens) + max(map(len, tails), default=1) > longest:
                why = f"the prompt has {len(tokens)} tokens, and the model reads at most {longest}"
                self._done.append(Response(request.key, "", why, len(tokens)))
                continue
            bucket = (bool(tails), int(4 * math.log2(len(tokens))))
            self._waiting.append(_Waiting(request, tokens, tails, bucket))

    def poll(self, block: bool) -> list[Response]:
        """Answer one batch of those that wait, so that what is computed is stored soon."""
        if self._waiting and not self._done:
            self._work(self._batch())
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Let go of the requests that still wait."""
        self._waiting.clear()

    def _tails(self, space: Space) -> tuple[Tail, ...]:
        if not isinstance(space, Choice) or self.choices != _BY_LOGPROBS:
            return ()
        return self._options(space.allowed)

    def _options(self, options: Sequence[str]) -> tuple[Tail, ...]:
        """The tokens of options; with the end of the answer where one begins another."""
        tails = tuple(self.words.tail(o) for o in options)
        begun = any(a != b and b[: len(a)] == a for a in tails for b in tails)
        ends = self.network.ends
        return tuple((*t, ends[0]) for t in tails) if begun and ends else tails

    def _batch(self) -> list[_Waiting]:
        """The oldest request and others of its kind and length, as many as a batch holds."""
        oldest = self._waiting[0]
        alike = [one for one in self._waiting if one.bucket == oldest.bucket]
        widest = max(map(self._size, alike))
        if widest * len(alike) > self.batch_tokens:
            # neighbours in this order begin alike, and what a batch begins with is read once
            alike.sort(key=lambda one: one.tokens)
            at = next(k for k, one in enumerate(alike) if one is oldest)
            alike = _first([*alike[at:], *alike[:at]], max(1, self.batch_tokens // widest))
        chosen = {id(one) for one in alike}
        self._waiting = [one for one in self._waiting if id(one) not in chosen]
        return alike

    def _size(self, one: _Waiting) -> int:
        """Tokens a request takes up: options of several tokens share a prompt, but not its place in memory."""
        long = sum(len(t) > 1 for t in one.tails)
        tail = max(map(len, one.tails), default=self.max_tokens)
        return (len(one.tokens) + tail) * max(1, long)

    def _work(self, batch: list[_Waiting]) -> None:
        import torch

        try:
            self._done += self._chosen(batch) if batch[0].tails else self._generated(batch)
        except torch.cuda.OutOfMemoryError:
            if len(batch) == 1:
                raise MoresError(
                    f"one prompt of {len(batch[0].tokens)} tokens does not fit into the memory of "
                    f"{self.network.model.device}; use a smaller model or shorter prompts"
                ) from None
            self.batch_tokens //= 2
            self._waiting = batch + self._waiting
            torch.cuda.empty_cache()
            self._work(self._batch())

    def _chosen(self, batch: list[_Waiting]) -> list[Response]:
        out = []
        scores = self._scores([one.tokens for one in batch], [one.tails for one in batch])
        for one, score in zip(batch, scores, strict=True):
            space = one.request.space
            assert isinstance(space, Choice)
            if self.deterministic:
                k = int(score.argmax())
            else:
                mass = shares(score, self.temperature).cumsum()
                k = int(np.searchsorted(mass, numbers(one.request.key, 1)[0] * mass[-1], "right"))
            tokens = len(one.tokens)
            out.append(
                Response(
                    one.request.key, space.allowed[k], None, tokens, len(one.tails[k]),
                    flags=(_BY_LOGPROBS,),
                )
            )  # fmt: skip
        return out

    def _scores(
        self, prompts: Sequence[Tokens], tails: Sequence[tuple[Tail, ...]]
    ) -> list[NDArray[np.float64]]:
        """Log-probabilities of tails; equal prompts are read once."""
        asked = [(tuple(p), t) for p, t in zip(prompts, tails, strict=True)]
        once = sorted(set(asked))
        found = self.network.log_probabilities([list(p) for p, _ in once], [t for _, t in once])
        by = dict(zip(once, found, strict=True))
        return [by[a] for a in asked]

    def _generated(self, batch: list[_Waiting]) -> list[Response]:
        longest = self.network.longest
        room = (
            self.max_tokens if longest is None else longest - max(len(one.tokens) for one in batch)
        )
        most = min(self.max_tokens, room)
        uniforms = np.stack([numbers(one.request.key, most) for one in batch])
        prompts = [one.tokens for one in batch]
        stop = not self.words.templated
        answers = self.network.generate(prompts, uniforms, self.temperature, self.top_p, stop)
        out = []
        for one, (tokens, ended) in zip(batch, answers, strict=True):
            text, thought = self.words.answer(tokens)
            free = isinstance(one.request.space, Utterance)
            # half a value may read as another one: better none
            fault = None if ended or (free and text) else f"cut after {most} tokens"
            flags = (_BY_WORDS,) if ended else (_BY_WORDS, "length")
            out.append(
                Response(
                    one.request.key, text, fault, len(one.tokens), len(tokens), flags=flags,
                    reasoning=thought,
                )
            )  # fmt: skip
        return out

    # ---------------------------------------------------------------- asking directly
    def generate(
        self, messages: Sequence[Message], space: Space | None = None, draws: int = 1
    ) -> list[Response]:
        return face.generate(self, messages, space, draws)

    def choose(self, messages: Sequence[Message], options: Sequence[str], draws: int = 1) -> Chosen:
        """Probabilities of the options; without draws, because they are computed."""
        return Chosen(tuple(options), self.choose_all([messages], options)[0], _BY_LOGPROBS)

    def choose_all(
        self, conversations: Sequence[Sequence[Message]], options: Sequence[str]
    ) -> NDArray[np.float64]:
        """Probabilities of the same options after each conversation [conversation, option]."""
        temperature = self.temperature or 1.0
        scores = self.score_all(conversations, self._options(options))
        return np.stack([shares(row, temperature) for row in scores])

    def score(self, messages: Sequence[Message], continuation: str) -> float:
        """The log-probability (natural) that the answer begins with `continuation`."""
        return float(self.score_all([messages], (self.words.tail(continuation),))[0, 0])

    def score_all(
        self, conversations: Sequence[Sequence[Message]], tails: tuple[Tail, ...]
    ) -> NDArray[np.float64]:
        """Log-probabilities of tails of tokens after each conversation [conversation, tail]."""
        prompts = self.words.prompts(conversations)
        width = max(map(len, tails))
        order = sorted(range(len(prompts)), key=lambda k: len(prompts[k]))
        out = np.empty((len(prompts), len(tails)))
        while order:
            size = (len(prompts[order[-1]]) + width) * (len(tails) if width > 1 else 1)
            n = max(1, self.batch_tokens // size)
            part, order = order[-n:], order[:-n]
            out[part] = self._scores([prompts[k] for k in part], [tails] * len(part))
        return out

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise MoresError(
            f"{self.model} makes no embeddings; use embedder=hashed, or an endpoint that serves an embedding model"
        )


def _check(temperature: float, top_p: float, max_tokens: int, choices: str) -> None:
    if not temperature >= 0:
        raise BadValue("temperature", temperature, "0 (the most likely) or more")
    if not 0 < top_p <= 1:
        raise BadValue("top_p", top_p, "a share above 0 and at most 1")
    if max_tokens < 1:
        raise BadValue("max_tokens", max_tokens, "at least 1")
    if choices not in (_BY_LOGPROBS, _BY_WORDS):
        raise BadValue("choices", choices, f"{_BY_LOGPROBS} or {_BY_WORDS}")


def _first(some: list[_Waiting], rows: int) -> list[_Waiting]:
    """The first that take up so many rows; equal prompts whose options are scored share one."""
    seen: set[tuple[object, ...]] = set()
    for k, one in enumerate(some):
        seen.add((tuple(one.tokens), one.tails) if one.tails else (k,))
        if len(seen) > rows:
            return some[:k]
    return some


def shares(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Log-probabilities as probabilities of the options at a temperature above 0."""
    scaled = (scores - scores.max()) / temperature
    raised = np.exp(scaled)
    out: NDArray[np.float64] = raised / raised.sum()
    return out


def numbers(key: bytes, count: int) -> NDArray[np.float64]:
    """Numbers in [0, 1) that belong to a request: the same request and draw, the same numbers."""
    seed = np.frombuffer(
        hashlib.blake2b(key, digest_size=16, person=b"hf draw").digest(), np.uint64
    )
    raw = np.random.Philox(key=seed).random_raw(count)
    drawn: NDArray[np.float64] = np.asarray(raw >> np.uint64(11), np.float64) * 2.0**-53
    return drawn


def identity(path: str | Path, model: object) -> str:
    """What tells a model from another: its name, and a hash of its files (hub: the commit)."""
    folder = Path(path)
    if not folder.is_dir():
        commit = getattr(getattr(model, "config", None), "_commit_hash", None) or "unknown"
        return f"{path}@{commit[:12]}"
    names = sorted(
        p
        for p in folder.iterdir()
        if p.suffix in (".json", ".safetensors", ".jinja", ".model", ".txt")
    )
    total = hashlib.blake2b(digest_size=6)
    for file in names:
        total.update(f"{file.name}\0{file.stat().st_size}\0".encode())
        total.update(_sampled(file))
    return f"{folder.resolve().name}@{total.hexdigest()}"


def _sampled(file: Path) -> bytes:
    """A file's bytes, of a large one evenly spread blocks: reading all of a large model would take minutes."""
    size = file.stat().st_size
    with file.open("rb") as f:
        if size <= 4 * _SAMPLES * _BLOCK:
            return hashlib.file_digest(f, "blake2b").digest()
        total = hashlib.blake2b()
        for k in range(_SAMPLES):
            f.seek(k * (size - _BLOCK) // (_SAMPLES - 1))
            total.update(f.read(_BLOCK))
        return total.digest()
