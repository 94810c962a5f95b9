"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.types import TypeDecorator, TypeEngine

from ewarn.domain.time import require_utc

# Autoincrementing keys: SQLite only increments a column declared INTEGER.
Key = BigInteger().with_variant(Integer(), "sqlite")
Bytes = LargeBinary()


class _WallTime(DATETIME):
    """UTC wall time in the text that SQLAlchemy itself would write, several times faster."""

    cache_ok = True

    def bind_processor(self, _dialect: Dialect) -> Callable[[datetime | None], str | None]:
        """`YYYY-MM-DD HH:MM:SS.ffffff` of a UTC moment: no zone, and it sorts."""
        return lambda utc: None if utc is None else utc.isoformat(" ", "microseconds")[:26]


class Moment(TypeDecorator[datetime]):
    """A UTC moment. SQLite has no zones, so it holds the UTC wall time, which also sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """How this database holds it."""
        wall_time = _WallTime()  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(
            wall_time if dialect.name == "sqlite" else self.impl_instance
        )

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """UTC; a naive moment is a ValueError."""
        return None if value is None else require_utc(value)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Always UTC with zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value kept as text: written once, read whole, never searched."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:
        """Compact JSON with sorted keys, so that equal values are equal texts."""
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Any:
        """The value again."""
        return None if value is None else orjson.loads(value)


class ForeignText(TypeDecorator[str]):
    """Text that strangers had a part in, such as the answer of a server. What no database takes
    (NUL, halves of characters) is written as a space or a question mark: why something failed must
    be kept, whatever was answered.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """As it is stored."""
        if value is None or (value.isascii() and "\0" not in value):
            return value
        return value.encode("utf-8", "replace").decode().replace("\0", " ")
