"""Tests of backups: made during writes, verified before they get a name, restored into nothing."""

import os
import sqlite3
import stat
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import orjson
import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ewarn.domain.delivery import Message
from ewarn.domain.source import Health
from ewarn.errors import InputError, StoreError, UsageError
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import _config, current_revision, head_revision, migrate
from ewarn.store.delivery import outbox
from ewarn.store.intake import health_changes
from ewarn.store.intake.health_changes import HealthChange
from ewarn.store.maintenance import backups, contents, dumps
from ewarn.store.maintenance.integrity import damage
from tests.postgresql import Server

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
Empty = Callable[[], Store]


def put(store: Store, *numbers: int) -> None:
    messages = [
        Message(f"msg_{n}", "log", "desk", "Invented, é 多", "text", {"a": [n, None]}, NOW)
        for n in numbers
    ]
    with store.write() as connection:
        outbox.enqueue(connection, [("log:desk", message) for message in messages])


def held(store: Store) -> dict[str, contents.Content]:
    with store.read() as connection:
        return contents.contents(connection)


@pytest.fixture
def empty(store: Store, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Empty]:
    """Makes empty places of the kind of `store`."""
    made: list[Store] = []
    server: Server | None = None
    if not store.is_sqlite:
        server = request.getfixturevalue("postgresql")

    def make() -> Store:
        if server is None:
            made.append(Store(f"sqlite:///{tmp_path / f'place{len(made)}' / 'ewarn.db'}"))
        else:
            name = f"{store.url.database}_restored{len(made)}"
            server.execute(f"CREATE DATABASE {name}")
            made.append(Store(server.url(name)))
        return made[-1]

    yield make
    for each in made:
        each.dispose()
        if server is not None:
            server.execute(f"DROP DATABASE {each.url.database} WITH (FORCE)")


def made(store: Store, tmp_path: Path, name: str = "one.backup") -> Path:
    file = tmp_path / "backups" / name
    backups.back_up(store, file, NOW, "0.1.0")
    return file


def test_what_is_restored_is_what_was_backed_up(store: Store, empty: Empty, tmp_path: Path) -> None:
    put(store, 1, 2, 3)
    before = held(store)
    file = made(store, tmp_path)
    put(store, 4)  # after it
    place = empty()
    manifest, replaced = backups.restore(file, place, force=False, aside="x")
    assert replaced == ""
    assert held(place) == before == manifest.tables
    assert before["outbox"].rows == 3
    assert manifest.rows >= 3
    assert current_revision(place) == head_revision() == manifest.revision
    assert damage(place) == ()
    put(place, 4)  # and it can be used
    assert held(place)["outbox"] == held(store)["outbox"]


