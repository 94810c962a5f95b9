"""Long lists of ids, asked for in portions: databases bound how many parameters a statement has."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import TypeVar

AT_ONCE = 5_000
Item = TypeVar("Item")


def portions(items: Collection[Item]) -> Iterator[Sequence[Item]]:
    """The items in their order, at most 5,000 at a time."""
    rest = iter(items)
    while portion := list(islice(rest, AT_ONCE)):
        yield portion
