"""Removal of what a deletion leaves in the files of a database.

Both databases write a changed page elsewhere before they write it in its place, so a deleted key
would stay there for a time.
"""

from ewarn.store.database.engine import Store
from ewarn.store.tables.reports import field_report_key

_PATIENCE = 200  # milliseconds to wait for those who read


def clear_traces(store: Store) -> bool:
    """Remove deleted data keys from the files of the database.

    SQLite overwrites what is deleted (`secure_delete`), so its write-ahead log is emptied.
    PostgreSQL writes the table of keys again without what is deleted. Its own log, and copies of
    the database, are not reached.

    Returns:
        Whether it is done. If another connection reads just now, it must be tried again.
    """
    if store.is_sqlite:
        with store.engine.connect() as connection:
            opened = connection.connection.driver_connection
            assert opened is not None  # only a detached connection has none
            (patience,) = opened.execute("PRAGMA busy_timeout").fetchone()
            opened.execute(f"PRAGMA busy_timeout={_PATIENCE}")
            is_busy, *_ = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            opened.execute(f"PRAGMA busy_timeout={patience}")
        return not is_busy
    with store.engine.connect() as connection:
        at_once = connection.execution_options(isolation_level="AUTOCOMMIT")
        at_once.exec_driver_sql(f"VACUUM (FULL) {field_report_key.name}")
    return True
