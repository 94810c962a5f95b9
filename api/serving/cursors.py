"""Cursors of pages. A cursor holds the end of a page and the moment that all pages refer to.

Because the moment is in the cursor, the pages of one list form one answer: a row that appears or
changes between two pages is neither skipped nor repeated.

A page can end at a row that its key may not see. So cursors are sealed: they tell nothing, and
nobody can make one to ask where such rows are.
"""

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import Connection

from api.serving.problems import Problem
from api.serving.queries import AsOf, Paged, of_the_past
from api.serving.state import ApiState
from ewarn.domain.text import storable
from ewarn.domain.time import parse_day, parse_moment
from ewarn.languages import problem_details
from ewarn.store.database.engine import Store

Position = TypeVar("Position")
Item = TypeVar("Item")
_STEP = 128  # bytes
_LARGEST = 2**63 - 1  # what a database key can hold


def write(state: ApiState, moment: datetime, *position: str | int | date) -> str:
    """Return a cursor for use in an address."""
    body = orjson.dumps([moment.isoformat(), *position])
    padded = body + b" " * (-len(body) % _STEP)  # else its length would tell of a name
    sealed = state.cursor_seal.encrypt(padded, None)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def begin(
    state: ApiState, asked: Paged, of: Callable[..., Position]
) -> tuple[datetime | None, Position | None]:
    """Return the moment of a page and the position after which it begins.

    Without a cursor they are the moment of the request (None: now) and None for the start.

    Args:
        of: Checks the parts of a position and returns the position.

    Raises:
        Problem: 400 if the cursor is not one of this list.
    """
    if asked.cursor is None:
        return of_the_past(state, asked.as_of) if isinstance(asked, AsOf) else None, None
    try:
        padded = asked.cursor + "=" * (-len(asked.cursor) % 4)
        sealed = base64.b64decode(padded, b"-_", validate=True)
        moment, *parts = orjson.loads(state.cursor_seal.decrypt(sealed, None))
        return parse_moment(moment), of(*parts)
    except (InvalidTag, ValueError, TypeError, OverflowError):
        raise Problem("bad-cursor", problem_details.NOT_OF_THIS_LIST()) from None


def page_of(
    found: Sequence[Item], size: int, place: Callable[[Item], Position]
) -> tuple[Sequence[Item], Position | None]:
    """Return a page, and the position after which the next one begins (None: it is the last).

    Args:
        found: The items of the page, and one more if another page follows.
        place: Returns the position of an item.
    """
    return found[:size], place(found[size - 1]) if len(found) > size else None


def later_pages(
    store: Store,
    read: Callable[[Connection, Position], tuple[Sequence[Item], Position | None]],
    end: Position | None,
) -> Iterator[Item]:
    """Yield the items of the pages after one, each page from a short transaction of its own.

    So a slow reader of a whole list holds no transaction open.

    Args:
        read: Returns the page after a position, and the position after which the next one begins.
        end: The position after which the first of these pages begins.
    """
    while end is not None:
        with store.read() as connection:
            found, end = read(connection, end)
        yield from found


def row(number: object) -> int:
    """Return the position in a list ordered by row id."""
    if type(number) is not int or not 0 <= number <= _LARGEST:
        raise ValueError("not a number of a row")
    return number


def event(day: str, source: str, id_: str) -> tuple[date, str, str]:
    """Return the position in a list of events."""
    return parse_day(day), _name(source), _name(id_)


def dated(day: str, id_: str) -> tuple[date, str]:
    """Return the position in a list ordered by a day, such as deployments or recommendations."""
    return parse_day(day), _name(id_)


def delivery(made_at: str, id_: str) -> tuple[datetime, str]:
    """Return the position in a list of deliveries."""
    return parse_moment(made_at), _name(id_)


def _name(value: object) -> str:
    if not isinstance(value, str) or storable(value) != value:
        raise ValueError("not a name that can be stored")
    return value
