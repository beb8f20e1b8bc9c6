"""The study of talk: utterances, words, silence and leaving."""

from __future__ import annotations

import mores
from mores.catalogue.talk import talk
from mores.design import resolve
from mores.models.scripted import scripted


def test_the_anchors() -> None:
    """Who stays fills all turns; who leaves after three says six in all."""
    found = {
        (e.metric, e.condition["population"]): e.value
        for e in mores.run(talk(replicates=2)).estimates
    }
    assert found["utterances", "talker"] == 20 and found["left", "talker"] == 0
    assert found["utterances", "talker:stay=3"] == 6 and found["left", "talker:stay=3"] == 1
    assert found["words", "talker"] == 3.2 and found["silence", "talker"] == 0


def test_a_silent_model() -> None:
    """Nothing is said, all is silence, and words have no mean."""
    study = resolve("talk", {"population": "mind", "turns": "4", "replicates": "2"})
    record = mores.run(study, models={"players": scripted("silent")})
    found = {e.metric: e for e in record.estimates}
    assert found["utterances"].value == 0 and found["silence"].value == 1
    assert found["words"].n == 0 and found["words"].missing == 2
