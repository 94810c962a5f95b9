"""Whether a database is whole: as far as it can tell of itself, and by reading all of it."""

import re
from collections.abc import Iterator

from sqlalchemy import Connection, Executable, select, text
from sqlalchemy.exc import DatabaseError

from ewarn.errors import StoreError
from ewarn.store.database.engine import Store
from ewarn.store.tables.every_table import METADATA

MOST = 20  # findings that are told
_TREE = re.compile(r"Tree (\d+)")


def damage(store: Store) -> tuple[str, ...]:
    """What is damaged, a sentence each; empty where the database is whole.

    SQLite checks its pages, its indices and its foreign keys. PostgreSQL is read through, table by
    table, and checks its indices where the extension amcheck is installed. Raises StoreError where
    it cannot be reached at all.
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
                yield f"row {row} of {table} belongs to a row of {parent} that is not there"
    except StoreError as error:
        if not isinstance(error.__cause__, DatabaseError):
            raise
        yield f"{error.__cause__.orig}"  # it gave up: reading them tells which tables it is
        for table in METADATA.sorted_tables:
            yield from _tried(store, f"table {table.name}", select(table))


def _trees(connection: Connection) -> dict[int, str]:
    """Tables and indices by the page they begin on, as SQLite names them in what it finds."""
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
    """Read all that a statement gives; what goes wrong is a finding."""
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
