"""Tests that the volume of a country is in the panel, as known at the origin."""

from collections import Counter
from datetime import date, datetime, timedelta

from sqlalchemy import delete

from ewarn.domain.source import Coverage, Payload
from ewarn.domain.time import WEEK
from ewarn.frames.events import ParsedBatch
from ewarn.frames.panel import Panel
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.panels.panels import panel_at, volume_of
from ewarn.pipeline.scoring.score import regions_covered
from ewarn.pipeline.service import Service
from ewarn.store.tables.intake import weekly_volume
from tests.events import frame, row
from tests.scores import moment, origin

HOUR = timedelta(hours=1)
COVERED = (Coverage("invented", "*", origin(-8), origin(0) - WEEK),)


def publish(
    service: Service,
    name: str,
    volume: dict[tuple[str, date], int],
    published: datetime,
    week: int = -1,
) -> None:
    payload = Payload("invented", name, name.encode(), moment(3), published_at=published)
    told = ParsedBatch(
        frame(row(f"event {week}", occurred_on=origin(week))),
        coverage=COVERED,
        volume=Counter(volume),
    )
    store_batches(service, payload, [told], moment(3))


def read(service: Service, number: int, as_of: datetime | None = None) -> tuple[Panel, str]:
    with service.store.read() as connection:
        covered = health.coverage(connection, "invented", None, moment(4))
        regions = regions_covered(service, covered, origin(number))
        at, now = origin(number), moment(4)
        return panel_at(connection, "invented", regions, covered, at, now, as_of=as_of)


def test_a_region_has_its_country_s_records_of_each_week(service: Service) -> None:
    told = {("TG-M", origin(-1)): 5, ("TG-K", origin(-1)): 6, ("TGO", origin(-2)): 7}
    publish(service, "one", told | {("GHA", origin(-1)): 90}, moment(0) - HOUR)
    panel, _ = read(service, 0)
    for region, records in (("TGO", [7, 11]), ("TG-P", [7, 11]), ("GHA", [0, 90]), ("BEN", [0, 0])):
        assert panel.volume[-2:, panel.region_index[region]].tolist() == records
    assert panel.volume[:-2].sum() == 0


def test_what_was_published_after_an_origin_is_not_known_then(service: Service) -> None:
    publish(service, "one", {("TGO", origin(-1)): 5}, moment(0) - HOUR)
    known, before = read(service, 0)
    publish(service, "late", {("TGO", origin(-1)): 3, ("TGO", origin(0)): 8}, moment(0) + HOUR, 0)
    place = known.region_index["TGO"]
    again, after = read(service, 0)
    assert (again.volume[-1, place], known.volume[-1, place]) == (5, 5)
    assert before == after
    today, _ = read(service, 0, as_of=moment(4))
    assert today.volume[-1, place] == 8
    with service.store.read() as connection:
        since = {"known_by": origin(1), "known_after": origin(0)}
        more = volume_of(connection, "invented", known, **since, weeks=1)
    assert more[-2:, place].tolist() == [3, 8]


def test_records_that_come_to_be_known_make_new_inputs(service: Service) -> None:
    publish(service, "one", {("TGO", origin(-1)): 5}, moment(0) - HOUR)
    before = read(service, 0)[1]
    publish(service, "two", {("TGO", origin(-1)): 1}, moment(0) - HOUR)
    assert read(service, 0)[1] != before


def test_a_payload_that_is_read_again_counts_once(service: Service) -> None:
    for _ in range(2):
        publish(service, "one", {("TGO", origin(-1)): 5}, moment(0) - HOUR)
    panel, _ = read(service, 0)
    assert panel.volume[-1, panel.region_index["TGO"]] == 5


def test_a_source_whose_volume_was_never_added_up_by_week_has_one_of_nothing(
    service: Service,
) -> None:
    publish(service, "one", {("TGO", origin(-1)): 5}, moment(0) - HOUR)
    with service.store.write() as connection:
        connection.execute(delete(weekly_volume))
    panel, _ = read(service, 0)
    assert panel.volume.shape == (panel.weeks, len(panel.regions))
    assert panel.volume.sum() == 0
