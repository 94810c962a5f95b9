"""Tests that stories of GDELT give the same counts in any order of files, doubled or split."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Payload
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events import counts, events
from ingest.gdelt.source import GdeltSource
from tests.ingest.gdelt.provider import line, zip_of

FIRST = datetime(2017, 10, 18, tzinfo=UTC)
SLOTS = tuple(FIRST + number * timedelta(minutes=15) for number in range(3))
END = datetime(2020, 1, 1, tzinfo=UTC)
PLACES = (
    {"geo_adm1": "TO24", "feature": "-1"},
    {"geo_adm1": "TO26", "feature": "-2", "latitude": "9.55", "longitude": "1.19"},
    {"geo_type": "1", "geo_adm1": "TO", "feature": "TO"},
)

rows = st.fixed_dictionaries(
    {
        "place": st.sampled_from(PLACES),
        "code": st.sampled_from(["141", "1411", "145", "172", "173", "010"]),
        "actor_1": st.sampled_from(["", "TGOOPP"]),
        "mentions": st.sampled_from(["1", "20"]),
        "day": st.sampled_from(["20171015", "20171016", "20171017"]),
    }
)
Rows = list[dict[str, Any]]


def texts(file: Rows, slot: int) -> list[str]:
    return [
        line(
            **row["place"],
            **{name: value for name, value in row.items() if name != "place"},
            id=str(100 * slot + number),
            added=f"{SLOTS[slot]:%Y%m%d%H%M%S}",
        )
        for number, row in enumerate(file)
    ]


def told(store: Store, files: list[list[str]]) -> list[list[tuple[Any, ...]]]:
    """Read some files. Return the counts as of each slot and at the end."""
    for number, file in enumerate(files):
        body = zip_of("\n".join(file) + "\n")
        payload = Payload("gdelt", "some", body, FIRST)
        with store.write() as connection:
            for batch in GdeltSource().parse(payload, load_gazetteer()):
                events.append(connection, batch.events, END + number * timedelta(hours=1))
    with store.read() as connection:
        late = END + timedelta(days=100)
        assert counts.disagreements(connection, as_of=late, recorded_by=late) == {}
        found = [counts.counts(connection, Cut(as_of=moment)) for moment in (*SLOTS, late)]
    return [sorted(frame.itertuples(index=False, name=None)) for frame in found]


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    files=st.lists(st.lists(rows, max_size=6), min_size=3, max_size=3),
    seed=st.integers(0, 10**6),
)
def test_order_duplicates_and_splits_of_files_leave_the_same_counts(
    files: list[Rows], seed: int, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> None:
    chance = random.Random(seed)
    plain = [texts(file, slot) for slot, file in enumerate(files)]
    parts = []
    for file in plain:
        shuffled = chance.sample(file, len(file))
        cut = chance.randint(0, len(file))
        parts += [shuffled[:cut], shuffled[cut:], file[: chance.randint(0, len(file))]]
    chance.shuffle(parts)
    found = []
    for order in (plain, parts):
        path = tmp_path_factory.mktemp("stories") / "ewarn.db"
        path.write_bytes(sqlite_template.read_bytes())
        store = Store(f"sqlite:///{path}")
        found.append(told(store, order))
        store.dispose()
    assert found[0] == found[1]


def test_a_story_told_in_every_file_counts_once(store: Store) -> None:
    row = {"place": PLACES[0], "code": "141", "day": "20171016"}
    found = told(store, [texts([row], slot) for slot in (2, 0, 1, 1)])
    assert [[cell[-1] for cell in cells] for cells in found] == [[1]] * 4
