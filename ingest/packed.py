"""Lines of files that come plain, as gzip or as the one file of a zip archive.

They are unpacked as they are read, so that a file larger than memory should hold stays out of it.
"""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, cast

from ewarn.errors import RecordRejected

MAX_BYTES = 4 * 1024 * 1024 * 1024  # unpacked: a year of machine-coded events is over 1 GiB
MAX_LINE = 64 * 1024 * 1024  # a page of an answer may be one line
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError),
    ValueError,
)


def lines_of(body: bytes) -> Iterator[bytes]:
    """Physical lines with their ends; raises RecordRejected where the file is damaged, unpacks to
    more than 4 GiB, or has a line of more than 64 MiB.
    """
    size = 0
    try:
        with _opened(body) as stream:
            while line := stream.readline(MAX_LINE + 1):
                size += len(line)
                if len(line) > MAX_LINE or size > MAX_BYTES:
                    raise RecordRejected(
                        f"The file has a line over {MAX_LINE >> 20} MiB or unpacks to more than "
                        f"{MAX_BYTES >> 20} MiB: that is not what it should be."
                    )
                yield line
    except _BROKEN as error:
        raise RecordRejected(f"The archive is damaged ({error}): fetch it again.") from error


def _opened(body: bytes) -> IO[bytes]:
    if body.startswith(b"\x1f\x8b"):
        return cast("IO[bytes]", gzip.open(io.BytesIO(body)))
    if not body.startswith(b"PK"):
        return io.BytesIO(body)
    archive = zipfile.ZipFile(io.BytesIO(body))
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise RecordRejected(f"The zip archive holds {len(members)} files where one is expected.")
    return archive.open(members[0])


def text_of(line: bytes) -> str:
    """A line as text: UTF-8, or Latin-1 as Windows writes it."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
