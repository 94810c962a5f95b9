"""Opening a store: SQLite by default, PostgreSQL in deployment, the same to everyone above."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from ewarn.errors import SettingsError, StoreError

_WRITE = "ewarn_write"
# A process that is frozen in a transaction keeps its locks no longer than this.
_POSTGRESQL = "-c timezone=utc -c idle_in_transaction_session_timeout=15min"


class Store:
    """A database and its two kinds of transaction. Nothing is written outside `write()`."""

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        self.engine = _engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: everything in it is seen at one moment.

        Raises StoreError where the database cannot be reached.
        """
        with _reaching(self.url), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction, committed at the end, rolled back on any error.

        Raises StoreError where the database cannot be reached.
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
    if url.database:
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder of {url.database} cannot be made ({error.strerror}); "
                "set EWARN_DATA_DIR to a folder you may write to"
            ) from None
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock later can only fail.
    write = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _reaching(url: URL) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise  # a fault of ours, not of the database
    except DatabaseError as error:
        cause = str(error.orig).strip().splitlines()[0]
        where = url.render_as_string(hide_password=True)
        raise StoreError(
            f"the database {where} cannot be used: {cause}; check EWARN_DATABASE_URL "
            "and that the database is running"
        ) from error
