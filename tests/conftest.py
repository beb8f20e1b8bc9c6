"""What all tests share: how Hypothesis runs, and where data are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# no deadline: a busy machine is no failure
settings.register_profile(
    "mores", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mores")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of data sets; a test that asks for it is skipped where MORES_DATA is unset."""
    folder = os.environ.get("MORES_DATA")
    if not folder:
        pytest.skip("MORES_DATA is unset")
    return Path(folder)


@pytest.fixture(scope="session")
def golden() -> Path:
    """The folder of golden files."""
    return Path(__file__).parent / "golden"
