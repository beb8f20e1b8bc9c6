"""Keys: found in the environment or a `.env`, sent to the endpoint, and shown nowhere.

`MORES_KEY_<HOST>` (the host in capitals, all else `_`: `MORES_KEY_API_EXAMPLE_COM`) goes first, with the
port appended where there is one; then the vendor's own variable; then `OPENAI_API_KEY`, for its own host and
for servers on this machine. A key is never sent to a host that it was not given for.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

VENDORS: dict[str, str] = {
    "api.openai.com": "OPENAI_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.together.xyz": "TOGETHER_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
}
"""Hosts of OpenAI-compatible services and the variables that they name in their manuals."""
HIDDEN = "[key]"
_SHORTEST = 6  # a shorter one, such as "none" for a server without keys, is no secret
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")


def env_file(path: Path) -> dict[str, str]:
    """The variables of a `.env`: NAME=VALUE a line, quotes and `export` allowed, `#` begins a comment."""
    out: dict[str, str] = {}
    if not path.is_file():
        return out
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _LINE.match(line)
        if found is None or line.lstrip().startswith("#"):
            continue
        name, value = found[1], found[2]
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = re.sub(r"\s+#.*$", "", value)
        out[name] = value
    return out


def key_for(
    url: str, env: Mapping[str, str] | None = None, folder: Path | None = None
) -> str | None:
    """The key for an endpoint, or None; the environment goes before the `.env` of the folder."""
    known = {**env_file((folder or Path.cwd()) / ".env"), **(os.environ if env is None else env)}
    for name in names(url):
        if known.get(name):
            return known[name].strip()
    return None


def names(url: str) -> list[str]:
    """The variables that may hold the key for an endpoint, the most particular first."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    word = "MORES_KEY_" + re.sub(r"\W", "_", host).upper()
    out = [f"{word}_{parts.port}"] if parts.port else []
    out.append(word)
    if host in VENDORS:
        out.append(VENDORS[host])
    elif local(host):
        out.append("OPENAI_API_KEY")
    return out


def local(host: str) -> bool:
    """Whether a host is this machine or in a private network: a server that queues what it cannot take."""
    if host == "localhost" or host.endswith((".local", ".internal")):
        return True
    if "." not in host and ":" not in host:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def redact(text: str, key: str | None) -> str:
    """The text without the key."""
    if not key or len(key) < _SHORTEST or key not in text:
        return text
    return text.replace(key, HIDDEN)
