"""Which of the rows of GDELT that tell of one thing stands for it.

A story is a day, a place, a kind and the codes of two actors, whoever tells it. And of one article
one row of each kind, day and region stands: software finds the same clash in a long article once
for each pair of names in it.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

# What stands first: mentions, then minus the id, so that the smallest id wins.
Rank = tuple[int, int]
Key = TypeVar("Key", bound=Hashable)
STORY = ("day", "geo_country", "geo_adm1", "feature", "geo_name", "actor_1", "actor_2")


def ranks_of(mentions: Iterable[bytes], ids: Iterable[bytes]) -> list[Rank]:
    """The rank of each row."""
    return [(_number(told), -int(id_)) for told, id_ in zip(mentions, ids, strict=True)]


def standing(keys: Mapping[int, Key], ranks: Sequence[Rank]) -> dict[Key, int]:
    """The row of the highest rank of each key, by key; `keys` are of rows."""
    found: dict[Key, int] = {}
    for row, key in keys.items():
        if key not in found or ranks[row] > ranks[found[key]]:
            found[key] = row
    return found


def story_id(feed: str, *parts: bytes) -> str:
    """What makes two rows tellings of one story: day, place, kind, actor codes, and the feed."""
    return blake2b(b"\t".join((feed.encode(), *parts)), digest_size=12).hexdigest()


def _number(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 10 else 0
