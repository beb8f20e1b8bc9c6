"""Quoting: what others wrote, as data in a prompt, so that it can be read and cannot be obeyed as structure.

Names, utterances, persona texts and what models thought are put into prompts and logs. :func:`quote` makes
of any text one line between delimiters that it cannot close, :func:`block` several lines of which each is marked, and
:func:`name` a label that can stand bare in a sentence. Line breaks, control and direction characters, the
special tokens of chat templates and headers such as `system:` lose their effect; everything else stays readable. A
model may still be persuaded by what it reads: quoting keeps the prompt's structure, not the reader's judgement.
"""

from __future__ import annotations

import re
import unicodedata

OPEN, CLOSE = "«", "»"
"""The delimiters; inside a quotation they become ‹ and ›."""
MARK = "| "
"""What every line of a block begins with."""

_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_JOINERS = "\u200c\u200d"  # scripts and emoji need them
# fullwidth forms count too: some tokenizers fold them
_SPECIAL = re.compile(
    r"(?<=[<＜])(?=[|｜/]|\s*(?:s|bos|eos|pad|unk|mask|sys|tool|think|im_|eot|start_of_turn|end_of_turn)\b)"
    r"|(?<=[|｜])(?=[>＞])"
    r"|(?<=<)(?=<)|(?<=>)(?=>)"
    r"|(?<=\[)(?=/?(?:INST|SYS|SYSTEM|AVAILABLE_TOOLS|TOOL))",
    re.IGNORECASE,
)
_ROLES = (
    "system",
    "assistant",
    "user",
    "developer",
    "tool",
    "human",
    "instruction",
    "instructions",
)
_HEADER = re.compile(r"(?i)^([\s#>*_\-|\"'`]*(?:" + "|".join(_ROLES) + r")[\s*_\"'`]*)[:：]")


def quote(text: str, limit: int | None = None) -> str:
    """A text as one line between « and »; with `limit`, at most that many of its characters, cut visibly."""
    one_line = " / ".join(part for line in _lines(text) if (part := " ".join(line.split())))
    safe = _delimited(_shortened(one_line, limit))
    return f"{OPEN}{safe}{CLOSE}"


def block(text: str, limit: int | None = None) -> str:
    """A longer text, each of its lines behind a mark, so that none can pass for a line of the prompt."""
    lines = [_delimited(line.rstrip()) for line in _lines(_shortened(text, limit))]
    return "\n".join(MARK + line for line in lines)


def name(text: str, words: int = 4, limit: int = 40) -> str:
    """A name that can stand bare in a sentence: letters, digits, hyphens and apostrophes, a few words of them.

    Anything else becomes a space; empty where nothing is left, or only the name of a role in chats (system, user).
    Different names can become equal (who needs them to
    differ has to check), and a name may still read like a sentence: where that matters, :func:`quote` it.
    """
    text = unicodedata.normalize("NFC", text)
    kept = "".join(
        c if c.isalnum() or unicodedata.combining(c) or c in "-'’" else " " for c in text
    )
    found = " ".join(kept.split()[:words])[:limit].strip()
    return "" if found.casefold() in _ROLES else found


def _lines(text: str) -> list[str]:
    """The lines of a text without what could act: controls, special tokens, headers."""
    return [_header(_SPECIAL.sub(" ", _printable(line))) for line in _BREAKS.split(text)]


def _printable(line: str) -> str:
    """A line without control, format and half characters; tabs become spaces."""
    return "".join(
        " " if c == "\t" else c
        for c in line
        if c in _JOINERS
        or c == "\t"
        or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
    )


def _header(line: str) -> str:
    """A line that does not begin like a message of a chat: `system:` becomes `system -`."""
    return _HEADER.sub(r"\1 -", line)


def _delimited(text: str) -> str:
    return text.replace(OPEN, "‹").replace(CLOSE, "›")


def _shortened(text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit]}... ({len(text) - limit} more characters)"
