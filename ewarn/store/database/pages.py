"""Pagination in memory, for lists that are computed as of a past moment."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol, TypeVar


class Identified(Protocol):
    """An item of a list."""

    @property
    def id(self) -> str:
        """The id that orders the items of one day."""
        ...


Item = TypeVar("Item", bound=Identified)


def page(
    found: Iterable[Item],
    day: Callable[[Item], date],
    after: tuple[date, str] | None,
    limit: int | None,
) -> list[Item]:
    """Return one page of the items, newest day first and ordered by id within a day.

    Args:
        day: Returns the day of an item.
        after: (day, id) of the last item of the previous page; None for the first page.
        limit: The largest number of items; None for all.
    """

    def place(item: Item) -> tuple[int, str]:
        return (-day(item).toordinal(), item.id)

    ordered = sorted(found, key=place)
    if after is not None:
        beyond = (-after[0].toordinal(), after[1])
        ordered = [item for item in ordered if place(item) > beyond]
    return ordered[:limit]
