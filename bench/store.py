"""Store: bytes on disk of one dialogue of 400 turns: they grow with new text, not with the square of its length.

Beside it what keeping each prompt whole would take, as a log of requests does.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import mores
from _common import arguments, report, result
from _scene import Scene, talker
from mores import Mind, Population, Study
from mores.engine.store import Store


def stored(turns: int) -> tuple[int, int, int]:
    """Bytes of the store, of all prompts written out, and of the replies alone."""
    study = Study.of(Scene(turns=turns), Population.all(Mind()), replicates=1, name="store")
    with tempfile.TemporaryDirectory() as place:
        mores.run(study, out=Path(place) / "run", models={"players": talker()})
        store = Store(Path(place) / "run" / "store.sqlite")
        store.db.execute("pragma wal_checkpoint(truncate)")
        size = (Path(place) / "run" / "store.sqlite").stat().st_size
        whole = said = 0
        for _, node, _, _, _, text, *_ in store.all():
            whole += sum(len(m["content"].encode()) for m in store.messages(node))
            said += len(text.encode())
        store.close()
    return size, whole, said


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--turns", type=int, default=400)
    args = parser.parse_args()
    half, _, _ = stored(args.turns // 2)
    size, whole, said = stored(args.turns)
    growth = size / half
    report(
        [result(f"store, {args.turns} turns", size / args.turns, "bytes a turn", peer=whole / args.turns,
                goal="twice the turns, at most 2.2 times the bytes", met=growth <= 2.2, growth=growth,
                bytes_of_replies=said / args.turns, peer_is="every prompt kept whole")],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
