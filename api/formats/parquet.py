"""Parquet, written in row groups, so that no more than one of them is in memory."""

import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from api.formats.document import Document, Record

ROWS = 10_000  # in a row group
_TYPES = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


class _Sink(io.RawIOBase):
    """A file that is read while it is written."""

    def __init__(self) -> None:
        self._new = bytearray()
        self._place = 0

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._place

    def write(self, data: Any) -> int:
        """Add bytes, and return how many they are."""
        self._new += data
        self._place += len(data)
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last call."""
        new = bytes(self._new)
        self._new.clear()
        return new


def write(document: Document, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield a Parquet file. The metadata of its schema hold `as_of`, `notice` and the HXL tags."""
    schema = _schema(document)
    sink, rows = _Sink(), iter(records)
    with pq.ParquetWriter(sink, schema) as writer:
        while group := [document.row(record) for record in islice(rows, ROWS)]:
            writer.write_table(_table(schema, group))
            yield sink.taken()
    yield sink.taken()


def _schema(document: Document) -> pa.Schema:
    fields = [
        pa.field(
            column.name,
            _TYPES[column.kind],
            metadata={"hxl": column.hxl} if column.hxl else None,
        )
        for column in document.columns
    ]
    return pa.schema(fields, metadata=document.said())


def _table(schema: pa.Schema, rows: list[list[Any]]) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
