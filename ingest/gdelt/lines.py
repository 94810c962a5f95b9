"""Reader of the lines of a GDELT file of any size, as columns of bytes.

The format is tab-separated, without header, quotes or escapes. A file is read in blocks of whole
lines, so that memory does not grow with its size. A wrong line is refused, and the others are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
import pyarrow as pa
from pyarrow import csv

from ewarn.domain.source import Rejection
from ingest.gdelt.editions import Edition

BLOCK_LINES = 50_000
CHUNK = 8 * 1024 * 1024  # bytes read at a time
MAX_LINE = 1024 * 1024  # bytes: a thousand times the length of a usual line

_TAB, _END = 9, 10


class Stream(Protocol):
    """A stream of bytes."""

    def read(self, size: int = ..., /) -> bytes:
        """Return the next bytes, or none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """The cells of some lines as bytes by column, the numbers of the lines, and refused lines."""

    table: pa.Table
    lines: np.ndarray
    rejected: tuple[Rejection, ...]


def read_blocks(stream: Stream, edition: Edition) -> Iterator[Block]:
    """Yield the lines of a file, except blank ones, in blocks of at most 50,000."""
    first = 1
    for body in _bodies(stream):
        yield _block(body, first, edition)
        first += body.count(b"\n")


def _bodies(stream: Stream) -> Iterator[bytes]:
    """Yield whole lines with their line ends; only the beginning of a far too long line is kept."""
    carried, chunk = b"", stream.read(CHUNK)
    while chunk:
        following = stream.read(CHUNK)
        held = carried + chunk
        if not following and not held.endswith(b"\n"):
            held += b"\n"
        whole = held.rfind(b"\n") + 1
        yield from _parts(held[:whole])
        carried, chunk = held[whole:][: MAX_LINE + 1], following


def _parts(body: bytes) -> Iterator[bytes]:
    ends = np.flatnonzero(np.frombuffer(body, np.uint8) == _END)
    cuts = [0, *(ends[BLOCK_LINES - 1 : -1 : BLOCK_LINES] + 1).tolist(), len(body)]
    for start, stop in pairwise(cuts):
        if start < stop:
            yield _plain(body[start:stop])


def _plain(body: bytes) -> bytes:
    """Return lines with one kind of line end, without carriage returns and NUL inside of them.

    Readers treat a carriage return as a line end, and databases refuse NUL.
    """
    if b"\r" in body:
        body = body.replace(b"\r\n", b"\n").replace(b"\r", b" ")
    return body.replace(b"\0", b" ") if b"\0" in body else body


def _block(body: bytes, first: int, edition: Edition) -> Block:
    marks = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero(marks == _END)
    lengths = np.diff(ends, prepend=-1) - 1
    tabs = np.searchsorted(np.flatnonzero(marks == _TAB), ends)
    cells = np.diff(tabs, prepend=0) + 1
    blank = lengths == 0
    wrong = ~blank & ((cells != edition.cells) | (lengths > MAX_LINE))
    good = np.flatnonzero(~(blank | wrong))
    if len(good) < len(ends):
        body = b"".join(body[ends[at] - lengths[at] : ends[at] + 1] for at in good)
    rejected = tuple(
        Rejection(first + int(at), _fault(int(lengths[at]), int(cells[at]), edition))
        for at in np.flatnonzero(wrong)
    )
    return Block(_table(body, edition), good + first, rejected)


def _fault(length: int, cells: int, edition: Edition) -> str:
    if length > MAX_LINE:
        return f"it is longer than {MAX_LINE >> 20} MiB."
    return f"it has {cells} cells where a {edition.title} row has {edition.cells}."


def _table(body: bytes, edition: Edition) -> pa.Table:
    """Parse the cells of lines that all have the right number of cells."""
    names = [str(position) for position in range(edition.cells)]
    read = {names[position]: name for name, position in edition.positions.items()}
    if not body:
        return pa.table({name: pa.array([], pa.binary()) for name in read.values()})
    table = csv.read_csv(
        pa.BufferReader(body),
        csv.ReadOptions(column_names=names, use_threads=False, block_size=len(body)),
        csv.ParseOptions(delimiter="\t", quote_char=False, escape_char=False),
        csv.ConvertOptions(
            include_columns=list(read), column_types=dict.fromkeys(read, pa.binary())
        ),
    )
    return table.rename_columns(list(read.values()))
