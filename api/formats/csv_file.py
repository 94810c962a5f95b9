"""CSV with a header, and with a row of HXL tags if it is asked for."""

import csv
import io
from collections.abc import Iterable, Iterator

from api.formats.document import PIECE, Document, Record, cell


def write(document: Document, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield the text in UTF-8. A missing value is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(document.names)
    if document.hxl:
        writer.writerow(document.tags)
    for record in records:
        writer.writerow(map(cell, document.row(record)))
        if text.tell() >= PIECE:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    """Return what was written, and empty the buffer."""
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written
