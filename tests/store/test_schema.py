from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from ewarn.errors import StoreError
from ewarn.store.engine import Store
from ewarn.store.schema import _config, current_revision, head_revision, make_ready, migrate
from ewarn.store.tables import metadata
from tests.postgresql import Server


def test_the_migrated_schema_is_the_one_in_tables(store: Store) -> None:
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    assert migrate(store) == (head_revision(), head_revision())


def test_any_use_creates_an_sqlite_store(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new' / 'ewarn.db'}")
    make_ready(store)
    assert current_revision(store) == head_revision()
    store.dispose()


def test_an_empty_postgresql_database_asks_to_be_migrated(postgresql: Server) -> None:
    postgresql.execute("CREATE DATABASE never_migrated")
    store = Store(postgresql.url("never_migrated"))
    with pytest.raises(StoreError, match="run `ewarn migrate`"):
        make_ready(store)
    store.dispose()


def test_an_unreachable_database_is_one_clear_sentence(tmp_path: Path) -> None:
    store = Store(f"postgresql://nobody@/ewarn?host={tmp_path}")
    with pytest.raises(StoreError, match=r"cannot be used: .*check EWARN_DATABASE_URL"):
        current_revision(store)
    store.dispose()


def test_the_first_revision_can_be_taken_back_and_made_again(store: Store) -> None:
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert current_revision(store) is None
    assert migrate(store) == (None, head_revision())


def test_a_revision_made_from_the_tables_would_be_empty(store: Store) -> None:
    config = _config()
    with store.read() as connection:
        config.attributes["connection"] = connection
        command.check(config)
