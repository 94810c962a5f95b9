"""Column types that behave the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.types import TypeDecorator, TypeEngine

from ewarn.domain.time import require_utc

# Autoincrementing keys: SQLite increments only a column that is declared INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")
Bytes = LargeBinary()


class _WallTime(DATETIME):
    """UTC wall time, in the same text format as SQLAlchemy's own type but several times faster."""

    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[datetime | None], str | None]:
        """Return a function that formats a UTC moment as `YYYY-MM-DD HH:MM:SS.ffffff`.

        The text has no zone, and its alphabetical order is the order of time.
        """
        return lambda utc: None if utc is None else utc.isoformat(" ", "microseconds")[:26]


class Moment(TypeDecorator[datetime]):
    """A UTC moment. SQLite has no time zones, so it stores UTC wall time, which sorts correctly."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Return the column type of this database."""
        wall_time = _WallTime()  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(
            wall_time if dialect.name == "sqlite" else self.impl_instance
        )

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the moment in UTC.

        Raises:
            ValueError: The moment has no time zone.
        """
        return None if value is None else require_utc(value)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Return the stored moment in UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value stored as text: it is written once, read as a whole and never searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Return compact JSON with sorted keys, so that equal values give equal texts."""
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """Return the value that the JSON text holds."""
        return None if value is None else orjson.loads(value)


class ForeignText(TypeDecorator[str]):
    """Text from outside, such as the answer of a server.

    Characters that no database accepts (NUL, halves of surrogate pairs) are replaced by a space or
    a question mark, because the reason of a failure must be stored whatever it contains.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Return the text with the characters replaced that no database accepts."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-8", "replace").decode().replace("\0", " ")
