"""Columns of tables of records: derived from the fields of a shape, for every kind of file.

A field that fits a cell is a column. Another field can name the columns that stand for it, with
`InTables`. So CSV, Parquet, workbooks and the properties of GeoJSON have the same columns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from ewarn.egress.definition.shapes import HXL, Shape, is_shape

NOT_IN_TABLES = "not in tables"  # marks a field that tables leave out although it fits a cell
SEPARATOR = ";"
_KINDS = (bool, int, float, datetime, date, str)  # a bool is an int, and a datetime is a date

Value = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        kind: The type of its values, one of bool, int, float, date, datetime and str.
        value: Returns its value from a record; None for an empty cell.
        hxl: Its tag in the Humanitarian Exchange Language; empty if it has none.
    """

    name: str
    kind: type
    value: Value
    hxl: str = ""


class InTables:
    """Marks a field with the columns that it adds: for itself, or beside its own."""

    def __init__(self, *columns: Column) -> None:
        self.columns = columns


def joined(name: str, of: str, item: str | None = None, *, hxl: str = "") -> Column:
    """Return a column with all values of a list, separated by semicolons.

    Args:
        of: The field that holds the list.
        item: The field of each record in the list; None for a list of texts.
    """

    def value(record: Mapping[str, Any]) -> str:
        values = record.get(of) or ()
        return SEPARATOR.join(values if item is None else (each[item] for each in values))

    return Column(name, str, value, hxl)


def numbered(name: str, of: str, item: str, *, first: int, hxl: str = "") -> InTables:
    """Return one column for each of the first records of a list: `name_1`, `name_2` and so on.

    Args:
        of: The field that holds the list.
        item: The field of each record that the column shows.
    """

    def value(place: int) -> Value:
        def nth(record: Mapping[str, Any]) -> Any:
            values = record.get(of) or ()
            return values[place][item] if place < len(values) else None

        return nth

    columns = (Column(f"{name}_{place + 1}", str, value(place), hxl) for place in range(first))
    return InTables(*columns)


def subdivision(record: Mapping[str, Any]) -> str | None:
    """Return the region of a record if it is a subdivision, and None if it is a country."""
    region: str = record["region"]
    return None if region == record["country"] else region


@cache
def columns_of(shape: type[Shape]) -> tuple[Column, ...]:
    """Return the columns of a table of such records, in the order of the fields."""
    found: list[Column] = []
    for name, field in shape.model_fields.items():
        kind = _kind(field.annotation)
        if kind is not None and NOT_IN_TABLES not in field.metadata:
            found.append(Column(name, kind, _plain(name), _tag(field)))
        for mark in field.metadata:
            if isinstance(mark, InTables):
                found += mark.columns
    return tuple(found)


def _plain(name: str) -> Value:
    def value(record: Mapping[str, Any]) -> Any:
        return record.get(name)

    return value


def _tag(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    return str(extra.get(HXL, "")) if isinstance(extra, dict) else ""


def _kind(annotation: Any) -> type | None:
    """Return the type of the values of a field, or None if they do not fit a cell."""
    if is_shape(annotation):
        return None
    holder = get_origin(annotation)
    if holder is Literal:
        return str
    if holder in (Union, UnionType):
        kinds = {_kind(each) for each in get_args(annotation) if each is not NoneType}
        return kinds.pop() if len(kinds) == 1 else None
    if holder is None and isinstance(annotation, type):
        return next((kind for kind in _KINDS if issubclass(annotation, kind)), None)
    return None
