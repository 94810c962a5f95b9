"""Files put into a folder by hand or by another machine, as payloads: each is read once it rests.

A file's mark is when it last changed in any way (`st_ctime`), not its time of modification. A copy
often keeps that of its original: it would then lie before what was read last, and be lost. The
change time moves whenever a file is written, copied or renamed into place, and nobody can set it.
A file that was only touched is read again, which changes nothing.
"""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ewarn.domain.source import Payload, Terms, Unread
from ewarn.errors import SourceRefused
from ingest.shared.web import Web

LOOK_EVERY = timedelta(minutes=15)
AT_REST = timedelta(seconds=10)  # without a change, before a file is taken for whole
TABLE_ENDINGS = (".csv", ".csv.gz", ".tsv", ".xlsx", ".xls", ".ods")
MAX_BYTES = 128 * 1024 * 1024
# Not blocking, so that a named pipe cannot hold the worker; the last part is never a link.
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_ASIDE = (".", "~$")  # hidden files, and those that Excel keeps beside an open workbook
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of the folder with the moment it last changed."""

    path: Path
    changed_at: datetime

    @property
    def name(self) -> str:
        """Its name as it can be stored, whatever bytes it is made of."""
        return os.fsencode(self.path.name).decode("utf-8", errors="replace")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one folder, not of those below it, whose names end in one of `endings`.

    Hidden files and Excel's locks are left alone, and so is one that still bears another ending
    (`.part`). `kept_as` is how the name of a file is kept, by which it may be asked for again.
    """

    source: str
    path: Path
    endings: tuple[str, ...]
    kept_as: Callable[[str], str] = str

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Files that changed after `since` and are at rest, in the order in which they changed.

        Raises SourceRefused where the folder cannot be listed.
        """
        for found in self._listed():
            if found.changed_at > now - AT_REST:
                return  # it and those after it come with the next look
            if since is None or found.changed_at > since:
                item = self._read(found, now)
                if item is None:
                    continue
                yield item

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """One file by its name; raises SourceRefused where the folder has none."""
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
                continue  # gone since it was listed, or a link that leads nowhere
            if stat.S_ISREG(state.st_mode):
                found.append(_Found(path, _changed_at(state)))
        return sorted(found, key=lambda item: (item.changed_at, item.path))

    def _is_wanted(self, name: str) -> bool:
        return name.lower().endswith(self.endings) and not name.startswith(_ASIDE)

    def _read(self, found: _Found, now: datetime) -> Payload | Unread | None:
        """The file, or why it cannot be had; None if it changed meanwhile: its new mark lies
        after this look, so that the next one brings it.
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
        """Its bytes, and when it had last changed once they were read; raises OSError, or
        SourceRefused for what is no file of this folder, or too large.
        """
        real = path.resolve(strict=True)
        if not real.is_relative_to(self.path.resolve()):
            raise SourceRefused("it is a link that leads out of the folder: put the file itself")
        with os.fdopen(os.open(real, _OPEN), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceRefused("it is no plain file")
            body = file.read(MAX_BYTES + 1)
            if len(body) > MAX_BYTES:
                raise SourceRefused(f"it holds more than {MAX_BYTES >> 20} MiB: split it")
            return body, _changed_at(os.fstat(file.fileno()))


class FolderSource:
    """What sources have in common whose files somebody puts into a folder."""

    name: str
    endings: tuple[str, ...]
    setting: str  # that names the folder
    cadence = None
    look_every = LOOK_EVERY
    retention = timedelta(0)  # who put a file there has it, and columns that we do not read
    terms = Terms(
        attribution="whoever wrote the file",
        licence="as agreed with them",
        redistribute=True,
        train=False,
        url="docs/format.md",
    )

    def __init__(
        self,
        web: Web | None = None,  # noqa: ARG002 (sources are made alike; this one asks nobody)
        *,
        folder: Path | None = None,
    ) -> None:
        self._folder = folder

    @property
    def obstacle(self) -> str | None:
        """A folder must be named."""
        if self._folder is None:
            return f"{self.setting} is not set: name the folder that its files are put into"
        return None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Files that changed since the last look, each whole; raises SourceRefused."""
        return self._files().fetch(since, now)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """One file by its name; raises SourceRefused where it is gone."""
        return self._files().fetch_again(name, now)

    def _files(self) -> Folder:
        return Folder(self.name, self._folder or Path(), self.endings)


def _changed_at(state: os.stat_result) -> datetime:
    changed = state.st_ctime_ns
    if os.name == "nt":  # there it is when the file came to be, which a later edit leaves as it is
        changed = max(changed, state.st_mtime_ns)
    return _EPOCH + timedelta(microseconds=changed // 1_000)
