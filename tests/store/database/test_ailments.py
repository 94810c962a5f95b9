"""Tests of messages about a database with a problem, and of the permissions of its files."""

import errno
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from ewarn.errors import StoreError
from ewarn.store.database.ailments import DAMAGED, FULL, READ_ONLY, advice, of_system
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import current_revision, migrate
from ewarn.store.tables.base import meta

PAGE = 4096


def of(path: Path) -> Store:
    return Store(f"sqlite:///{path}")


def fails(store: Store) -> str:
    rows = [{"key": f"n{number}", "value": "x" * 500} for number in range(2000)]
    with pytest.raises(StoreError) as error, store.write() as connection:
        connection.execute(meta.insert(), rows)
    store.dispose()
    return str(error.value)


def test_a_full_disk_is_said(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # one more page and it is full
        connection.commit()
    said = fails(store)
    assert said.endswith(FULL)
    assert "running" not in said


def test_a_damaged_database_is_said(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    body = bytearray(path.read_bytes())
    for at in range(PAGE, len(body), PAGE):
        body[at : at + 1000] = b"\xff" * 1000
    path.write_bytes(body)
    assert fails(Store(sqlite_url)).endswith(DAMAGED)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ewarn.db"
    path.write_text("These are notes and no database.\n" * 100)
    with pytest.raises(StoreError, match="not a database, or its beginning is damaged"):
        current_revision(of(path))


@pytest.mark.parametrize(
    ("code", "said"),
    [("53100", FULL), ("25006", READ_ONLY), ("XX001", DAMAGED), ("42P01", "ewarn migrate")],
)
def test_what_postgresql_says_is_understood(code: str, said: str) -> None:
    cause = Exception("it failed")
    cause.sqlstate = code  # type: ignore[attr-defined]
    error = OperationalError("select 1", {}, cause)
    assert said in advice(error, make_url("postgresql://host/ewarn"))


def test_a_database_that_does_not_answer_may_not_be_running() -> None:
    error = OperationalError("select 1", {}, Exception("connection refused"))
    assert "is running" in advice(error, make_url("postgresql://host/ewarn"))


def test_a_readonly_file_is_said() -> None:
    cause = sqlite3.OperationalError("attempt to write a readonly database")
    cause.sqlite_errorcode = sqlite3.SQLITE_READONLY
    assert advice(OperationalError("", {}, cause), make_url("sqlite:///x.db")) == READ_ONLY


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, FULL), (errno.EROFS, "read-only"), (errno.EACCES, "owner or rights")],
)
def test_what_the_system_refuses_is_said(number: int, said: str) -> None:
    assert said in of_system(OSError(number, ""), "the folder")


def test_the_files_of_a_database_are_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    before = os.umask(0)
    try:
        store = of(folder / "ewarn.db")
        migrate(store)
        with store.write() as connection:
            connection.execute(meta.insert().values(key="a", value="b"))
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        store.dispose()
    finally:
        os.umask(before)
    assert modes == {"ewarn.db": 0o600, "ewarn.db-wal": 0o600, "ewarn.db-shm": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_database_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "ewarn.db"
    path.touch()
    path.chmod(0o644)
    of(tmp_path / "other.db")
    assert not (tmp_path / "other.db").exists()  # created when it is first opened
    store = of(path)
    assert current_revision(store) is None
    store.dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_database_that_is_there_is_not_opened_beside_sqlite(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing it would end the locks of this process on it."""
    opened: list[int] = []

    def noted(path: Path, flags: int, mode: int = 0o777) -> int:
        opened.append(flags)
        return real(path, flags, mode)

    real = os.open
    monkeypatch.setattr(os, "open", noted)
    store = Store(sqlite_url)
    assert current_revision(store) is not None
    store.dispose()
    assert opened
    assert all(flags & os.O_EXCL for flags in opened)


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        ("ewarn.db", "the file"),
        ("data", "the folder"),
        ("", "set EWARN_DATA_DIR to a folder that you may write to"),
    ],
)
def test_what_may_not_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, denied: str, said: str
) -> None:
    path = tmp_path / "data" / "ewarn.db"
    path.parent.mkdir()
    path.touch()
    monkeypatch.setattr(os, "access", lambda place, _: Path(place).name != denied)  # also for root
    fault = sqlite3.OperationalError("unable to open database file")
    fault.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
    error = OperationalError("SELECT 1", {}, fault)
    assert said in advice(error, make_url(f"sqlite:///{path}"))
