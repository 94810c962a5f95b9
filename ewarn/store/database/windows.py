"""A window of a walk along an index: the first rows that are wanted, and where the window ends."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, func, select

Columns = Any  # of a subquery
Place = Callable[[Columns], Iterable[ColumnElement[Any]]]


def window(
    walk: Select[Any],
    size: int,
    number: int,
    *,
    name: str,
    place: Place,
    order: Place,
    wanted: Callable[[Columns], Iterable[ColumnElement[bool]]],
) -> tuple[CTE, Select[Any]]:
    """Return queries on the next `size` rows of a walk.

    Args:
        walk: The rows in their order.
        number: No more wanted places than so many are needed.
        name: A name for the first query that is unique in its statement.
        place: The columns that tell where a row is; rows at one place count once.
        order: The order of the walk, in which the wanted rows are returned.
        wanted: Conditions of the rows that are wanted.

    Returns:
        A query for the places of the first wanted rows, and one for the place of the last row of
        the window. The second finds nothing if the first finds `number` places, because the window
        was not needed as a whole, or if the window is not full.
    """
    part = walk.limit(size).subquery()
    shown = select(*place(part.c)).distinct().where(*wanted(part.c))
    first = shown.order_by(*order(part.c)).limit(number).cte(name)
    last = walk.offset(size - 1).limit(1).subquery()
    is_whole = select(func.count()).select_from(first).scalar_subquery() < number
    return first, select(*place(last.c)).where(is_whole)
