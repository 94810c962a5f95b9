"""Fixtures of all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# One thread each, also in the processes that tests start: those of two test runners that wait for
# each other's cores make a fit take thirty times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every time; `--hypothesis-profile default` looks for others.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

pytest_plugins = [
    "tests.listening",
    "tests.certificates",
    "tests.postgresql",
    "tests.provider",
    "tests.receiver",
    "tests.stores",
]

SHARED_DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of a file in the data folder beside the checkout; skips where it is absent."""

    def path(name: str) -> Path:
        file = SHARED_DATA / name
        if not file.exists():
            pytest.skip(f"{name} is not in the data folder beside the checkout")
        return file

    return path
