"""Integrity checks of a database, by its own checks and by reading all rows."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Executable, select, text
from sqlalchemy.exc import DatabaseError

from ewarn.errors import StoreError
from ewarn.store.database.engine import Store
from ewarn.store.tables.every_table import METADATA

MOST = 20  # findings that are reported
_TREE = re.compile(r"Tree (\d+)")


def damage(store: Store) -> tuple[str, ...]:
    """Return what is damaged, one sentence each; empty if the database is intact.

    SQLite checks its pages, its indices and its foreign keys. PostgreSQL is read table by table,
    and checks its indices if the extension amcheck is installed.

    Raises:
        StoreError: The database cannot be reached.
    """
    look = _of_sqlite if store.is_sqlite else _of_postgresql
    return tuple(dict.fromkeys(look(store)))[:MOST]


def _of_sqlite(store: Store) -> Iterator[str]:
    try:
        with store.read() as connection:
            named = _trees(connection)
            for (lines,) in connection.execute(text(f"PRAGMA integrity_check({MOST})")):
                for line in lines.splitlines():
                    if line != "ok" and not line.startswith("***"):
                        yield _TREE.sub(lambda tree: named.get(int(tree[1]), tree[0]), line)
            for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
                yield f"row {row} of {table} refers to a row of {parent} that does not exist"
    except StoreError as error:
        if not isinstance(error.__cause__, DatabaseError):
            raise
        yield f"{error.__cause__.orig}"  # the check gave up: reading shows which tables
        for table in METADATA.sorted_tables:
            yield from _tried(store, f"table {table.name}", select(table))


def _trees(connection: Connection) -> dict[int, str]:
    """Return the type and name of tables and indices by root page, as SQLite reports them."""
    found = connection.execute(text("SELECT rootpage, type, name FROM sqlite_schema"))
    return {page: f"{kind} {name}" for page, kind, name in found}


def _of_postgresql(store: Store) -> Iterator[str]:
    for table in METADATA.sorted_tables:
        yield from _tried(store, f"table {table.name}", select(table))
    with store.read() as connection:
        has_amcheck = connection.execute(
            text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
        ).first()
        indices = connection.execute(_INDICES).scalars().all() if has_amcheck else ()
    for index in indices:
        check = _CHECK.bindparams(name=f'"{index}"')
        yield from _tried(store, f"index {index}", check)


_INDICES = text(
    "SELECT c.relname FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
    "WHERE c.relkind = 'i' AND a.amname = 'btree' "
    "AND c.relnamespace = current_schema()::regnamespace"
)
_CHECK = text("SELECT bt_index_check(CAST(:name AS regclass), true)")


def _tried(store: Store, what: str, statement: Executable) -> Iterator[str]:
    """Read all rows of a statement, and yield the error if there is one."""
    try:
        with store.read() as connection:
            options = {"yield_per": 1000}
            for _ in connection.execute(statement, execution_options=options):
                pass
    except StoreError as error:
        if not isinstance(error.__cause__, DatabaseError):
            raise
        cause = str(error.__cause__.orig).strip().splitlines()[0]
        yield f"{what}: {cause}"
