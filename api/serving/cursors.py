"""Cursors: where a page ended, and the moment all its pages speak of.

The moment travels in the cursor, so that the pages of one list are one answer: a row that comes
or changes between two pages is neither skipped nor repeated.
"""

import base64
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import orjson

from api.serving.problems import Problem
from api.serving.queries import AsOf, Paged, of_the_past
from api.serving.state import ApiState
from ewarn.domain.time import parse_day, parse_moment

Position = TypeVar("Position")
_LARGEST = 2**63 - 1  # what a database key can hold


def write(moment: datetime, *position: str | int | date) -> str:
    """A cursor as it stands in an address."""
    body = orjson.dumps([moment.isoformat(), *position])
    return base64.urlsafe_b64encode(body).decode().rstrip("=")


def begin(
    state: ApiState, asked: Paged, of: Callable[..., Position]
) -> tuple[datetime | None, Position | None]:
    """The moment a page speaks of and the position after which it begins.

    `of` checks the parts of a position. Without a cursor: the moment asked for (None: now), and the
    start. A problem 400 if the cursor is not one of this list.
    """
    if asked.cursor is None:
        return of_the_past(state, asked.as_of) if isinstance(asked, AsOf) else None, None
    try:
        padded = asked.cursor + "=" * (-len(asked.cursor) % 4)
        moment, *parts = orjson.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        return parse_moment(moment), of(*parts)
    except (ValueError, TypeError, OverflowError):
        raise Problem("bad-cursor", "The cursor is not one that this list gave.") from None


def row(number: object) -> int:
    """The position in a list ordered by row id."""
    if type(number) is not int or not 0 <= number <= _LARGEST:
        raise ValueError("not a number of a row")
    return number


def event(day: str, source: str, id_: str) -> tuple[date, str, str]:
    """The position in a list of events."""
    return parse_day(day), _name(source), _name(id_)


def dated(day: str, id_: str) -> tuple[date, str]:
    """The position in a list ordered by a day: of deployments, or of recommendations."""
    return parse_day(day), _name(id_)


def delivery(made_at: str, id_: str) -> tuple[datetime, str]:
    """The position in a list of deliveries."""
    return parse_moment(made_at), _name(id_)


def _name(value: str) -> str:
    if not value.isprintable():
        raise ValueError("not a name")
    return value
