"""Fixtures of the API's tests: an invented world, and clients with keys to it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from ewarn.domain.key import SCOPES
from ewarn.store.database.engine import Store
from tests.api.client import Client
from tests.api.subscribed import subscribe
from tests.api.world import World, filled

Asker = Callable[..., Client]


@pytest.fixture(scope="session")
def filled_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the invented world as a database file to copy."""
    path = tmp_path_factory.mktemp("world") / "world.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}")
    filled(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.dispose()
    return path


@pytest.fixture
def world(filled_template: Path, tmp_path: Path) -> Iterator[World]:
    """Return a new copy of the invented world."""
    path = tmp_path / "world.db"
    path.write_bytes(filled_template.read_bytes())
    store = Store(f"sqlite:///{path}")
    yield World(store)
    store.dispose()


@pytest.fixture
def asker(world: World) -> Asker:
    """Return a client with a key for some countries (without any: all) and scopes."""

    def make(*countries: str, **others: Any) -> Client:
        key = world.key(*countries, **others)
        return Client(create_app(world.state()), {"X-API-Key": key})

    return make


@pytest.fixture
def client(asker: Asker, world: World) -> Client:
    """Return a client whose key reads all and may act, with two subscriptions."""
    made = asker(scopes=frozenset(SCOPES) - {"admin"})
    subscribe(world, made.headers["X-API-Key"].partition(".")[0])
    return made
