"""What a file is written from: its columns, and what is said about the whole of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ewarn.egress.definition.tables import Column
from ewarn.frames.spreadsheet_escape import escape_formula

Record = Mapping[str, Any]
PIECE = 1 << 16  # bytes: what is sent at a time


@dataclass(frozen=True, slots=True)
class Document:
    """A table of records that is written to a file.

    Attributes:
        name: What the records are, such as `scores`.
        as_of: The moment that they refer to; None if unknown.
        notice: The text that must be shown with them; empty if none.
        hxl: Whether a row of HXL tags follows the header.
        point: Returns the latitude and longitude of a record in degrees; None if it has none.
    """

    name: str
    columns: Sequence[Column]
    as_of: datetime | None
    notice: str
    hxl: bool
    point: Callable[[Record], tuple[float, float] | None]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    @property
    def tags(self) -> list[str]:
        """The HXL tags of the columns."""
        return [column.hxl for column in self.columns]

    def row(self, record: Record) -> list[Any]:
        """Return the values of a record in the order of the columns."""
        return [column.value(record) for column in self.columns]

    def said(self) -> dict[str, str]:
        """Return what is said about the whole, for formats that have a place for it."""
        return {"as_of": self.as_of.isoformat() if self.as_of else "", "notice": self.notice}


def cell(value: Any) -> str:
    """Return a value as the text of a cell that no spreadsheet runs; empty if it is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return escape_formula(value)
    return value.isoformat() if isinstance(value, date) else str(value)
