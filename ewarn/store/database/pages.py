"""Pages of what was read whole, because it is as of a past moment: the newest first, ties by id."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Protocol, TypeVar


class Identified(Protocol):
    """What a list is made of."""

    @property
    def id(self) -> str:
        """By which what falls on one day is ordered."""
        ...


Item = TypeVar("Item", bound=Identified)


def page(
    found: Iterable[Item],
    day: Callable[[Item], date],
    after: tuple[date, str] | None,
    limit: int | None,
) -> list[Item]:
    """The items after the (day, id) where the page before ended, at most `limit` of them."""

    def place(item: Item) -> tuple[int, str]:
        return (-day(item).toordinal(), item.id)

    ordered = sorted(found, key=place)
    if after is not None:
        beyond = (-after[0].toordinal(), after[1])
        ordered = [item for item in ordered if place(item) > beyond]
    return ordered[:limit]
