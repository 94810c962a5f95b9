"""Empty migrated stores for the benchmarks, on SQLite and, if installed, PostgreSQL."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel

from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.logging import quiet
from ewarn.run.wiring import open_service
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate


@contextmanager
def service_on(
    url: str, options: Mapping[str, BaseModel] | None = None, /, **chosen: object
) -> Iterator[Service]:
    """Migrate a database and open a service on it, independent of this machine's settings.

    `options` are those of sources.
    """
    store = Store(url)
    migrate(store)
    store.dispose()
    configured = settings.load().model_copy(
        update={"database_url": url, "deliver": ("log",), **chosen}
    )
    with quiet(), open_service(configured.with_options(options or {})) as service:
        yield service


@contextmanager
def sqlite() -> Iterator[str]:
    """Create a SQLite database, yield its address, and delete it at the end."""
    with tempfile.TemporaryDirectory(prefix="ewarn-bench-") as folder:
        yield f"sqlite:///{folder}/ewarn.db"


def has_postgresql() -> bool:
    """Return whether PostgreSQL's server is installed here."""
    return _binaries() is not None


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


@contextmanager
def postgresql() -> Iterator[str]:
    """Create a PostgreSQL database with default settings on a socket, and yield its address."""
    binaries = _binaries()
    assert binaries is not None
    act_as = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="ewarn-bench-", dir="/tmp"))  # sockets need short paths
    if act_as:
        shutil.chown(folder, "nobody")
    data = f"{folder}/data"
    control = [*act_as, str(binaries / "pg_ctl"), "-D", data, "-s", "-w"]
    make = ["initdb", "-D", data, "-A", "trust", "-U", "ewarn", "-E", "UTF8", "--locale=C"]
    try:
        _run([*act_as, str(binaries / make[0]), *make[1:]])
        _run(
            [*control, "-l", f"{folder}/log", "-o", f"-c listen_addresses='' -k {folder}", "start"]
        )
        try:
            name = f"bench_{secrets.token_hex(4)}"
            _run([str(binaries / "createdb"), "-h", str(folder), "-U", "ewarn", name])
            yield f"postgresql://ewarn@/{name}?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)
