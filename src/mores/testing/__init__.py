"""Testing: does a world, an institution or a policy keep its contract?

For those who write parts of their own: `check_world(MyWorld())`, `check_institution(MyInstitution)` and
`check_policy(MyPolicy())` raise :class:`ContractBroken`, which says what is broken and where. `transcript` is a game
move by move in words, and `compare_golden` holds it to a file. Strategies for Hypothesis are in
`mores.testing.strategies`. `Endpoint` is an OpenAI-compatible server with faults on order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mores.testing.contract import ContractBroken
from mores.testing.institutions import PassThrough, check_institution
from mores.testing.loop import Move, Table, Tables, play, record
from mores.testing.policies import check_policy
from mores.testing.rules import Sampler, Silent
from mores.testing.transcripts import compare_golden, transcript
from mores.testing.worlds import check_world

if TYPE_CHECKING:
    from mores.testing.endpoint import Endpoint

__all__ = [
    "ContractBroken",
    "Endpoint",
    "Move",
    "PassThrough",
    "Sampler",
    "Silent",
    "Table",
    "Tables",
    "check_institution",
    "check_policy",
    "check_world",
    "compare_golden",
    "play",
    "record",
    "transcript",
]


def __getattr__(name: str) -> Any:
    # late, so that `python -m mores.testing.endpoint` finds its module not yet imported
    if name == "Endpoint":
        from mores.testing.endpoint import Endpoint

        return Endpoint
    raise AttributeError(name)
