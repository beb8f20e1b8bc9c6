"""Startup: how long `import mores` and `mores --help` take, and what importing loads."""

from __future__ import annotations

import json
import subprocess
import sys

from _common import arguments, median_seconds, report, result

HEAVY = (
    "scipy",
    "pandas",
    "polars",
    "duckdb",
    "altair",
    "torch",
    "transformers",
    "pyarrow",
    "pydantic",
)
PROBE = f"import mores, sys, json; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"


def seconds(*code: str) -> float:
    """The median wall time of a fresh interpreter, less that of one that does nothing."""
    return median_seconds(
        lambda: subprocess.run([sys.executable, *code], check=True, capture_output=True), 7
    )


def main() -> None:
    """Measure and print."""
    args = arguments(__doc__).parse_args()
    bare = seconds("-c", "pass")
    ours = seconds("-c", "import mores") - bare
    engine = seconds("-c", "import mores; mores.run") - bare
    numpy = seconds("-c", "import numpy") - bare
    done = subprocess.run([sys.executable, "-c", PROBE], check=True, capture_output=True, text=True)
    loaded = json.loads(done.stdout)
    helped = seconds("-m", "mores", "--help") - bare
    report(
        [
            result("import mores", ours, "s", peer=numpy, goal="<= 0.3 s, nothing heavy loaded",
                   met=ours <= 0.3 and not loaded, loaded=loaded, peer_is="import numpy"),
            result("import mores and its engine", engine, "s", peer=numpy, peer_is="import numpy"),
            result("mores --help", helped, "s", goal="none"),
        ],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
