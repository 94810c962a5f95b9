"""Tests of stale alerts: the clock makes them stale, and they suppress nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ewarn.alerting.suppression import country_alert
from ewarn.domain.alert import Alert, ChangeKind
from ewarn.domain.source import OWN_DESK, Health, Terms
from ewarn.pipeline.alerts import staleness
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.intake import health_changes
from ewarn.store.intake.health_changes import HealthChange
from ewarn.store.scores import scores
from tests.pipeline.invented import InventedSource
from tests.pipeline.weeks import play, recipient, remind, told_to
from tests.scores import moment, origin, score

REGION = "TG-M"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LAST = moment(2) + DAY  # the first moment at which a score of week 0 is too old


def _only(service: Service) -> Alert:
    with service.store.read() as connection:
        (found,) = alerts.standing(connection)
    return found


def test_an_alert_that_is_scored_no_longer_goes_stale_by_the_clock_and_is_told_once(
    service: Service,
) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    assert remind(desk, LAST - MINUTE).changes == ()
    (message,) = remind(desk, LAST).messages
    assert [item["change"] for item in message.body["items"]] == ["went_stale"]
    assert "nothing has been scored here since 2020-01-06" in message.text
    assert _only(desk).stale
    assert remind(desk, moment(9)).changes == ()
    back = play(desk, 10, {REGION: 0.3})
    assert [told.change.kind for told in back.changes] == [ChangeKind.RECOVERED]
    assert not _only(desk).stale


def test_a_run_that_scores_others_says_so_too(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3, "TG-C": 0.3})
    report = play(desk, 4, {"TG-C": 0.3})
    assert [(told.change.kind, told.change.alert.region) for told in report.changes] == [
        (ChangeKind.WENT_STALE, REGION)
    ]
    again = play(desk, 5, {"TG-C": 0.3})
    assert again.changes == ()


def test_a_source_that_fell_ill_was_told_once_for_all_its_regions(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    with service.store.write() as connection:
        turn = HealthChange("invented", Health.SILENT, "an invented reason", moment(1))
        health_changes.add(connection, turn)
    assert remind(desk, LAST).messages == ()
    assert _only(desk).stale


def test_a_stale_alert_of_a_country_holds_nothing_back(service: Service) -> None:
    """The alerts of its regions are repeated themselves."""
    desk = told_to(service, recipient(pace={"repeat_days": 7}))
    play(desk, 0, {REGION: 0.3})
    region = _only(desk)
    whole = replace(region, id="whole", region="TGO", rule="force-country")
    assert country_alert(region, [whole]) is whole
    assert country_alert(region, [replace(whole, stale=True)]) is None


@pytest.mark.parametrize(
    ("cadence", "days"),
    [(None, 15), (timedelta(minutes=15), 15), (timedelta(days=7), 21), (timedelta(days=30), 67)],
)
def test_scores_hold_as_long_as_their_source_may_be_late(
    cadence: timedelta | None, days: int
) -> None:
    assert staleness.valid_for(cadence) == timedelta(days=days)


def test_a_monthly_source_is_waited_for(service: Service, source: InventedSource) -> None:
    source.cadence = timedelta(days=30)
    source.name = "invented 0"
    slow = replace(told_to(service, recipient()), sources={"invented 0": source})
    play(slow, 0, {REGION: 0.3})
    assert remind(slow, moment(9)).changes == ()
    assert [change.kind for change in remind(slow, moment(10)).changes] == [ChangeKind.WENT_STALE]


def test_one_that_another_source_scores_is_read_as_fresh(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    with service.store.write() as connection:
        uncalibrated = replace(score(None, 4, region=REGION), id="", recorded_at=moment(4))
        scores.record(connection, "detector", origin(4), "x", [uncalibrated], moment(4))
    assert _read_stale(desk, 4), "its rule listens to no mere bound"
    with service.store.write() as connection:
        other = replace(score(0.3, 4, region=REGION), id="", recorded_at=moment(4))
        scores.record(connection, "other", origin(4), "x", [other], moment(4))
    assert not _read_stale(desk, 4)
    assert _read_stale(desk, 8), "that one is old too by then"


def test_scores_of_a_source_for_other_readers_keep_no_alert_fresh(service: Service) -> None:
    closed = Terms("nobody", "closed", redistribute=False, train=False, url="")
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    with service.store.write() as connection:
        other = replace(score(0.3, 4, region=REGION), id="", recorded_at=moment(4))
        scores.record(connection, "other", origin(4), "x", [other], moment(4))
    assert not _read_stale(desk, 4)
    assert _read_stale(replace(desk, terms={"other": closed.stated("acled", OWN_DESK)}), 4)


def _read_stale(service: Service, week: int) -> bool:
    with service.store.read() as connection:
        found = alerts.find(connection, alerts.AlertFilter(), moment(week))
        ends = staleness.valid_until(connection, service, moment(week))
        old = staleness.overdue(ends, moment(week))
        (shown,) = staleness.with_staleness(connection, service, found, old, moment(week))
    return shown.stale
