"""Instruments: what asks. Questionnaires, benchmarks, rubrics."""

NAMES: dict[str, str] = {
    "fairness": "mores.instruments.fairness:Fairness",
}
"""Registered instruments: name -> module:attribute."""
