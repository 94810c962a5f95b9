"""Reader of files that people or other machines put into a folder.

A file is read after it has not changed for some seconds. Its position in the order of reading is
the time of its last change of any kind (`st_ctime`), not its modification time. A copy often keeps
the modification time of its original, which may be before the last read file, so that the copy
would be lost. The change time is set whenever a file is written, copied or renamed into place, and
nobody can set it by hand. A file that was only touched is read again, which changes nothing.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ewarn.domain.source import Payload, Terms, Unread
from ewarn.errors import SourceRefused
from ewarn.languages import source_reasons
from ingest.shared.web import Web

LOOK_EVERY = timedelta(minutes=15)
AT_REST = timedelta(seconds=10)  # a file is complete when it has not changed for this time
TABLE_ENDINGS = (".csv", ".csv.gz", ".tsv", ".xlsx", ".xls", ".ods")
MAX_BYTES = 128 * 1024 * 1024
# Files are opened without blocking, so that a named pipe cannot stop the worker, and links are not
# followed.
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_ASIDE = (".", "~$")  # hidden files, and lock files that Excel creates next to an open workbook
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of the folder with the moment of its last change."""

    path: Path
    changed_at: datetime

    @property
    def name(self) -> str:
        """The name of the file as a text that can be stored, whatever its bytes are."""
        return os.fsencode(self.path.name).decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one folder, without subfolders, whose names end in one of `endings`.

    Hidden files, lock files of Excel and files with another ending (`.part`) are ignored. `kept_as`
    returns the name under which a file is stored, by which it may be requested again.
    """

    source: str
    path: Path
    endings: tuple[str, ...]
    kept_as: Callable[[str], str] = str

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Yield the complete files that changed after `since`, in the order of their changes.

        Raises:
            SourceRefused: If the folder cannot be listed.
        """
        for found in self._listed():
            if found.changed_at > now - AT_REST:
                return  # this file and the later ones are read next time
            if since is None or found.changed_at > since:
                item = self._read(found, now)
                if item is None:
                    continue
                yield item

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """Return one file by its name.

        Raises:
            SourceRefused: If the folder has no such file or cannot be listed.
        """
        for found in self._listed():
            if name in (found.name, self.kept_as(found.name)):
                changing = Unread(self.source, name, "it is being written", found.changed_at)
                return self._read(found, now) or changing
        raise SourceRefused(f"there is no file {name} in {self.path} any more")

    def _listed(self) -> list[_Found]:
        try:
            paths = [path for path in self.path.iterdir() if self._is_wanted(path.name)]
        except OSError as error:
            raise SourceRefused(
                f"The folder {self.path} cannot be read ({error.strerror}): create it, or let "
                "the service read it."
            ) from None
        found = []
        for path in paths:
            try:
                state = path.stat()
            except OSError:
                continue  # it was removed after it was listed, or is a broken link
            if stat.S_ISREG(state.st_mode):
                found.append(_Found(path, _changed_at(state)))
        return sorted(found, key=lambda item: (item.changed_at, item.path))

    def _is_wanted(self, name: str) -> bool:
        return name.lower().endswith(self.endings) and not name.startswith(_ASIDE)

    def _read(self, found: _Found, now: datetime) -> Payload | Unread | None:
        """Return the file, or the reason why it cannot be read.

        Return None if it changed meanwhile: its change time is then after `now`, so that the next
        call reads it.
        """
        try:
            body, changed_at = self._bytes_of(found.path)
        except (OSError, SourceRefused) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return Unread(
                self.source, found.name, f"it cannot be read ({reason})", found.changed_at
            )
        if changed_at != found.changed_at:
            return None
        return Payload(self.source, found.name, body, now, published_at=changed_at)

    def _bytes_of(self, path: Path) -> tuple[bytes, datetime]:
        """Return the bytes of a file, and its time of change after they were read.

        Raises:
            OSError: If it cannot be read.
            SourceRefused: If it is not a regular file of this folder, or is too large.
        """
        real = path.resolve(strict=True)
        if not real.is_relative_to(self.path.resolve()):
            raise SourceRefused("it is a link that leads out of the folder: put the file itself")
        with os.fdopen(os.open(real, _OPEN), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceRefused("it is not a plain file")
            body = file.read(MAX_BYTES + 1)
            if len(body) > MAX_BYTES:
                raise SourceRefused(f"it holds more than {MAX_BYTES >> 20} MiB: split it")
            return body, _changed_at(os.fstat(file.fileno()))


class FolderSource:
    """Base class of sources whose files are put into a folder."""

    name: str
    endings: tuple[str, ...]
    setting: str  # the environment variable that names the folder
    cadence = None
    look_every = LOOK_EVERY
    # Nothing is stored: whoever put a file there has it, and it may have columns that are not read.
    retention = timedelta(0)
    terms = Terms(
        attribution="whoever wrote the file",
        licence="as agreed with them",
        redistribute=True,
        train=False,
        url="docs/format.md",
    )

    def __init__(
        self,
        web: Web | None = None,  # noqa: ARG002 (all sources take it; this one sends no requests)
        *,
        folder: Path | None = None,
    ) -> None:
        self._folder = folder

    @property
    def obstacle(self) -> str | None:
        """The reason why the source cannot be read: no folder is set."""
        if self._folder is None:
            return source_reasons.NO_FOLDER(setting=self.setting)
        return None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Yield the complete files that changed after `since`.

        Raises:
            SourceRefused: If the folder cannot be listed.
        """
        return self._files().fetch(since, now)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """Return one file by its name.

        Raises:
            SourceRefused: If it is no longer there.
        """
        return self._files().fetch_again(name, now)

    def _files(self) -> Folder:
        return Folder(self.name, self._folder or Path(), self.endings)


def _changed_at(state: os.stat_result) -> datetime:
    changed = state.st_ctime_ns
    if os.name == "nt":  # on Windows it is the time of creation, which a later edit does not change
        changed = max(changed, state.st_mtime_ns)
    return _EPOCH + timedelta(microseconds=changed // 1_000)
