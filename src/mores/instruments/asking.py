"""Ask: an instrument put to respondents outside any society; the same path as a probe inside one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mores import registry
from mores.agent import Mind, Policy
from mores.engine.asking import Answerer
from mores.engine.run import run
from mores.errors import BadValue, UnknownName
from mores.instrument import Instrument
from mores.instruments.respondents import ConstantRespondent, RandomRespondent
from mores.population import Population
from mores.record import Record
from mores.study import Case, Probe, Study
from mores.worlds.questionnaire import Questionnaire

Respondent = str | Policy | Population


def ask(
    instrument: Instrument | str = "fairness",
    respondent: Respondent = "random",
    *,
    n: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    models: Mapping[str, Answerer] | None = None,
    workers: int = 1,
) -> Record:
    """Put an instrument to `n` respondents and score what they say; the record is like that of any run.

    `respondent` is a policy, a population of one seat, or a specification: `random`, `constant:ANSWER`,
    any policy (`fair`, `trait-giver`), `person` (at the terminal), `scripted:NAME` (a scripted model) or
    `mind` (whoever `models` says). `n` is 100 unless said, 1 for a person. Raises UnknownName for an
    instrument or respondent that does not exist.
    """
    if n is None:
        n = 1 if respondent == "person" else 100
    design = study(instrument, respondent, n)
    command: dict[str, Any] = {}
    if isinstance(instrument, str) and isinstance(respondent, str):
        settings = {"instrument": instrument, "respondent": respondent, "n": str(n)}
        command = {"study": "mores.instruments.asking:study", "settings": settings, "vary": {}}
    answerers = models if models is not None else _models(respondent)
    return run(design, out=out, seed=seed, workers=workers, models=answerers, command=command)


def study(
    instrument: Instrument | str = "fairness", respondent: Respondent = "random", n: int = 100
) -> Study:
    """The design of asking: every respondent sits alone, nothing happens, the instrument is put."""
    if n < 1:
        raise BadValue("n", n, "at least 1 respondent")
    put = made(instrument)
    people = population(respondent)
    label = respondent if isinstance(respondent, str) else people.policies[0].label
    case = Case(
        world=Questionnaire(),
        population=people,
        condition={"respondent": label},
        probes=(Probe(name=put.name, instrument=put, end=True),),
    )
    return Study(
        name=f"ask-{put.name}",
        cases=(case,),
        replicates=n,
        metrics=tuple(put.metrics()),
        summary=(type(put).__doc__ or "").strip().split("\n", 1)[0],
        source=put.source,
        expect="nothing",
        notes=("A few items of our own stand for a larger instrument.",) if put.sample_only else (),
    )


def made(instrument: Instrument | str) -> Instrument:
    """An instrument, by name if it is a text."""
    if isinstance(instrument, Instrument):
        return instrument
    found = registry.load("instrument", instrument)()
    assert isinstance(found, Instrument)
    return found


def population(respondent: Respondent) -> Population:
    """Who answers, from a specification."""
    if isinstance(respondent, Population):
        return respondent
    if isinstance(respondent, Policy):
        return Population.all(respondent)
    return Population.all(_policy(respondent))


def _policy(spec: str) -> Policy:
    head, _, rest = spec.partition(":")
    if spec == "random":
        return RandomRespondent()
    if head == "constant":
        return ConstantRespondent(rest or "A")
    if spec in ("person", "mind") or head == "scripted":
        return Mind()
    from mores.policies.spec import policy

    try:
        return policy(spec)
    except UnknownName as error:
        if error.kind != "policy":
            raise
        known = {"random", "constant:A", "person", "scripted:NAME", "mind", *error.known}
        raise UnknownName("respondent", spec, known) from None


def _models(respondent: Respondent) -> Mapping[str, Answerer] | None:
    """Who thinks for a specification."""
    if respondent == "person":
        from mores.models.person import Person

        return {"players": Person()}
    if isinstance(respondent, str) and respondent.startswith("scripted:"):
        from mores.models.scripted import scripted

        return {"players": scripted(respondent.partition(":")[2])}
    return None
