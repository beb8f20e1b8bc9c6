"""Words of models in process: conversations and options as the tokens of one model.

A model's own chat template is used where it has one. Without one the messages are written plainly, and an
answer ends where the next heading would begin::

    ### instructions
    You are player 1 ...

    ### question
    Round 1 of 10. Do you choose J or F?

    ### answer

What was said is data: where it spells one of the model's control tokens, or a heading of the plain form, it is
taken apart by a space, so that no utterance can end its own message or begin another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from mores.models.face import Message

Tokens = list[int]
STOP = "\n###"
"""Ends an answer in the plain form."""
_HEADINGS = {"system": "### instructions", "user": "### question", "assistant": "### answer"}
_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)


class Words:
    """A tokenizer, and how conversations are put to it."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.templated = bool(tokenizer.chat_template)
        control = {str(t) for t in tokenizer.added_tokens_decoder.values() if t.special}
        control |= {t for t in tokenizer.all_special_tokens if t}
        listed = "|".join(re.escape(t) for t in sorted(control, key=len, reverse=True))
        self._control = re.compile(listed) if control else None
        self.tail = lru_cache(maxsize=65_536)(self._tail)
        """Tokens of a continuation as they follow a prompt."""

    def text(self, messages: Sequence[Message]) -> str:
        """A conversation up to where the model's answer begins."""
        said = [{"role": m["role"], "content": self.harmless(str(m["content"]))} for m in messages]
        if self.templated:
            return self._templated(said)
        parts = [f"{_HEADINGS[m['role']]}\n{m['content']}" for m in said]
        return "\n\n".join([*parts, _HEADINGS["assistant"] + "\n"])

    def prompts(self, conversations: Sequence[Sequence[Message]]) -> list[Tokens]:
        """The tokens of conversations, each up to where the answer begins."""
        return self._encode([self.text(c) for c in conversations])

    def harmless(self, said: str) -> str:
        """Words that cannot be taken for structure."""
        if self._control is not None:
            said = self._control.sub(lambda m: f"{m[0][0]} {m[0][1:]}", said)
        return said if self.templated else re.sub(r"(?m)^###", " ###", said)

    def answer(self, tokens: Tokens) -> tuple[str, str | None]:
        """Generated tokens as the answer, and what a reasoning model thought before it."""
        text: str = self.tokenizer.decode(tokens, skip_special_tokens=True)
        if not self.templated:
            text = text.split(STOP)[0]
        thought = _THOUGHT.match(text) if "</think>" in text else None
        if thought is None:
            return text.strip(), None
        return text[thought.end() :].strip(), thought[1].strip()

    def _templated(self, said: list[Message]) -> str:
        from jinja2 import TemplateError

        render = self.tokenizer.apply_chat_template
        try:
            out: str = render(said, tokenize=False, add_generation_prompt=True)
        except TemplateError:  # some templates know no system message: it opens the first question
            first, rest = said[0], said[1:]
            if first["role"] != "system" or not rest or rest[0]["role"] != "user":
                raise
            joined = {"role": "user", "content": f"{first['content']}\n\n{rest[0]['content']}"}
            out = render([joined, *rest[1:]], tokenize=False, add_generation_prompt=True)
        return out

    def _encode(self, texts: list[str]) -> list[Tokens]:
        # templates write the beginning of a text themselves
        read = self.tokenizer(texts, add_special_tokens=not self.templated, verbose=False)
        found: list[Tokens] = read["input_ids"]
        end = self.tokenizer.eos_token_id
        return [t[:-1] if t and t[-1] == end and not self.templated else t for t in found]

    def _tail(self, continuation: str) -> tuple[int, ...]:
        before = self.text([{"role": "user", "content": "?"}])
        short, long = self._encode([before, before + continuation])
        if long[: len(short)] == short and len(long) > len(short):
            return tuple(long[len(short) :])
        # the border merges into one token, or the tokenizer marks beginnings: take the words alone
        alone: Tokens = self.tokenizer(continuation, add_special_tokens=False)["input_ids"]
        return tuple(alone)