@pytest.mark.parametrize(("revision", "unhashed"), [("0019", set()), ("0018", {"alert"})])
def test_a_backup_of_an_older_version_is_restored_and_upgraded(
    store: Store, empty: Empty, tmp_path: Path, revision: str, unhashed: set[str]
) -> None:
    with store.write() as connection:
        health_changes.add(connection, HealthChange("gdelt", Health.LATE, "invented", NOW))
        before = contents.contents(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    file = made(store, tmp_path)
    place = empty()
    manifest, _ = backups.restore(file, place, force=False, aside="x")
    assert {name for name, each in manifest.tables.items() if not each.sha256} == unhashed
    assert manifest.tables["source_turn"] == before["health_change"]
    assert {"notice", "held_back"} <= set(manifest.tables)
    migrate(place)
    assert held(place)["health_change"] == before["health_change"]


def test_a_backup_is_its_owners_alone_and_leaves_nothing_beside(
    store: Store, tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        file = made(store, tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(file.parent.iterdir()) == [file]
    with zipfile.ZipFile(file) as archive:
        manifest = orjson.loads(archive.read("manifest.json"))
    assert manifest["database"] == store.url.get_backend_name()
    assert manifest["made_at"] == "2026-11-29T09:00:00+00:00"
    with pytest.raises(UsageError, match="exists already"):
        made(store, tmp_path)


def test_a_backup_is_of_one_moment_while_others_write(
    store: Store, empty: Empty, tmp_path: Path
) -> None:
    stop, numbers = Event(), iter(range(100, 1_000_000))

    def write() -> None:
        while not stop.is_set():
            put(store, next(numbers), next(numbers))  # two in one transaction

    writer = Thread(target=write)
    writer.start()
    try:
        file = made(store, tmp_path)
    finally:
        stop.set()
        writer.join()
    place = empty()
    backups.restore(file, place, force=False, aside="x")
    assert held(place)["outbox"].rows % 2 == 0


def test_a_place_that_is_not_empty_is_kept(store: Store, empty: Empty, tmp_path: Path) -> None:
    put(store, 1)
    file = made(store, tmp_path)
    place = empty()
    backups.restore(file, place, force=False, aside="x")
    put(place, 2)
    before = held(place)
    with pytest.raises(UsageError, match=r"holds 2 rows.*give --force"):
        backups.restore(file, place, force=False, aside="x")
    assert held(place) == before
    place.dispose()
    _, replaced = backups.restore(file, place, force=True, aside="before")
    assert held(place)["outbox"].rows == 1
    if store.is_sqlite:
        kept = Path(f"{place.url.database}.before")
        assert str(kept) in replaced
        aside = Store(f"sqlite:///{kept}")
        assert held(aside) == before
        aside.dispose()
    else:
        assert "the previous database was replaced: it holds 2 rows" in replaced


def _changed(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)


def _other_database(members: dict[str, bytes]) -> None:
    name = next(name for name in members if name.startswith("database"))
    members[name] = members[name][:-1] + b"?"


def _no_manifest(members: dict[str, bytes]) -> None:
    del members["manifest.json"]


def _newer(members: dict[str, bytes]) -> None:
    said = orjson.loads(members["manifest.json"])
    members["manifest.json"] = orjson.dumps(said | {"format": 2})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_other_database, "was changed since it was made"),
        (_no_manifest, "is not a backup of ewarn"),
        (_newer, "newer version"),
    ],
)
def test_a_backup_that_was_changed_is_refused(
    store: Store,
    empty: Empty,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    said: str,
) -> None:
    file, place = made(store, tmp_path), empty()
    _changed(file, change)
    with pytest.raises(InputError, match=said):
        backups.restore(file, place, force=False, aside="x")
    assert backups.rows_in(place) == 0


