"""Faults: what a hostile endpoint does, how often, drawn per request and attempt.

`KIND:SHARE,KIND:SHARE` orders faults by name; `mixed:SHARE` is the transport faults (:data:`MIXED`)
in equal shares. The same seed draws the same fault for the same attempt at the same request.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mores.errors import BadValue, UnknownName

MIXED = (
    "429",
    "429-bare",
    "500",
    "502",
    "503",
    "cut-before",
    "cut-in",
    "cut-after",
    "truncated-json",
    "empty-choices",
    "null-content",
    "stall",
)
"""The transport faults that `mixed` draws from."""
KINDS: dict[str, str] = {
    "429": "too many requests, with Retry-After: 1",
    "429-bare": "too many requests, without Retry-After",
    "500": "internal server error",
    "502": "bad gateway, a page of HTML",
    "503": "service unavailable",
    "cut-before": "the connection ends before any header",
    "cut-in": "the connection ends in the headers",
    "cut-after": "the connection ends after the headers, in the body",
    "truncated-json": "a whole response whose JSON ends half-way",
    "empty-choices": "no choices",
    "null-content": "a message without content",
    "stall": "the answer comes two seconds late",
    "hang": "no answer, ever",
    "slow": "the answer trickles in over a second",
    "invalid-json": "a status of 200 and a page of HTML",
    "wrong-model": "another model answers",
    "refusal": "the model declines, in the field for it",
    "filter": "a content filter ends the answer",
    "truncated-text": "the model's text is cut at a length",
    "long": "an answer of a hundred thousand characters more",
    "non-utf8": "bytes that are not UTF-8 inside the answer",
    "double-usage": "the usage is there twice",
    "rate-limit": "for two seconds nearly everything is refused",
}
"""Every kind, and what the client sees."""


class Dice:
    """Chance from a key: a run of numbers that only the key decides."""

    __slots__ = ("at", "key", "words")

    def __init__(self, *key: object) -> None:
        self.key = "\0".join(map(str, key)).encode("utf-8", "replace")
        self.words: list[int] = []
        self.at = 0

    def word(self) -> int:
        """The next 64 random bits."""
        if not self.words:
            h = hashlib.blake2b(self.key, digest_size=64, salt=self.at.to_bytes(16, "little"))
            raw = h.digest()
            self.words = [int.from_bytes(raw[i : i + 8], "little") for i in range(0, 64, 8)]
            self.at += 1
        return self.words.pop()

    def unit(self) -> float:
        """A number in [0, 1)."""
        return (self.word() >> 11) * 2.0**-53

    def below(self, n: int) -> int:
        """A whole number in 0..n-1."""
        return self.word() % n


@dataclass(frozen=True)
class Faults:
    """Which faults happen, and in what share of attempts each."""

    shares: tuple[tuple[str, float], ...] = ()

    @classmethod
    def of(cls, spec: str) -> Faults:
        """Read `KIND:SHARE,...`; raises UnknownName and BadValue."""
        shares: dict[str, float] = {}
        for part in filter(None, (p.strip() for p in spec.split(","))):
            kind, _, share = part.rpartition(":")
            kind = kind.replace("_", "-")
            if kind not in KINDS and kind != "mixed":
                raise UnknownName("fault", kind or part, [*KINDS, "mixed"], "Write KIND:SHARE.")
            each = _share(part, share)
            for one in MIXED if kind == "mixed" else (kind,):
                more = each / len(MIXED) if kind == "mixed" else each
                shares[one] = shares.get(one, 0.0) + more
        if sum(shares.values()) > 1 + 1e-9:
            raise BadValue("--faults", spec, "shares that sum to at most 1")
        return cls(tuple(shares.items()))

    def draw(self, dice: Dice) -> str | None:
        """What happens to one attempt; None: nothing."""
        u = dice.unit()
        for kind, share in self.shares:
            u -= share
            if u < 0:
                return kind
        return None


def _share(part: str, share: str) -> float:
    try:
        value = float(share)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadValue("--faults", part, "KIND:SHARE with a share from 0 to 1")
    return value
