"""Migrating a store to the schema of this version, with Alembic run from the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ewarn.errors import StoreError
from ewarn.store.database.engine import Store


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def head_revision() -> str:
    """Return the schema revision that this version of the code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # the package ships at least one migration
    return head


def current_revision(store: Store) -> str | None:
    """Return the schema revision of the database, or None if the database is empty."""
    with store.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(store: Store) -> tuple[str | None, str]:
    """Upgrade the database to the head revision in one transaction.

    Returns:
        The revisions before and after; the first is None for an empty database.

    Raises:
        StoreError: The database is at a revision that only a newer version of ewarn knows.
    """
    before = current_revision(store)
    head = head_revision()
    require_known(before)
    if before != head:
        config = _config()
        with store.write() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before, head


def require_known(revision: str | None) -> None:
    """Raise StoreError for a revision that only a newer version of ewarn knows."""
    known = {item.revision for item in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreError(
            f"the database is at revision {revision}, which this version of ewarn does not know: "
            "it was created by a newer one; upgrade ewarn"
        )


def require_current(store: Store) -> None:
    """Raise StoreError unless the database is at the head revision."""
    revision = current_revision(store)
    require_known(revision)
    if revision != head_revision():
        raise StoreError(
            f"the database is at revision {revision or 'none'}, this version of ewarn needs "
            f"{head_revision()}; run `ewarn migrate`"
        )


def make_ready(store: Store) -> None:
    """Create or upgrade an SQLite store; require a PostgreSQL store to be migrated already.

    Raises:
        StoreError: A PostgreSQL database is not at the head revision, or the database is at a
            revision that only a newer version of ewarn knows.
    """
    if store.is_sqlite:
        migrate(store)
    else:
        require_current(store)
