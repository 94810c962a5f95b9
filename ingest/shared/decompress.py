"""Files that come plain, as gzip or as the one file of a zip archive.

They can be unpacked as they are read, so that one larger than memory should hold stays out of it.
A bomb, a damaged archive, and one of several files are refused.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, cast

from ewarn.errors import RecordRejected
from ewarn.files.workbook import is_workbook

MAX_WHOLE = 512 * 1024 * 1024  # unpacked at once: more than any source sends, less than memory
MAX_STREAMED = 8 * 1024**3  # unpacked as it is read: a year of machine-coded events is over 1 GiB
MAX_LINE = 64 * 1024 * 1024  # a page of an answer may be one line
# A bomb promises thousands of times its size; real files unpack to some ten times theirs.
MAX_RATIO = 200
SMALL = 1024 * 1024  # bytes, unpacked: what harms nobody whatever its ratio
# What Python's readers of archives raise for damaged ones.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)


class Unpacked:
    """A file in an archive as a stream; reading raises RecordRejected where it is damaged, or
    longer than 8 GiB.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        with _undamaged():
            return self._counted(self._file.read(size))

    def readline(self, limit: int) -> bytes:
        """The next line with its end, or the first `limit` bytes of it."""
        with _undamaged():
            return self._counted(self._file.readline(limit))

    def _counted(self, part: bytes) -> bytes:
        self._size += len(part)
        if self._size > MAX_STREAMED:
            raise RecordRejected(_too_much(MAX_STREAMED))
        return part


@contextmanager
def opened(body: bytes) -> Iterator[Unpacked]:
    """The file in `body` as a stream; raises RecordRejected where it cannot be unpacked."""
    with ExitStack() as opened_files:
        with _undamaged():
            if body.startswith(b"PK"):
                archive = opened_files.enter_context(zipfile.ZipFile(io.BytesIO(body)))
                file = opened_files.enter_context(archive.open(_member(archive)))
            elif body.startswith(b"\x1f\x8b"):
                unzipping = gzip.GzipFile(fileobj=io.BytesIO(body))
                file = cast("IO[bytes]", opened_files.enter_context(unzipping))
            else:
                file = io.BytesIO(body)
        yield Unpacked(file)


def unpacked(body: bytes) -> bytes:
    """The file in `body`, whole; a workbook, which is an archive of its parts, as it is.

    Raises RecordRejected where it cannot be unpacked or holds more than 512 MiB.
    """
    if is_workbook(body):
        return body
    with opened(body) as stream:
        whole = stream.read(MAX_WHOLE + 1)
    if len(whole) > MAX_WHOLE:
        raise RecordRejected(_too_much(MAX_WHOLE))
    return whole


def lines_of(body: bytes) -> Iterator[bytes]:
    """Physical lines with their ends; raises RecordRejected where the file cannot be unpacked, or
    has a line of more than 64 MiB.
    """
    with opened(body) as stream:
        while line := stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise RecordRejected(
                    f"The file has a line over {MAX_LINE >> 20} MiB: that is not what it should be."
                )
            yield line


def check_zip(body: bytes) -> None:
    """Raises RecordRejected unless it is a zip archive of one file of a size to expect."""
    with _undamaged(), zipfile.ZipFile(io.BytesIO(body)) as archive:
        _member(archive)


def text_of(line: bytes) -> str:
    """A line as text: UTF-8, or Latin-1 as Windows writes it."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


@contextmanager
def _undamaged() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise RecordRejected(f"The archive is damaged ({error}): fetch it again.") from error


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise RecordRejected(f"The zip archive holds {len(members)} files where one is expected.")
    size, packed = members[0].file_size, members[0].compress_size
    if size > MAX_STREAMED or size > max(SMALL, MAX_RATIO * packed):
        raise RecordRejected(f"The zip archive would unpack to {size} bytes: too many.")
    return members[0]


def _too_much(most: int) -> str:
    return f"The file unpacks to more than {most >> 20} MiB: that is not what it should be."