WRONG_BYTES: dict[str, Callable[[bytes], bytes]] = {
    "100 bytes behind it": lambda body: body + b"x" * 100,
    "one byte behind it": lambda body: body + b"\0",
    "a second one behind it": lambda body: body + body,
    "100 bytes before it": lambda body: b"x" * 100 + body,
    "empty": lambda body: b"",
    "half of it": lambda body: body[: len(body) // 2],
    "nine tenths of it": lambda body: body[: len(body) * 9 // 10],
    "its last byte missing": lambda body: body[:-1],
    "its first byte missing": lambda body: body[1:],
    "a comment": lambda body: body[:-2] + b"\x04\0" + b"note",
    "another byte in the middle": lambda body: (
        body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]
    ),
}


def test_a_backup_of_other_bytes_is_refused(store: Store, empty: Empty, tmp_path: Path) -> None:
    put(store, 1, 2, 3)
    file, place = made(store, tmp_path), empty()
    whole = file.read_bytes()
    for what, change in WRONG_BYTES.items():
        file.write_bytes(change(whole))
        with pytest.raises(
            InputError, match=r"is not a backup of ewarn, or is not complete|was changed"
        ):
            backups.restore(file, place, force=False, aside="x")
        assert backups.rows_in(place) == 0, what
    file.write_bytes(whole)
    backups.restore(file, place, force=False, aside="x")
    assert held(place) == held(store)


def test_a_backup_with_another_member_is_refused(
    store: Store, empty: Empty, tmp_path: Path
) -> None:
    file, place = made(store, tmp_path), empty()
    _changed(file, lambda members: members.update(note=b"x"))
    with pytest.raises(InputError, match="it holds something else"):
        backups.restore(file, place, force=False, aside="x")


def test_a_backup_whose_rows_are_not_those_it_names_is_refused(
    store: Store, empty: Empty, tmp_path: Path
) -> None:
    put(store, 1)
    file, place = made(store, tmp_path), empty()

    def fewer(members: dict[str, bytes]) -> None:
        said = orjson.loads(members["manifest.json"])
        said["tables"]["outbox"]["rows"] = 7
        members["manifest.json"] = orjson.dumps(said)

    _changed(file, fewer)
    with pytest.raises(StoreError, match="differs from the backup in outbox"):
        backups.restore(file, place, force=False, aside="x")


def test_other_files_are_refused(store: Store, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("These are notes.")
    for file, said in ((other, "is not a backup"), (tmp_path / "none", "there is no file")):
        with pytest.raises(InputError, match=said):
            backups.restore(file, store, force=False, aside="x")


def test_a_backup_goes_into_a_database_of_its_kind(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    one, other = Store(sqlite_url), Store(postgresql_url)
    with pytest.raises(UsageError, match="is a backup of sqlite"):
        backups.restore(made(one, tmp_path), other, force=False, aside="x")
    one.dispose()
    other.dispose()


def test_a_file_in_use_is_not_replaced(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(sqlite_url)
    put(store, 1)
    file = made(store, tmp_path)
    place = Store(sqlite_url)
    with store.read() as connection:
        connection.execute(text("SELECT 1 FROM outbox"))
        with pytest.raises(StoreError, match="in use: stop every ewarn"):
            backups.restore(file, place, force=True, aside="x")
    store.dispose()
    assert backups.restore(file, place, force=True, aside="x")[1].endswith(".x")
    place.dispose()


def test_a_damaged_database_is_replaced_and_kept_aside(sqlite_url: str, tmp_path: Path) -> None:
    store = Store(sqlite_url)
    put(store, 1)
    file = made(store, tmp_path)
    place = tmp_path / "there" / "ewarn.db"
    place.parent.mkdir()
    place.write_bytes(b"damaged" * 1000)
    target = Store(f"sqlite:///{place}")
    with pytest.raises(UsageError, match="cannot be read"):
        backups.restore(file, target, force=False, aside="x")
    backups.restore(file, target, force=True, aside="damaged")
    assert held(target) == held(store)
    assert place.with_name("ewarn.db.damaged").read_bytes() == b"damaged" * 1000
    for each in (store, target):
        each.dispose()


def test_a_damaged_database_is_not_backed_up(sqlite_url: str, tmp_path: Path) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    store = Store(sqlite_url)
    without_rows = path.stat().st_size
    put(store, *range(2000))
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.dispose()
    body = bytearray(path.read_bytes())
    for at in range(without_rows, len(body), 4096):  # the schema stays readable
        body[at : at + 100] = b"\xff" * 100
    path.write_bytes(body)
    found = damage(store)
    assert found
    assert all("Page" in line or "table" in line or "index" in line for line in found), found
    with pytest.raises(StoreError):
        made(store, tmp_path)
    assert list((tmp_path / "backups").iterdir()) == []
    store.dispose()


def test_a_row_without_its_parent_is_damage(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    assert damage(store) == ()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute(
            "INSERT INTO delivery_attempt (outbox_id, at, outcome, detail) "
            "VALUES ('none', '2026-01-01', 'delivered', '')"
        )
        connection.commit()
    assert damage(store) == (
        "row 1 of delivery_attempt refers to a row of outbox that does not exist",
    )
    store.dispose()


def test_a_table_of_postgresql_that_cannot_be_read_is_told(
    postgresql_url: str, postgresql: Server
) -> None:
    store = Store(postgresql_url)
    put(store, *range(50))
    with store.write() as connection:
        has_amcheck = connection.execute(
            text("SELECT 1 FROM pg_available_extensions WHERE name = 'amcheck'")
        ).first()
        if has_amcheck:
            connection.execute(text("CREATE EXTENSION amcheck"))
    assert damage(store) == ()
    with store.write() as connection:
        connection.execute(text("ALTER TABLE outbox RENAME COLUMN attempts TO tries"))
    (found,) = damage(store)
    assert found.startswith("table outbox: column outbox.attempts does not exist")
    store.dispose()


def test_a_password_is_never_on_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], *, env: dict[str, str], **_: object) -> object:
        asked.append(command)
        assert env["PGPASSWORD"] == "sesame"
        return subprocess.CompletedProcess(command, 1, "", "invented: no such host")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(dumps, "_found", Path)
    url = make_url("postgresql+psycopg://desk:sesame@db:5433/ewarn?sslmode=require")
    with pytest.raises(StoreError, match="pg_dump failed, and nothing was changed: invented"):
        dumps._run("pg_dump", "--file=x", url=url)
    assert "sesame" not in " ".join(asked[0])
    assert dumps.environment_of(url) == {
        "PGHOST": "db",
        "PGPORT": "5433",
        "PGUSER": "desk",
        "PGPASSWORD": "sesame",
        "PGDATABASE": "ewarn",
        "PGSSLMODE": "require",
    }


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(StoreError, match="pg_nothing is not installed"):
        dumps._found("pg_nothing")
