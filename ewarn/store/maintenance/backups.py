"""Backups: one file that holds a whole database, what is in it, and the proof that it is whole.

The file is a zip archive of two members: the database (`database.sqlite`, or `database.dump` of
pg_dump's custom format), and `manifest.json`: when and by which version it was made, the schema's
revision, the hash of the database's copy, and for each table its rows and the hash of them.
"""

import hashlib
import os
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import inspect

from ewarn.errors import InputError, StoreError, UsageError
from ewarn.store.database.engine import PRIVATE_FILE, PRIVATE_FOLDER, Store
from ewarn.store.database.schema import current_revision, require_known
from ewarn.store.maintenance import dumps
from ewarn.store.maintenance.contents import Content, contents, differences

FORMAT = 1
MANIFEST = "manifest.json"
_MEMBERS = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
_LARGEST_MANIFEST = 1_000_000  # bytes
_END, _END_BYTES = b"PK\x05\x06", 22  # the last record of a zip archive, without a comment
_NOT_WHOLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, KeyError, TypeError, ValueError, EOFError),
    *(RuntimeError, OverflowError),  # a damaged header asks for a password, or another packing
)
_KEPT_FOR_THE_HOUSE = frozenset({"meta"})  # notes that any start may write


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `database` is `sqlite` or `postgresql`."""

    made_at: str
    version: str
    database: str
    revision: str
    sha256: str
    tables: dict[str, Content]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables.values())


def back_up(store: Store, to: Path, now: datetime, version: str) -> Manifest:
    """Write a backup of a database that may be in use, and read it back before it has its name.

    Raises UsageError where there is a file of that name, StoreError where it cannot be made.
    """
    if to.exists():
        raise UsageError(f"{to} is there already, and a backup never replaces a file; name another")
    backend = store.url.get_backend_name()
    with _beside(to) as folder:
        copy = folder / _MEMBERS[backend]
        held = dumps.dump(store, copy)
        revision = _revision(store, copy)
        manifest = Manifest(now.isoformat(), version, backend, revision, _hash(copy), held)
        made = folder / "backup"
        _write(made, copy, manifest)
        copy.unlink()
        with _unpacked(made, folder):
            pass  # proves what was written
        made.replace(to)
    return manifest


def _revision(store: Store, copy: Path) -> str:
    held = Store(f"sqlite:///{copy}") if store.is_sqlite else store
    try:
        revision = current_revision(held)
    finally:
        if held is not store:
            held.dispose()
    if revision is None:
        raise StoreError("there is nothing to back up: the database has no tables of ewarn")
    return revision


def restore(file: Path, store: Store, *, force: bool, aside: str) -> tuple[Manifest, str]:
    """Put a backup into an empty database; the manifest, and what became of what was there.

    With `force` the place need not be empty: a file of SQLite is kept under its name and `aside`,
    tables of PostgreSQL are replaced. Raises InputError where the backup is not whole, UsageError
    where the place is not empty, StoreError where it cannot be written; nothing is changed then.
    """
    place = Path(store.url.database or "") if store.is_sqlite else Path(tempfile.gettempdir(), "x")
    with _beside(place) as folder, _unpacked(file, folder) as (manifest, copy):
        if manifest.database != store.url.get_backend_name():
            raise UsageError(
                f"{file} is a backup of {manifest.database}, and EWARN_DATABASE_URL names "
                f"{store.url.get_backend_name()}; restore it into a database of its own kind"
            )
        require_known(manifest.revision)
        occupied = _occupied(store)
        if occupied and not force:
            raise UsageError(
                f"the database {occupied}, and a backup is restored into an empty one; set "
                "EWARN_DATABASE_URL or EWARN_DATA_DIR to another, or give --force to replace it"
            )
        if store.is_sqlite:
            kept = place.with_name(f"{place.name}.{aside}") if occupied else None
            _put(store, place, copy, manifest, kept)
            return manifest, f"what was there is kept as {kept}" if kept else ""
        dumps.load_postgresql(store, copy, replace=_has_tables(store))
        with store.read() as connection:
            _compare(manifest, contents(connection))
        return manifest, f"what was there is replaced: it {occupied}" if occupied else ""


def _occupied(store: Store) -> str:
    """What a database holds, as the end of a sentence; empty for an empty one. One of SQLite that
    is too damaged to be read is not empty.
    """
    try:
        rows = rows_in(store)
    except StoreError:
        if not store.is_sqlite:
            raise
        return "holds something that cannot be read"
    return f"holds {rows} rows" if rows else ""


def rows_in(store: Store) -> int:
    """How many rows a database holds, besides notes of its own."""
    with store.read() as connection:
        found = contents(connection)
    return sum(table.rows for name, table in found.items() if name not in _KEPT_FOR_THE_HOUSE)


def _has_tables(store: Store) -> bool:
    with store.read() as connection:
        return bool(inspect(connection).get_table_names())


def _put(store: Store, place: Path, copy: Path, manifest: Manifest, kept: Path | None) -> None:
    """Move the copy of an SQLite database to its place, and what lies there to where it is kept."""
    _compare(manifest, dumps.held_in(copy))
    store.dispose()
    dumps.require_alone(place)
    for end in ("-wal", "-shm", ""):
        beside = place.with_name(place.name + end)
        if kept is not None and beside.exists():
            beside.replace(kept.with_name(kept.name + end))
        beside.unlink(missing_ok=True)
    copy.chmod(PRIVATE_FILE)
    copy.replace(place)


def _compare(manifest: Manifest, found: dict[str, Content]) -> None:
    other = differences(manifest.tables, found)
    if other:
        raise StoreError(
            f"what was restored is not what the backup holds, in {', '.join(other)}; "
            "do not use it, and restore another backup"
        )


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A folder for work in progress, on the disk of `place`, that is gone afterwards."""
    place.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".ewarn-", dir=place.parent) as folder:
        yield Path(folder)


