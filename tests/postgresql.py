"""A real PostgreSQL server for the tests, started from the installed binaries.

Its cluster is in a temporary folder and listens on a socket there, never on the network. If the
binaries are missing, tests that need them are skipped with that reason. With REQUIRE_POSTGRESQL=1
(as in CI), missing binaries are a failure.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate

_names = itertools.count()

# Copying a database takes half the time in memory. The memory folder of a small container is too
# small for that, so its size is checked.
IN_MEMORY, ENOUGH = Path("/dev/shm"), 2 * 1024**3


@dataclass(frozen=True)
class Server:
    """A running server: its socket folder and superuser."""

    folder: Path
    user: str

    def url(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return f"postgresql://{self.user}@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one administrative statement."""
        address = f"host={self.folder} user={self.user} dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


def _binaries() -> Path | None:
    on_path = shutil.which("pg_ctl")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((path for path in candidates if (path / "initdb").exists()), None)


def _unprivileged() -> tuple[str, list[str]]:
    """Return a user who may own a cluster, and the command prefix to act as that user.

    PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name, []
    return "nobody", ["runuser", "-u", "nobody", "--"]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Provide a running PostgreSQL server."""
    binaries = _binaries()
    if binaries is None:
        reason = "PostgreSQL's server binaries are not installed (Debian: postgresql)"
        if os.environ.get("REQUIRE_POSTGRESQL"):
            pytest.fail(reason)
        pytest.skip(reason)
    user, act_as = _unprivileged()
    # Pytest's own folder is not used: its path may be too long for a socket, and other users may
    # not be able to open it.
    folder = Path(tempfile.mkdtemp(prefix="ewarn-pg-", dir=_place()))
    shutil.chown(folder, user) if act_as else None
    run = [*act_as, str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-s", "-w"]
    try:
        initdb = ["initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "ewarn", "-E", "UTF8"]
        initdb += ["--locale=C", "--no-sync"]
        _quietly([*act_as, str(binaries / initdb[0]), *initdb[1:]], folder)
        options = f"-c listen_addresses='' -k {folder} -c fsync=off -c max_connections=60"
        _quietly([*run, "-l", str(folder / "log"), "-o", options, "start"], folder)
        try:
            yield Server(folder, "ewarn")
        finally:
            _quietly([*run, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path:
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free >= ENOUGH
    return IN_MEMORY if roomy else Path("/tmp")


def _quietly(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, cwd="/", check=False, stdin=subprocess.DEVNULL
    )
    log = folder / "log"
    detail = log.read_text() if log.exists() else ""
    assert done.returncode == 0, f"{command[0]}: {done.stderr}{done.stdout}{detail}"


@pytest.fixture(scope="session")
def postgresql_template(postgresql: Server) -> str:
    """Provide the name of an empty migrated database to copy."""
    postgresql.execute("CREATE DATABASE template_ewarn")
    store = Store(postgresql.url("template_ewarn"))
    migrate(store)
    store.dispose()
    return "template_ewarn"


@pytest.fixture
def postgresql_url(postgresql: Server, postgresql_template: str) -> Iterator[str]:
    """Provide the URL of a new migrated PostgreSQL database."""
    name = f"test_{next(_names)}"
    postgresql.execute(f"CREATE DATABASE {name} TEMPLATE {postgresql_template}")
    yield postgresql.url(name)
    postgresql.execute(f"DROP DATABASE {name} WITH (FORCE)")
