"""Fixtures of all tests."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.pool import ConnectionPoolEntry

from ewarn.store.database import engine

# One thread each, also in the processes that tests start: those of two test runners that wait for
# each other's cores make a fit take thirty times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every time; `--hypothesis-profile default` looks for others, and for more.
settings.register_profile("repeatable", derandomize=True, max_examples=50)
settings.load_profile("repeatable")

pytest_plugins = [
    "tests.listening",
    "tests.certificates",
    "tests.postgresql",
    "tests.provider",
    "tests.receiver",
    "tests.stores",
]

_prepare_sqlite = engine._prepare_sqlite


@pytest.fixture(scope="session", autouse=True)
def quick_commits() -> Iterator[None]:
    """No test cuts the power, so no commit of SQLite need wait for the disk: what a killed process
    wrote is there all the same."""

    def quickly(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        _prepare_sqlite(connection, _entry)
        connection.execute("PRAGMA synchronous=OFF").close()

    engine._prepare_sqlite = quickly
    yield
    engine._prepare_sqlite = _prepare_sqlite


# The tests that coverage is counted in: those of the rooms it is demanded of, and of the pipeline
# that joins them (on one database: on the other it runs the same lines). Tracing the others as well
# would make all of them a third slower.
COVERING = {"alerting", "domain", "panel", "pipeline", "store"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Trace the tests that count, and no others; give the tests of a module that makes something
    once for all of them to one process, so that it is not made by each."""
    here = Path(__file__).resolve().parent
    for item in items:
        room = item.path.relative_to(here).parts[0]
        if room not in COVERING or (room == "pipeline" and "[postgresql" in item.name):
            item.add_marker(pytest.mark.no_cover)
        fixtures = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
        if any(each[-1].scope == "module" for each in fixtures.values()):
            item.add_marker(pytest.mark.xdist_group(item.path.name))


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
