"""Tests of the invented world of the benchmarks and its files, which are always the same."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.gdelt_panels import messages_of, panel_of
from benchmarks.gdelt_verdict import SentMessage, first_run_after, judged, years_of
from benchmarks.gdelt_world import (
    FIRST_DAY,
    KINDS,
    LEAST,
    REPRESSION,
    WEEKS_BEFORE,
    Surge,
    World,
    world,
)
from benchmarks.gdelt_world_files import WorldFiles, name_of
from ewarn.domain.target import Band
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run.rulebooks import read_rulebook
from ingest.gdelt import rows as gdelt_rows
from ingest.shared.decompress import opened

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def small() -> World:
    return world(17, countries=12, surges=6)


def test_a_seed_makes_the_same_world_and_another_one_another(small: World) -> None:
    again, other = world(17, countries=12, surges=6), world(18, countries=12, surges=6)
    assert np.array_equal(small.events, again.events)
    assert small.surges == again.surges
    assert not np.array_equal(small.events, other.events)
    assert len(small.countries) == 12


def test_a_surge_is_threefold_and_of_something(small: World) -> None:
    kinds = [KINDS.index(kind) for kind in REPRESSION]
    ratios = []
    for surge in small.surges:
        where = [surge.region in (place.id, place.country) for place in small.places]
        daily = small.events[:, where][:, :, kinds].sum(axis=(1, 2))
        first = (surge.first_day - FIRST_DAY).days
        before = daily[first - 84 : first].mean()
        assert first >= 7 * WEEKS_BEFORE
        assert 7 * before > LEAST / 2
        ratios.append(daily[first : first + 14].mean() / before)
    assert np.median(ratios) == pytest.approx(3, rel=0.25)


def test_the_files_of_the_world_hold_its_stories_once_each(small: World) -> None:
    """Of the fifth day, by all files that can tell of it."""
    files, places = WorldFiles(small, 17), load_gazetteer()
    files.publish(FIRST_DAY + 30 * DAY)
    told: set[tuple[object, ...]] = set()
    rows = 0
    for number in range(4, 31):
        body = files.answer(f"/{name_of(FIRST_DAY + number * DAY)}")
        assert body is not None
        with opened(body) as stream:
            for batch in gdelt_rows.read_rows(stream, places):
                assert not batch.rejected
                events = batch.events[batch.events["occurred_on"] == str(FIRST_DAY + 4 * DAY)]
                rows += len(events)
                told |= set(
                    zip(events["region"], events["kind"], events["source_event_id"], strict=True)
                )
    found = Counter((region, kind) for region, kind, _ in told)
    planned = {
        (place.id, kind.value): count
        for place, counts in zip(small.places, small.events[4], strict=True)
        for kind, count in zip(KINDS, counts.tolist(), strict=True)
        if count
    }
    assert found == planned
    assert rows > len(told)


def test_crime_and_sport_are_there_when_asked_for(small: World) -> None:
    sizes = []
    for noise in (False, True):
        files = WorldFiles(small, 17, noise=noise)
        files.publish(FIRST_DAY)
        with opened(files.answer(f"/{name_of(FIRST_DAY)}") or b"") as stream:
            sizes.append(stream.read().count(b"man-arrested-for-drug"))
    assert sizes[0] == 0 < sizes[1]


def test_the_server_lists_what_is_published(small: World) -> None:
    files = WorldFiles(small, 17)
    files.publish(FIRST_DAY + DAY)
    assert (files.answer("/masterfilelist.txt") or b"").count(b"\n") == 2
    assert name_of(FIRST_DAY + DAY).encode() in (files.answer("/lastupdate.txt") or b"")
    assert files.answer(f"/{name_of(FIRST_DAY + 2 * DAY)}") is None


def test_a_message_belongs_to_a_surge_from_its_first_day_to_four_weeks_after_it() -> None:
    surge = Surge("TG-M", "TGO", date(2024, 5, 1))  # a Wednesday, to the 14th
    assert first_run_after(surge) == date(2024, 5, 13)
    assert first_run_after(Surge("TGO", "TGO", date(2024, 5, 6))) == date(2024, 5, 13)
    empty = np.zeros((1, 1, 1), np.int64)
    planted = World((), empty, empty[0], (surge,))

    def verdict(*days: date, country: str = "TGO") -> tuple[int, int, int, int]:
        messages = [SentMessage(country, day, True, Band.HIGH) for day in days]
        found = judged(planted, messages)
        return len(found.told), len(found.later), len(found.missed), len(found.others)

    assert verdict(date(2024, 5, 13)) == (1, 0, 0, 0)
    assert verdict(date(2024, 5, 20)) == (0, 1, 0, 0)
    assert verdict(date(2024, 4, 29)) == (0, 0, 1, 1)
    assert verdict(date(2024, 6, 11), date(2024, 6, 12)) == (0, 1, 0, 1)
    assert verdict(date(2024, 5, 13), country="BEN") == (0, 0, 1, 1)


def test_the_packaged_rules_tell_of_most_surges_and_of_little_else(small: World) -> None:
    countries = set(small.countries)
    regions = [each for each in load_gazetteer().regions() if each.country in countries]
    # If half of all countries have a surge, a given share of mistakes is a large number.
    rules = [
        replace(rule, false_discovery=0.05) for rule in read_rulebook(None).rules if rule.detector
    ]
    found = judged(small, messages_of(small, rules, regions))
    assert len(small.surges) == 6
    assert len(found.told) >= 5
    assert len(found.others) <= 0.25 * years_of(small)
    assert panel_of(small, regions).volume.any(axis=1).all()
