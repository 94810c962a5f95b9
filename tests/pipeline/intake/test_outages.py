"""Tests that a drop of a region's volume is reported, and not confused with a source's fault."""

from datetime import date, timedelta

import pytest

from ewarn.domain.source import Health, VolumeDrop
from ewarn.pipeline.intake.outages import volume_drops
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.database.engine import Store
from ewarn.store.events import volumes
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from tests.scores import moment

PARENTS = load_gazetteer().parents
LAST = moment(0).date() - timedelta(days=1)
USUAL = {"TG-M": 20, "TG-K": 10, "GHA": 100, "NGA": 100, "BJ-LI": 2}


def drops(
    store: Store, changed: dict[str, int], *, share: float = 1.0, days: int = 3
) -> list[tuple[str, int, float]]:
    """What is reported where the last days brought `changed`, and `share` of all the rest."""
    with store.write() as connection:
        run = runs.Run("invented", moment(0), Health.OK, "", Appended(), 0, {}, None)
        run_id = runs.record_run(connection, runs.Reading(run))
        volume: dict[tuple[str, date], int] = {}
        for back in range(70):
            for region, usual in USUAL.items():
                number = changed.get(region, int(usual * share)) if back < days else usual
                if number:
                    volume[region, LAST - timedelta(days=back)] = number
        volumes.add(connection, run_id, "invented", volume, moment(0), parents=PARENTS)
        found = volume_drops(connection, "invented", PARENTS, moment(0))
        assert volume_drops(connection, "invented", PARENTS, moment(-1)) == ()
        assert volume_drops(connection, "another", PARENTS, moment(0)) == ()
    assert all(isinstance(item, VolumeDrop) and item.until == LAST for item in found)
    return [(item.region, item.records, item.expected) for item in found]


def test_usual_days_are_nothing_to_report(store: Store) -> None:
    assert drops(store, {}) == []


def test_a_subdivision_that_falls_silent_is_reported(store: Store) -> None:
    ((region, records, expected),) = drops(store, {"TG-M": 1})
    assert (region, records) == ("TG-M", 3)
    # Lomé's region has 60 of the 696 records of three days, so the world drops to 92%.
    assert expected == pytest.approx(60 * 3 * (1 + 10 + 100 + 100 + 2) / 696)


def test_a_country_that_falls_silent_is_reported_once(store: Store) -> None:
    assert [item[0] for item in drops(store, {"TG-M": 0, "TG-K": 0})] == ["TGO"]


def test_a_quarter_of_the_usual_is_no_drop_yet(store: Store) -> None:
    assert drops(store, {"TG-M": 5}) == []


def test_a_region_of_few_records_cannot_be_judged(store: Store) -> None:
    assert drops(store, {"BJ-LI": 0}) == []


def test_a_source_that_fails_as_a_whole_is_no_outage_of_regions(store: Store) -> None:
    assert drops(store, {}, share=0.1) == []


def test_what_lacks_all_while_the_source_lacks_most_is_not_blamed_on_a_region(
    store: Store,
) -> None:
    assert drops(store, {"GHA": 0}, share=0.2) == []


def test_a_source_at_half_its_volume_still_shows_who_is_missing(store: Store) -> None:
    assert [item[0] for item in drops(store, {"TG-M": 1}, share=0.5)] == ["TG-M"]
