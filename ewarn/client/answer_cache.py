"""Answers that are kept on disk, so that an unchanged one need not cross the line again.

One file holds one answer: a line of JSON about it, then its body. The folder is private to the
user, because answers may be of restricted sources. It never holds a key.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer of the service.

    Attributes:
        etag: Its entity tag; empty if it has none.
        read_at: When the service last gave or confirmed it, by the service's clock; None if it did
            not say.
        is_offline: Whether it is used because the service cannot be reached.
    """

    address: str
    body: bytes
    etag: str = ""
    read_at: datetime | None = None
    is_offline: bool = False


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """The answers that one key was given by one service.

    Attributes:
        folder: Is made if it is missing. Several processes may use it at once.
        owner: The address of the service and the prefix of the key. What one key was given is not
            shown to another.
        most_bytes: The size of the folder; the answers not used for longest are removed first.
    """

    folder: Path
    owner: str
    most_bytes: int = MOST_BYTES

    def get(self, address: str) -> StoredAnswer | None:
        """Return the answer that is kept for an address, or None if there is none to read."""
        try:
            head, _, body = self._path(address).read_bytes().partition(b"\n")
            said: dict[str, Any] = orjson.loads(head)
            at = said["read_at"] and datetime.fromisoformat(said["read_at"])
            if said["address"] != address or said["bytes"] != len(body):
                return None
            return StoredAnswer(address, body, said["etag"], at)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # a damaged file counts as none

    def put(self, answer: StoredAnswer) -> None:
        """Keep an answer. A disk that is full or not writable is no reason to refuse an answer."""
        with suppress(OSError):
            self._write(answer)
            self._make_room()

    def _write(self, answer: StoredAnswer) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        about = asdict(replace(answer, body=b""))
        del about["body"], about["is_offline"]
        head = orjson.dumps({**about, "bytes": len(answer.body)})
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(head + b"\n" + answer.body)
            Path(name).replace(self._path(answer.address))
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _make_room(self) -> None:
        """Remove what was not used for longest, and what an interrupted process left."""
        files = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another process removed it
                state = path.stat()
                files.append((state.st_mtime, state.st_size, path))
        size = sum(each for _, each, _ in files)
        for _, each, path in sorted(files):
            if size <= self.most_bytes:
                return
            path.unlink(missing_ok=True)
            size -= each

    def _path(self, address: str) -> Path:
        name = hashlib.sha256(f"{self.owner}\n{address}".encode()).hexdigest()
        return self.folder / f"{name}.answer"