def _write(made: Path, copy: Path, manifest: Manifest) -> None:
    packed = zipfile.ZIP_DEFLATED if manifest.database == "sqlite" else zipfile.ZIP_STORED
    made.touch(PRIVATE_FILE, exist_ok=False)
    with made.open("wb") as file:
        with zipfile.ZipFile(file, "w", packed, allowZip64=True) as archive:
            archive.write(copy, copy.name)
            archive.writestr(MANIFEST, orjson.dumps({"format": FORMAT} | asdict(manifest)))
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _unpacked(file: Path, folder: Path) -> Iterator[tuple[Manifest, Path]]:
    """The manifest and the database of a backup; raises InputError where it is not whole."""
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            _require_nothing_else(file, archive, manifest)
            copy = folder / _MEMBERS[manifest.database]
            copy.touch(PRIVATE_FILE)
            with archive.open(copy.name) as packed, copy.open("wb") as out:
                shutil.copyfileobj(packed, out, 1024 * 1024)
    except FileNotFoundError:
        raise InputError(f"there is no file {file}; check the path") from None
    except _NOT_WHOLE as error:
        raise InputError(
            f"{file} is no backup of ewarn, or is not whole ({error}); use another"
        ) from None
    if _hash(copy) != manifest.sha256:
        raise InputError(f"{file} was changed since it was made: its hash differs; use another")
    yield manifest, copy
    copy.unlink(missing_ok=True)


def _require_nothing_else(file: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raise ValueError for bytes before or behind what was written, and for other members."""
    members = sorted(archive.infolist(), key=attrgetter("header_offset"))
    with file.open("rb") as raw:
        raw.seek(max(0, file.stat().st_size - _END_BYTES))
        ends_well = raw.read(len(_END)) == _END
    names = [member.filename for member in members]
    if not ends_well or members[0].header_offset or archive.comment:
        raise ValueError("something was added to it")
    if names != [_MEMBERS[manifest.database], MANIFEST]:
        raise ValueError("it holds something else")


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise ValueError("its manifest is too large")
    said: dict[str, Any] = orjson.loads(archive.read(MANIFEST))
    if said.pop("format") != FORMAT:
        raise ValueError("it is of a newer version of ewarn")
    said["tables"] = {name: Content(**table) for name, table in said["tables"].items()}
    return Manifest(**said)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
