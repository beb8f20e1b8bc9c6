"""Mores: a laboratory for social alignment. Simulate societies, measure them against people, align, measure again.

Importing does nothing and is quick: names are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_WHERE = {
    "run": "mores.engine.run",
    "replay": "mores.engine.replay",
    "play": "mores.engine.episode",
    "Episode": "mores.engine.episode",
    "Record": "mores.record",
    "Study": "mores.study",
    "Case": "mores.study",
    "Probe": "mores.study",
    "Intervention": "mores.study",
    "Population": "mores.population",
    "World": "mores.world",
    "Turn": "mores.world",
    "Events": "mores.world",
    "Outcome": "mores.world",
    "Institution": "mores.institution",
    "Ask": "mores.agent",
    "Reply": "mores.agent",
    "Mind": "mores.agent",
    "Rule": "mores.agent",
    "Persona": "mores.agent",
    "Choice": "mores.actions",
    "Amount": "mores.actions",
    "Allocation": "mores.actions",
    "Ranking": "mores.actions",
    "Utterance": "mores.actions",
    "OneOf": "mores.actions",
    "Form": "mores.actions",
    "Instrument": "mores.instrument",
    "Item": "mores.instrument",
    "Metric": "mores.metric",
    "Estimate": "mores.metric",
    "Reference": "mores.metric",
    "Aligner": "mores.aligner",
    "MoresError": "mores.errors",
}
__all__ = [
    "Aligner",
    "Allocation",
    "Amount",
    "Ask",
    "Case",
    "Choice",
    "Episode",
    "Estimate",
    "Events",
    "Form",
    "Institution",
    "Instrument",
    "Intervention",
    "Item",
    "Metric",
    "Mind",
    "MoresError",
    "OneOf",
    "Outcome",
    "Persona",
    "Population",
    "Probe",
    "Ranking",
    "Record",
    "Reference",
    "Reply",
    "Rule",
    "Study",
    "Turn",
    "Utterance",
    "World",
    "__version__",
    "play",
    "replay",
    "run",
]

if TYPE_CHECKING:
    from mores.actions import Allocation, Amount, Choice, Form, OneOf, Ranking, Utterance
    from mores.agent import Ask, Mind, Persona, Reply, Rule
    from mores.aligner import Aligner
    from mores.engine.episode import Episode, play
    from mores.engine.replay import replay
    from mores.engine.run import run
    from mores.errors import MoresError
    from mores.institution import Institution
    from mores.instrument import Instrument, Item
    from mores.metric import Estimate, Metric, Reference
    from mores.population import Population
    from mores.record import Record
    from mores.study import Case, Intervention, Probe, Study
    from mores.world import Events, Outcome, Turn, World


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'mores' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
