"""Prefixes: how much of what is sent repeats what was sent before, from the first character on.

Servers keep what they computed for the beginnings of prompts (prefix caching in vLLM, SGLang and llama.cpp, "cached
input" of vendors) and serve equal beginnings from it. They do so in whole blocks of tokens; so does the meter here, in
characters, because tokens differ from model to model. It counts what an endless cache could serve: a real one forgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mores.errors import BadValue
from mores.thread import Thread

BLOCK = 16
"""Characters a block: about four tokens of English, so the share is rounded down by half a block a prompt."""
_PAGE = 64  # blocks that are looked up as one


class PrefixMeter:
    """Counts, prompt by prompt, the characters that some earlier prompt began with as well.

    It keeps one number for every block that was new, and no text. Prompts of different models do not share: use
    one meter for each.
    """

    def __init__(self, block: int = BLOCK) -> None:
        if block < 1:
            raise BadValue("block", block, "at least 1 character")
        self.block = block
        self.characters = 0
        """Characters sent so far."""
        self.cacheable = 0
        """Those of them that an earlier prompt began with."""
        self._seen: set[int] = set()

    def add(self, prompt: Thread | Sequence[Mapping[str, str]]) -> int:
        """Count one prompt, a thread or its messages; how many of its characters were cacheable."""
        text = rendered(prompt)
        page = self.block * _PAGE
        found, known, last = 0, True, 0
        for start in range(0, len(text), page):
            # a page is known by itself and all before it; what is in it is looked at only where it is new
            part = text[start : start + page]
            before, last = last, hash((last, part))
            if len(part) == page and last in self._seen:
                found += page if known else 0
                continue
            matched = self._blocks(before, part, known)
            found += matched
            known = known and matched == len(part)
            self._seen.add(last)
        self.characters += len(text)
        self.cacheable += found
        return found

    def _blocks(self, before: int, part: str, known: bool) -> int:
        """Take in the blocks of a page; how many of its characters, from its first on, were known."""
        found, last = 0, before
        for start in range(0, len(part), self.block):
            block = part[start : start + self.block]
            last = hash((last, block, "block"))
            if last in self._seen:
                found += len(block) if known else 0
            else:
                known = False
                self._seen.add(last)
        return found

    @property
    def share(self) -> float:
        """Cacheable characters by all characters; NaN before the first prompt."""
        return self.cacheable / self.characters if self.characters else float("nan")


def rendered(prompt: Thread | Sequence[Mapping[str, str]]) -> str:
    """A prompt as one text, each message behind its role, as chat templates put it."""
    messages = prompt.messages() if isinstance(prompt, Thread) else prompt
    return "".join(f"{m['role']}\n{m['content']}\n" for m in messages)


def cacheable_share(
    threads: Iterable[Thread | Sequence[Mapping[str, str]]], block: int = BLOCK
) -> float:
    """The share of prompt characters that an earlier prompt began with; prompts in the order in which they were sent.

    Between 0 and 1; NaN where nothing was sent.
    """
    meter = PrefixMeter(block)
    for thread in threads:
        meter.add(thread)
    return meter.share
