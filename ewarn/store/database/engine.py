"""Connecting to a database: SQLite by default, PostgreSQL for deployments, with one interface."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from ewarn.errors import SettingsError, StoreError
from ewarn.store.database import ailments

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
_OTHERS = 0o077
_WRITE = "ewarn_write"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten with zeros: see `store.reports.traces`
    "cache_size=-65536",
)
# A process that hangs in a transaction loses its locks after this time.
_POSTGRESQL = "-c timezone=utc -c idle_in_transaction_session_timeout=15min"


class Store:
    """A database with its read and write transactions. Nothing is written outside `write()`."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.engine = _engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite, the embedded one."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read transaction: all queries in it see the same state of the database.

        Raises:
            StoreError: The database cannot be reached.
        """
        with _reaching(self.url), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a write transaction, which commits at the end and rolls back on any error.

        Raises:
            StoreError: The database cannot be reached.
        """
        options = {_WRITE: True}
        with _reaching(self.url), self.engine.connect() as opened:
            connection = opened.execution_options(**options)
            with connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError(
            "EWARN_DATABASE_URL is not a database address; write sqlite:///path/to/ewarn.db "
            "or postgresql://user@host/name"
        ) from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed
    raise SettingsError(
        f"EWARN_DATABASE_URL names the database {backend!r}; use sqlite or postgresql"
    )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5, "options": _POSTGRESQL},
        )
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})
    if url.database and not url.database.startswith((":", "file:")):
        path = Path(url.database)
        _make_folder(path.parent)
        event.listen(engine, "do_connect", lambda *_: _make_private(path))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder {folder} cannot be created ({error.strerror}); "
            f"{ailments.of_system(error, str(folder))}"
        ) from None


def _make_private(path: Path) -> None:
    """Create a database file that only its owner can read, or make an existing one private.

    SQLite gives its `-wal` and `-shm` files the permissions of the database file.
    """
    # O_EXCL never opens an existing file: closing it would drop the locks that this process holds
    # on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, PRIVATE_FILE))
    with suppress(OSError):  # SQLite will report better what is wrong with the file
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            if each.exists() and each.stat().st_mode & _OTHERS:
                each.chmod(PRIVATE_FILE)


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we issue BEGIN ourselves
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at the start, because upgrading a read lock later can fail.
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _reaching(url: URL) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a bug in our code, not a problem of the database
    except DatabaseError as error:
        cause = str(error.orig).strip().splitlines()[0]
        where = url.render_as_string(hide_password=True)
        raise StoreError(
            f"the database {where} cannot be used: {cause}; {ailments.advice(error, url)}"
        ) from error
