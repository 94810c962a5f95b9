"""Tests of the hash of an event. Databases hold old hashes, so no byte of it may change."""

import hashlib
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.domain.event import CONTENT_FIELDS, TOMBSTONE_HASH, content_hashes

PLAIN = {
    "kind": "protest",
    "occurred_on": date(2020, 1, 1),
    "ended_on": date(2020, 1, 1),
    "date_precision": "day",
    "country": "TGO",
    "region": "TG-M",
    "location_precision": "admin1",
    "tags": "",
}
HARD = {
    "kind": "force",
    "occurred_on": date(987, 12, 31),
    "ended_on": date(3020, 2, 28),
    "date_precision": "month",
    "country": "CIV",
    "region": "CIV",
    "place": 'Lomé "\\ \n\t\u2028 é 🕊',
    "latitude": 1e-05,
    "longitude": -0.0,
    "location_precision": "place",
    "participants_low": 0,
    "participants_high": 2**62,
    "fatalities_low": 1,
    "fatalities_high": 1,
    "injured": 12,
    "arrests": 0,
    "tags": "response:shooting;x",
    "summary": "a\x7fb\x01",
    "source_url": "https://example.org/?a=1&b=</x>",
}
ROUND = PLAIN | {
    "kind": "riot",
    "occurred_on": date(2020, 1, 6),
    "ended_on": date(2020, 1, 12),
    "date_precision": "week",
    "country": "GHA",
    "region": "GH-AA",
    "place": "",
    "latitude": 0.0,
    "longitude": 1e16,
    "location_precision": "country",
    "tags": "a;b",
    "summary": "null",
}
EXACT = ROUND | {
    "place": "None",
    "latitude": 6.1319,
    "longitude": 1.2228,
    "location_precision": "place",
    "summary": "1",
}
# As stored in databases.
PINNED = [
    (PLAIN, "37fdedd6308ca7d0a2d86186464112c011a78a9fa2efdc4a6ed07beeaddb9031"),
    (HARD, "94862dedc31317ffc19c53c88b459ff614bf3c5d8c2eff89aa868e9eebdf9439"),
    (ROUND, "e56b91c5c7ee633cc01e058125e26e9829f3299c43e0c2dacb8ce55475aae74d"),
    (EXACT, "ebbd4a124fa8415fe6a9361182be1f776e0e3e0589b3ce1e2eb8088b97b7d51c"),
]


def hashes(*rows: dict[str, Any], deleted: tuple[bool, ...] = ()) -> list[str]:
    columns = {name: [row.get(name) for row in rows] for name in CONTENT_FIELDS}
    return content_hashes(columns, deleted or [False] * len(rows))


@pytest.mark.parametrize(("content", "pinned"), PINNED)
def test_a_hash_is_for_ever(content: dict[str, Any], pinned: str) -> None:
    assert hashes(content) == [pinned]


def test_rows_hash_alike_alone_and_together() -> None:
    assert hashes(*(content for content, _ in PINNED)) == [pinned for _, pinned in PINNED]


def test_zeros_of_either_sign_keep_their_sign_beside_each_other() -> None:
    both = [PLAIN | {"latitude": 0.0}, PLAIN | {"latitude": -0.0}]
    assert hashes(*both) == [*hashes(both[0]), *hashes(both[1])]
    assert len(set(hashes(*both))) == 2


def test_a_tombstone_hashes_alike_whatever_it_carries() -> None:
    found = hashes(PLAIN, HARD, PLAIN, deleted=(True, True, False))
    assert found == [TOMBSTONE_HASH, TOMBSTONE_HASH, PINNED[0][1]]
    assert TOMBSTONE_HASH == "1185f37d33b0f89e331f101a51bb8e51165c7efda15950b86a3ebcbb363f898e"


TEXTS = st.none() | st.text(st.characters(exclude_categories=["Cs"]))
COUNTS = st.none() | st.integers(0, 2**63 - 1)
DEGREES = st.none() | st.floats(-180, 180)
KINDS_OF_VALUE = {
    **dict.fromkeys(CONTENT_FIELDS, TEXTS),
    **dict.fromkeys(("occurred_on", "ended_on"), st.dates()),
    **dict.fromkeys(("latitude", "longitude"), DEGREES),
    **dict.fromkeys(
        (
            *("participants_low", "participants_high", "fatalities_low", "fatalities_high"),
            *("injured", "arrests"),
        ),
        COUNTS,
    ),
}


@given(st.lists(st.fixed_dictionaries(KINDS_OF_VALUE), max_size=4))
def test_what_is_hashed_is_the_compact_json_of_the_fields(rows: list[dict[str, Any]]) -> None:
    texts = [
        json.dumps(
            [row[name] for name in CONTENT_FIELDS],
            default=str,
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for row in rows
    ]
    assert hashes(*rows) == [hashlib.sha256(text.encode()).hexdigest() for text in texts]
