"""Empty stores for tests, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide an empty migrated SQLite store to copy, so that migrations run one time only."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    store = Store(f"sqlite:///{path}")
    migrate(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Provide the URL of a new migrated SQLite store."""
    path = tmp_path / "ewarn.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Provide the URL of a new migrated store, for each database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Provide a new migrated store, for each database."""
    opened = Store(database_url)
    yield opened
    opened.dispose()


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Record the statements sent to a store inside the block."""
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_others: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)
