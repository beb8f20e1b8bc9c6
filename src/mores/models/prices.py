"""Prices: what a call costs, from a dated table; an unknown price is None, never a guess."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from mores.errors import BadValue

_MILLION = 1e6


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens read and written, who says so, and when it was read."""

    prompt: float
    completion: float
    source: str = ""
    read: date | None = None

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """US dollars for so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION


@dataclass(frozen=True)
class Prices:
    """The prices of models by name."""

    table: Mapping[str, Price]
    as_of: date | None = None

    @classmethod
    def known(cls, own: Path | None = None) -> Prices:
        """The shipped table, under the user's own (`own`, or the file that MORES_PRICES names)."""
        shipped = cls.read(
            files("mores.models").joinpath("prices.toml").read_text("utf-8"), "prices.toml"
        )
        named = os.environ.get("MORES_PRICES")
        own = own or (Path(named) if named else None)
        if own is None:
            return shipped
        if not own.is_file():
            raise BadValue(
                "MORES_PRICES", str(own), "a file that is there, in the form of prices.toml"
            )
        mine = cls.read(own.read_text("utf-8"), str(own))
        return cls({**shipped.table, **mine.table}, mine.as_of or shipped.as_of)

    @classmethod
    def read(cls, text: str, name: str) -> Prices:
        """A table from TOML; raises BadValue with the entry that is wrong."""
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadValue("prices", name, f"TOML ({error})") from None
        table = {model: _price(model, entry) for model, entry in found.get("models", {}).items()}
        return cls(table, found.get("as_of"))

    def of(self, model: str) -> Price | None:
        """The price of a model by its name in the call store (parameters after `?` do not count); None: unknown."""
        name = model.partition("?")[0]
        if name in self.table:
            return self.table[name]
        begun = [k for k in self.table if k.endswith("*") and name.startswith(k[:-1])]
        return self.table[max(begun, key=len)] if begun else None


def _price(model: str, entry: Any) -> Price:
    try:
        prompt, completion = float(entry["prompt"]), float(entry["completion"])
        if not (prompt >= 0 and completion >= 0):
            raise ValueError("below zero")
    except (KeyError, TypeError, ValueError) as error:
        allowed = "prompt and completion, in dollars per million tokens, both at least 0"
        raise BadValue(f'models."{model}"', entry, f"{allowed} ({error})") from None
    return Price(prompt, completion, str(entry.get("source", "")), entry.get("read"))
