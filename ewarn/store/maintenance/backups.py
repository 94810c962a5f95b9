"""Backups: one file with a copy of the whole database and a manifest that proves it complete.

The file is a zip archive of two members: the database (`database.sqlite`, or `database.dump` in
pg_dump's custom format), and `manifest.json`. The manifest says when and by which version the
backup was created, the schema's revision, the hash of the database's copy, and for each table the
number of its rows and their hash.
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
_END, _END_BYTES = b"PK\x05\x06", 22  # the last record of a zip archive that has no comment
_NOT_WHOLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, KeyError, TypeError, ValueError, EOFError),
    *(
        RuntimeError,
        OverflowError,
    ),  # a damaged header may request a password or another compression
)
_KEPT_FOR_THE_HOUSE = frozenset({"meta"})  # the service may write it at each start


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup states about itself.

    Attributes:
        made_at: When it was created, as an ISO moment.
        version: The version of ewarn that created it.
        database: `sqlite` or `postgresql`.
        revision: The revision of the schema.
        sha256: The hash of the database's copy.
        tables: The content of each table by name.
    """

    made_at: str
    version: str
    database: str
    revision: str
    sha256: str
    tables: dict[str, Content]

    @property
    def rows(self) -> int:
        """The number of rows of all tables."""
        return sum(table.rows for table in self.tables.values())


def back_up(store: Store, to: Path, now: datetime, version: str) -> Manifest:
    """Write a backup of a database, which may be in use, and verify it.

    The file gets its name only after the verification.

    Raises:
        UsageError: There is already a file of that name.
        StoreError: The backup cannot be created.
    """
    if to.exists():
        raise UsageError(f"{to} exists already; a backup never replaces a file, so name another")
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
            pass  # unpacking verifies what was written
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
    """Restore a backup into an empty database.

    Args:
        force: Also replace a database that is not empty. An SQLite file is kept under its name with
            `aside` appended; the tables of PostgreSQL are replaced.

    Returns:
        The manifest, and a clause on what happened to the previous content (empty if there was
        none).

    Raises:
        InputError: The backup is not complete.
        UsageError: The database is not empty, or is of another kind than the backup.
        StoreError: The database cannot be written, and nothing was changed; or the restored content
            differs from the manifest, which PostgreSQL shows only after it was replaced.
    """
    place = Path(store.url.database or "") if store.is_sqlite else Path(tempfile.gettempdir(), "x")
    with _beside(place) as folder, _unpacked(file, folder) as (manifest, copy):
        if manifest.database != store.url.get_backend_name():
            raise UsageError(
                f"{file} is a backup of {manifest.database}, and EWARN_DATABASE_URL names "
                f"{store.url.get_backend_name()}; restore it into a database of the same kind"
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
            return manifest, f"the previous database is kept as {kept}" if kept else ""
        dumps.load_postgresql(store, copy, replace=_has_tables(store))
        with store.read() as connection:
            _compare(manifest, contents(connection))
        return manifest, f"the previous database was replaced: it {occupied}" if occupied else ""


def _occupied(store: Store) -> str:
    """Return what a database holds, as the end of a sentence; empty for an empty database.

    An SQLite database that is too damaged to be read does not count as empty.
    """
    try:
        rows = rows_in(store)
    except StoreError:
        if not store.is_sqlite:
            raise
        return "holds data that cannot be read"
    return f"holds {rows} rows" if rows else ""


def rows_in(store: Store) -> int:
    """Return the number of rows of a database, without the table of facts about itself."""
    with store.read() as connection:
        found = contents(connection)
    return sum(table.rows for name, table in found.items() if name not in _KEPT_FOR_THE_HOUSE)


def _has_tables(store: Store) -> bool:
    with store.read() as connection:
        return bool(inspect(connection).get_table_names())


def _put(store: Store, place: Path, copy: Path, manifest: Manifest, kept: Path | None) -> None:
    """Move the copy of an SQLite database to its place, and the old file to `kept` if given."""
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
            f"the restored database differs from the backup in {', '.join(other)}; "
            "do not use it, and restore another backup"
        )


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Yield a temporary folder on the same disk as `place`, and delete it afterwards."""
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
    """Yield the manifest and the database copy of a backup.

    Raises:
        InputError: The backup is missing, not complete, or was changed.
    """
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
            f"{file} is not a backup of ewarn, or is not complete ({error}); use another"
        ) from None
    if _hash(copy) != manifest.sha256:
        raise InputError(f"{file} was changed since it was made: its hash differs; use another")
    yield manifest, copy
    copy.unlink(missing_ok=True)


def _require_nothing_else(file: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Raise ValueError for bytes before or after the archive, and for other members."""
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
        raise ValueError("it was created by a newer version of ewarn")
    said["tables"] = {name: Content(**table) for name, table in said["tables"].items()}
    return Manifest(**said)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
