"""Bulk insert of many rows, by the fastest way of each database.

PostgreSQL uses COPY and SQLite uses `executemany`. Values are converted by the column types of
SQLAlchemy, and each distinct value is converted only once. A failure is raised as SQLAlchemy raises
it, without the values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import (
    Column,
    Connection,
    Float,
    String,
    Table,
    insert,
)
from sqlalchemy.exc import DBAPIError

_ROWS_A_BLOCK = 1_000  # the server processes one block while we build the next
_NULL = r"\N"
_ESCAPES = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
_ESCAPE = str.maketrans(_ESCAPES)

Columns = Mapping[str, Sequence[Any]]
Convert = Callable[[Any], Any]


class BulkInsert:
    """A bulk insert in the open transaction of a connection. It caches converted values."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._converts: dict[type, Convert | None] = {}

    def rows(self, table: Table, columns: Columns) -> None:
        """Insert rows that are given column by column.

        Args:
            table: The table to insert into.
            columns: Values by column name: plain Python values, None where missing, all columns of
                one length. Columns that are not named get no value, so only an autoincrementing key
                may be left out.

        Raises:
            sqlalchemy.exc.DBAPIError: The database refused the rows.
        """
        columns = {  # a column without any value need not be sent
            name: values for name, values in columns.items() if values.count(None) < len(values)
        }
        if not columns:
            return
        failure = self._connection.dialect.loaded_dbapi.Error
        cursor: Any = self._connection.connection.cursor()
        try:
            if isinstance(cursor, psycopg.Cursor):
                self._copy(cursor, table, columns)
            else:
                self._execute(cursor, table, columns)
        except failure as error:
            raise DBAPIError.instance(
                f"bulk insert into {table}", None, error, failure, hide_parameters=True
            ) from error
        finally:
            cursor.close()

    def _execute(self, cursor: Any, table: Table, columns: Columns) -> None:
        dialect = self._connection.dialect
        compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
        stored = [self._stored(table.c[name], columns[name]) for name in compiled.positiontup or ()]
        cursor.executemany(str(compiled), zip(*stored, strict=True))

    def _copy(self, cursor: psycopg.Cursor, table: Table, columns: Columns) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
        texts = [self._texts(table.c[name], values) for name, values in columns.items()]
        lines = map("\t".join, zip(*texts, strict=True))
        with cursor.copy(command) as copy:
            while block := list(islice(lines, _ROWS_A_BLOCK)):
                copy.write("\n".join(block) + "\n")

    def _stored(self, column: Column[Any], values: Sequence[Any]) -> Iterable[Any]:
        """Return the values as the database driver takes them."""
        kind = type(column.type)
        if kind not in self._converts:
            convert = self._processor(column)
            self._converts[kind] = convert and cache(convert)
        known = self._converts[kind]
        return map(known, values) if known else values

    def _texts(self, column: Column[Any], values: Sequence[Any]) -> Iterable[str]:
        """Return the values in the text format of COPY."""
        kind = type(column.type)
        convert = self._processor(column)
        if convert is None and issubclass(kind, String):
            return _escaped(values)
        if issubclass(kind, Float):  # not cached: 0.0 and -0.0 are equal keys with different texts
            return map(_text, values)
        if kind not in self._converts:
            self._converts[kind] = cache(lambda value: _text(convert(value) if convert else value))
        known = self._converts[kind]
        assert known is not None
        return map(known, values)

    def _processor(self, column: Column[Any]) -> Convert | None:
        dialect = self._connection.dialect
        return column.type.dialect_impl(dialect).bind_processor(dialect)


def _text(value: Any) -> str:
    """Return one value in the text format of COPY."""
    if value is None:
        return _NULL
    if isinstance(value, str):
        return value.translate(_ESCAPE)
    if isinstance(value, date):  # or a datetime
        return value.isoformat()
    if isinstance(value, bool | int | float):
        return str(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be copied in bulk")


def _escaped(values: Sequence[str | None]) -> Iterable[str]:
    """Return texts in the text format of COPY.

    Most texts hold nothing to escape, so all are searched at once first.
    """
    together = "".join(filter(None, values))
    if any(special in together for special in _ESCAPES):
        return map(_text, values)
    return [_NULL if value is None else value for value in values]
