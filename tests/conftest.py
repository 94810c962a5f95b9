"""Fixtures of all tests."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy.pool import ConnectionPoolEntry

from ewarn.store.database import engine

# One thread for each process, also for those that tests start. Otherwise two test runners wait for
# each other's cores, and a fit takes thirty times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples every time; `--hypothesis-profile default` tries others, and more of them. An
# example has no time limit of its own, because the machine may do other work: a test has one.
settings.register_profile("repeatable", derandomize=True, max_examples=50, deadline=None)
settings.load_profile("repeatable")

pytest_plugins = [
    "tests.listening",
    "tests.certificates",
    "tests.postgresql",
    "tests.provider",
    "tests.receiver",
    "tests.replayed",
    "tests.stores",
]

_prepare_sqlite = engine._prepare_sqlite


@pytest.fixture(scope="session", autouse=True)
def quick_commits() -> Iterator[None]:
    """Let SQLite commit without waiting for the disk.

    This is safe because no test simulates a power failure. The writes of a killed process survive.
    """

    def quickly(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        _prepare_sqlite(connection, _entry)
        connection.execute("PRAGMA synchronous=OFF").close()

    engine._prepare_sqlite = quickly
    yield
    engine._prepare_sqlite = _prepare_sqlite


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the tests of a module with a fixture of module scope in one process.

    So the fixture is built one time only. A test that names a group stays in that one: a test of
    two groups would make a third.
    """
    for item in items:
        if item.get_closest_marker("xdist_group"):
            continue
        fixtures = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
        if any(each[-1].scope == "module" for each in fixtures.values()):
            item.add_marker(pytest.mark.xdist_group(item.path.name))
    if getattr(config.option, "loadgroup", False):
        _write_groups_into_ids(items)


def _write_groups_into_ids(items: list[pytest.Item]) -> None:
    """Write the group of each test into its id, where the scheduler reads it.

    xdist 3.8 writes it to a place that pytest does not look at from version 9.2 on.
    """
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and not item.nodeid.endswith(f"@{group.args[0]}"):
            item._id = type(item._id).parse(f"{item.nodeid}@{group.args[0]}")


SHARED_DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function for the path of a file in the data folder beside the checkout.

    The test is skipped if the file is missing.
    """

    def path(name: str) -> Path:
        file = SHARED_DATA / name
        if not file.exists():
            pytest.skip(f"{name} is not in the data folder beside the checkout")
        return file

    return path
