"""Take a picture of a page on disk as a reader sees it: at any width, in the light or in the dark.

    python tools/screenshot.py runs/donor/report.html --width 390 --out phone.png
    python tools/screenshot.py runs/donor/report.html --from 900 --height 700 --dark

Needs chromium (or google-chrome) on the path. The page is framed, so that widths below a window's least are real.
"""

from __future__ import annotations

import argparse
import html
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LIMIT = 16_000
"""Pixels a picture may be high: browsers draw no higher."""


def browser() -> str:
    """The browser's program; exits where there is none."""
    for name in BROWSERS:
        found = shutil.which(name)
        if found:
            return found
    sys.exit(f"none of {', '.join(BROWSERS)} is on the path; install one")


def framed(page: str, width: int, start: int, height: int) -> str:
    """An outer page that shows a strip of `page`, and tells its whole height."""
    return f"""<!doctype html><meta charset="utf-8">
<style>body{{margin:0}}div{{height:{height}px;overflow:hidden}}iframe{{border:0;display:block;margin-top:-{start}px}}</style>
<div><iframe width="{width}" height="{LIMIT * 4}" srcdoc="{html.escape(page)}"></iframe></div>
<script>onload=()=>{{const d=document.querySelector("iframe").contentDocument;
document.body.dataset.width=d.documentElement.scrollWidth;document.body.dataset.height=d.body.scrollHeight}}</script>"""


def ask(program: str, page: str, dark: bool, *flags: str) -> str:
    """Run the browser on a page given as text; what it prints."""
    with tempfile.TemporaryDirectory(prefix="screenshot-") as place:
        file = Path(place, "page.html")
        file.write_text(page, encoding="utf-8")
        scheme = ("--blink-settings=preferredColorScheme=0",) if dark else ()
        words = [
            program,
            *FLAGS,
            f"--user-data-dir={place}/profile",
            *scheme,
            *flags,
            file.as_uri(),
        ]
        return subprocess.run(words, capture_output=True, text=True, check=True, timeout=120).stdout


def size(program: str, page: str, width: int) -> tuple[int, int]:
    """How wide and high the page is when it is shown `width` wide: wider than that means it overflows."""
    dom = ask(
        program, framed(page, width, 0, 100), False, "--dump-dom", "--virtual-time-budget=3000"
    )
    found = re.search(r'data-width="(\d+)" data-height="(\d+)"', dom)
    if found is None:
        sys.exit("the browser did not lay out the page")
    return int(found[1]), int(found[2])


def main() -> None:
    """Read the command line and take the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=0, help="0: to the end of the page")
    parser.add_argument(
        "--from", dest="start", type=int, default=0, help="pixels left out at the top"
    )
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("screenshot.png"))
    given = parser.parse_args()
    program, page = browser(), given.file.read_text(encoding="utf-8")
    wide, high = size(program, page, given.width)
    height = min(given.height or high - given.start, LIMIT)
    window = f"--window-size={max(given.width, 500)},{height}"
    shot = f"--screenshot={given.out.resolve()}"
    scale = f"--force-device-scale-factor={given.scale}"
    ask(program, framed(page, given.width, given.start, height), given.dark, window, shot, scale)
    print(f"{given.out}: {given.width} of {wide} px wide, {height} of {high} px high")


if __name__ == "__main__":
    main()
