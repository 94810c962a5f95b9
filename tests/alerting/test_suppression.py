from dataclasses import replace
from typing import Any

import pytest

from ewarn.alerting.acts import acknowledge
from ewarn.alerting.decide import decide
from ewarn.alerting.suppression import country_alert, late_warnings, mark_notified, suppression_of
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.silence import Silence
from ewarn.domain.target import Band
from tests.scores import moment, origin, rule, score


def opened(region: str = "TG-M", probability: float = 0.3) -> Change:
    level = Level.COUNTRY if region == "TGO" else Level.ADMIN1
    watch = rule(id=f"force-{level}", level=level)
    (change,) = decide([score(probability, region=region)], [], [watch], moment(0))
    return change


def test_an_opening_is_told() -> None:
    assert suppression_of(opened(), None, []) is None


@pytest.mark.parametrize("kind", [None, ChangeKind.LOWERED, ChangeKind.PENDING])
def test_quiet_changes_stay_in_the_record(kind: ChangeKind | None) -> None:
    assert suppression_of(replace(opened(), kind=kind), None, []) is not None


def test_a_raise_is_told_only_above_the_highest_level_so_far() -> None:
    change = replace(opened(probability=0.5), kind=ChangeKind.RAISED)
    been: Alert = replace(change.alert, highest=Band.HIGH, warned_at=0.3)
    assert suppression_of(change, been, []) is None
    assert suppression_of(change, replace(been, highest=Band.CRITICAL), []) is not None


def test_news_of_a_region_travels_with_its_countrys_alert() -> None:
    country = opened("TGO").alert
    region = opened().alert
    assert country_alert(region, [country]) is country
    assert country_alert(country, [country]) is None
    others = [
        replace(country, state=AlertState.CLOSED),
        replace(country, country="BEN", region="BEN"),
        replace(country, stale=True),
        replace(country, situation=True),
    ]
    assert country_alert(region, others) is None
    assert suppression_of(opened(), None, []) is None


def test_nobody_hears_of_an_alert_that_never_opened() -> None:
    change = replace(opened(), kind=ChangeKind.WITHDRAWN)
    never = replace(change, alert=replace(change.alert, opened_on=None))
    assert str(suppression_of(never, None, [])) == "the alert never opened"


def silence(**others: Any) -> Silence:
    values: dict[str, Any] = {"starts_at": moment(0), "ends_at": moment(2)}
    return Silence("s1", "Dakar", "repairs", **(values | others))


@pytest.mark.parametrize(
    ("matchers", "covers"),
    [
        ({}, True),
        ({"countries": ("TGO",)}, True),
        ({"countries": ("GHA",)}, False),
        ({"countries": ("TGO",), "regions": ("TG-K",)}, False),
        ({"regions": ("TG-K", "TG-M")}, True),
        ({"targets": ("force",), "rules": ("force-admin1",)}, True),
        ({"targets": ("escalation",)}, False),
        ({"rules": ("another",)}, False),
    ],
)
def test_a_silence_holds_back_what_it_covers_and_says_whose_it_is(
    matchers: dict[str, Any], covers: bool
) -> None:
    found = suppression_of(opened(), None, [silence(**matchers)])
    said = "silenced until 2020-01-20 00:00 UTC by Dakar: repairs"
    assert (None if found is None else str(found)) == (said if covers else None)


@pytest.mark.parametrize(
    ("week", "ended", "holds"),
    [(-1, None, False), (0, None, True), (2, None, False), (1, 1, False), (0, 1, True)],
)
def test_a_silence_holds_from_its_start_until_its_end(
    week: int, ended: int | None, holds: bool
) -> None:
    one = silence(ended_at=None if ended is None else moment(ended))
    assert one.in_force(moment(week)) is holds


def test_what_stands_untold_is_owed_once_nothing_holds_it_back() -> None:
    unnotified = opened().alert
    assert late_warnings([unnotified], [silence()], moment(1)) == []
    (change,) = late_warnings([unnotified], [], moment(2))
    assert (change.kind, change.alert.told) == (ChangeKind.REMINDED, Band.HIGH)
    assert late_warnings([change.alert], [], moment(3)) == []
    higher = replace(change.alert, band=Band.CRITICAL, warned_on=origin(3), last_origin=origin(3))
    assert [item.alert.told for item in late_warnings([higher], [], moment(3))] == [Band.CRITICAL]
    lower = replace(change.alert, band=Band.ELEVATED)
    assert late_warnings([lower], [], moment(3)) == []


def test_nothing_is_owed_of_what_somebody_acknowledged() -> None:
    unnotified = opened().alert
    assert late_warnings([replace(unnotified, state=AlertState.ACKNOWLEDGED)], [], moment(1)) == []
    (heard,) = mark_notified([opened()], {unnotified.id})
    surged = replace(heard.alert, warned_on=origin(3), last_origin=origin(4))
    assert late_warnings([acknowledge(surged, "Dakar", moment(4)).alert], [], moment(5)) == []


def test_what_remained_unheard_after_somebody_acknowledged_is_owed() -> None:
    (heard,) = mark_notified([opened()], {opened().alert.id})
    known = acknowledge(heard.alert, "Dakar", moment(1)).alert
    remained = replace(known, warned_on=origin(13), last_origin=origin(13))
    assert late_warnings([remained], [silence()], moment(13)) == []
    (change,) = late_warnings([remained], [], moment(14))
    assert change.kind is ChangeKind.REMAINED
    assert change.reason == "the risk stays high: its notifications are no longer suppressed"
    assert (change.alert.state, change.alert.waiting_since) == (AlertState.ACKNOWLEDGED, None)
    assert late_warnings([change.alert], [], moment(15)) == []
    never_told = replace(remained, told=None)
    assert len(late_warnings([never_told], [], moment(14))) == 1
    assert late_warnings([replace(remained, heard_on=None)], [], moment(14)) == []


def test_an_open_alert_that_is_told_late_waits_to_be_acknowledged_from_then_on() -> None:
    (change,) = late_warnings([opened().alert], [], moment(2))
    assert change.alert.waiting_since == moment(2)


def test_a_surge_that_nobody_heard_of_is_owed_at_whatever_level() -> None:
    (heard,) = mark_notified([opened()], {opened().alert.id})
    assert heard.alert.heard_on == origin(0)
    surged = replace(heard.alert, warned_on=origin(3), last_origin=origin(4))
    (change,) = late_warnings([surged], [], moment(4))
    assert change.alert.heard_on == origin(4)
    assert late_warnings([change.alert], [], moment(5)) == []


def test_only_what_was_told_is_marked() -> None:
    first, other = opened(), opened("TG-K")
    found = mark_notified([first, other], {first.alert.id})
    assert [change.alert.told for change in found] == [Band.HIGH, None]
