"""Decompression of files that come plain, as gzip, or as the only file of a zip archive.

They can be unpacked while they are read, so that a large file need not fit into memory. A zip bomb,
a damaged archive and an archive of several files are refused.
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

MAX_WHOLE = 512 * 1024 * 1024  # bytes unpacked at once: more than any source sends
MAX_STREAMED = 8 * 1024**3  # bytes unpacked while read: a year of coded events is over 1 GiB
MAX_LINE = 64 * 1024 * 1024  # a page of an answer may be one line
# A zip bomb unpacks to thousands of times its size, a real file to some ten times.
MAX_RATIO = 200
SMALL = 1024 * 1024  # bytes, unpacked: so small a file does no harm, whatever its ratio
# The errors that Python's readers raise for damaged archives.
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
    """A file in an archive as a stream.

    Reading raises RecordRejected if the file is damaged or longer than 8 GiB.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, or none at the end."""
        with _undamaged():
            return self._counted(self._file.read(size))

    def readline(self, limit: int) -> bytes:
        """Return the next line with its line end, or its first `limit` bytes."""
        with _undamaged():
            return self._counted(self._file.readline(limit))

    def _counted(self, part: bytes) -> bytes:
        self._size += len(part)
        if self._size > MAX_STREAMED:
            raise RecordRejected(_too_much(MAX_STREAMED))
        return part


@contextmanager
def opened(body: bytes) -> Iterator[Unpacked]:
    """Open the file in `body` as a stream.

    Raises:
        RecordRejected: If it cannot be unpacked.
    """
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
    """Return the whole file in `body`; a workbook is returned unchanged, although it is an archive.

    Raises:
        RecordRejected: If it cannot be unpacked or is larger than 512 MiB.
    """
    if is_workbook(body):
        return body
    with opened(body) as stream:
        whole = stream.read(MAX_WHOLE + 1)
    if len(whole) > MAX_WHOLE:
        raise RecordRejected(_too_much(MAX_WHOLE))
    return whole


def lines_of(body: bytes) -> Iterator[bytes]:
    """Yield the physical lines of a file with their line ends.

    Raises:
        RecordRejected: If the file cannot be unpacked or has a line of more than 64 MiB.
    """
    with opened(body) as stream:
        while line := stream.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                raise RecordRejected(
                    f"The file has a line over {MAX_LINE >> 20} MiB: that is not what it should be."
                )
            yield line


def check_zip(body: bytes) -> None:
    """Check that a file is a zip archive of one file of a plausible size.

    Raises:
        RecordRejected: If it is not.
    """
    with _undamaged(), zipfile.ZipFile(io.BytesIO(body)) as archive:
        _member(archive)


def text_of(line: bytes) -> str:
    """Return a line as text, read as UTF-8, or else as Windows-1252."""
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
