"""Copies of a whole database while it is in use, and their restoration.

SQLite is copied by its own backup interface. PostgreSQL is dumped and restored by its own programs,
which get the address by environment variables, so that no password appears in a process list.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL

from ewarn.errors import StoreError
from ewarn.store.database.engine import PRIVATE_FILE, Store
from ewarn.store.maintenance.contents import Content, contents
from ewarn.store.maintenance.integrity import damage

_IN_THE_ADDRESS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def dump(store: Store, to: Path) -> dict[str, Content]:
    """Copy a database as it is at one moment, and return the content of the copy.

    Raises:
        StoreError: The copy cannot be created, or is not intact.
    """
    to.touch(PRIVATE_FILE, exist_ok=False)
    return _dump_sqlite(store, to) if store.is_sqlite else _dump_postgresql(store, to)


def _dump_sqlite(store: Store, to: Path) -> dict[str, Content]:
    with closing(sqlite3.connect(to)) as copy, store.read() as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(copy)
    return held_in(to)


def require_alone(path: Path) -> None:
    """Raise StoreError while another process has an SQLite file open."""
    with closing(sqlite3.connect(path, timeout=1)) as connection:
        try:
            # Leaving WAL mode needs an exclusive lock.
            connection.execute("PRAGMA journal_mode=DELETE").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise StoreError(
                    f"{path} is in use: stop every ewarn process that uses it, then restore"
                ) from None
        except sqlite3.DatabaseError:
            pass  # the file is too damaged to tell


def held_in(path: Path) -> dict[str, Content]:
    """Return the content of an SQLite file.

    Raises:
        StoreError: The file is damaged.
    """
    copy = Store(f"sqlite:///{path}")
    try:
        found = damage(copy)
        if found:
            raise StoreError(f"the copy of the database is damaged: {found[0]}")
        with copy.read() as connection:
            return contents(connection)
    finally:
        copy.dispose()
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)


def _dump_postgresql(store: Store, to: Path) -> dict[str, Content]:
    isolated = store.engine.execution_options(isolation_level="REPEATABLE READ")
    with isolated.connect() as connection, connection.begin():
        # The dump and the hashes use the same snapshot: the one of this transaction.
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        held = contents(connection)
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        _run("pg_dump", *options, f"--file={to}", url=store.url)
    _run("pg_restore", "--list", f"--file={os.devnull}", str(to), url=store.url)
    return held


def load_postgresql(store: Store, dump: Path, *, replace: bool) -> None:
    """Restore a dump into a database, in one transaction.

    Args:
        replace: Whether to drop the existing tables of the dump first.

    Raises:
        StoreError: The dump cannot be restored; nothing was changed.
    """
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    options += ["--clean", "--if-exists"] if replace else []
    _run("pg_restore", *options, f"--dbname={store.url.database}", str(dump), url=store.url)


def _run(program: str, *arguments: str, url: URL) -> None:
    command = [str(_found(program)), *arguments]
    done = subprocess.run(  # noqa: S603 (no shell; the arguments are ours and paths)
        command, env=os.environ | environment_of(url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"it ended with {done.returncode}"
        raise StoreError(f"{program} failed, and nothing was changed: {said[:500]}")


def environment_of(url: URL) -> Mapping[str, str]:
    """Return the environment variables that tell PostgreSQL's programs the database and user."""
    given = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    } | {_IN_THE_ADDRESS[name]: url.query[name] for name in url.query if name in _IN_THE_ADDRESS}
    return {name: str(value) for name, value in given.items() if value is not None}


def _found(program: str) -> Path:
    on_path = shutil.which(program)
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    if not candidates:
        raise StoreError(
            f"{program} is not installed, and without it PostgreSQL cannot be backed up or "
            "restored; install postgresql-client in the version of the server"
        )
    return candidates[0]
