"""Face: what every model can be asked, and what it says it can do.

Minds ask through the engine (:class:`~mores.engine.asking.Answerer`). Judges, embedders and measures of
people's choices also ask directly: :class:`Model` adds `generate`, `choose`, `score` and `embed`. What a model
cannot do is done another way where there is one, and the answer says which way it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mores.actions import Choice, Space, Utterance
from mores.engine.asking import Answerer, Request, Response
from mores.errors import MoresError
from mores.thread import Thread, digest

Message = dict[str, Any]
"""`role` and `content`, as chat endpoints take them."""
Way = Literal["log-probabilities", "schema", "words"]


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a model can do."""

    logprobs: bool = False
    """Log-probabilities of options."""
    schema: bool = False
    """Decoding constrained by a JSON schema."""
    seeds: bool = False
    images: bool = False
    tools: bool = False
    hooks: bool = False
    """Activations can be read and changed."""
    embeddings: bool = False


@dataclass(frozen=True)
class Chosen:
    """Probabilities of options [option], how they were found, and from how many draws."""

    options: tuple[str, ...]
    probabilities: NDArray[np.float64]
    way: Way
    draws: int = 0
    missing: int = 0
    """Draws that could not be read; they are in no probability."""


@runtime_checkable
class Model(Answerer, Protocol):
    """An answerer that can also be asked directly."""

    capabilities: Capabilities

    def generate(
        self, messages: Sequence[Message], space: Space | None = None, draws: int = 1
    ) -> list[Response]:
        """Replies to a conversation: free text, or an answer of a space."""

    def choose(self, messages: Sequence[Message], options: Sequence[str], draws: int = 1) -> Chosen:
        """How likely each option is as the answer."""

    def score(self, messages: Sequence[Message], continuation: str) -> float:
        """The log-probability (natural) of a continuation; raises MoresError where the model gives none."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector a text [text, dimension]; raises MoresError where the model makes none."""


def thread_of(messages: Sequence[Message]) -> Thread:
    """Chat messages as a thread."""
    thread: Thread | None = None
    for message in messages:
        thread = Thread(thread, message["role"], str(message["content"]))
    if thread is None:
        raise MoresError("a conversation needs at least one message")
    return thread


def generate(
    answerer: Answerer, messages: Sequence[Message], space: Space | None = None, draws: int = 1
) -> list[Response]:
    """Ask any answerer directly and wait; replies in the order of their draws."""
    thread, space = thread_of(messages), space or Utterance(100_000)
    requests = []
    for k in range(draws):
        draw = f"direct/{k}"
        key = digest(answerer.model.encode(), thread.hash, space.key, draw.encode())
        requests.append(Request(key, thread, space, "direct", draw))
    answerer.submit(requests)
    found: dict[bytes, Response] = {}
    while len(found) < draws:
        found.update((r.key, r) for r in answerer.poll(True))
    return [found[r.key] for r in requests]


def choose_by_draws(
    answerer: Answerer, messages: Sequence[Message], options: Sequence[str], draws: int, way: Way
) -> Chosen:
    """Shares of the options among repeated draws; NaN where none could be read."""
    space = Choice(*options)
    replies = generate(answerer, messages, space, draws)
    read = [None if r.fault is not None else space.parse(r.text)[0] for r in replies]
    counts = Counter(k for k in read if k is not None)
    total = sum(counts.values())
    shares = [counts[k] / total if total else np.nan for k in range(len(options))]
    return Chosen(tuple(options), np.array(shares), way, draws, draws - total)
