from dataclasses import replace
from typing import Any

import pytest

from ewarn.alerting.acts import acknowledge
from ewarn.alerting.decide import decide
from ewarn.alerting.notice import country_alert, marked, muted, owed
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
    assert muted(opened(), None, []) is None


@pytest.mark.parametrize("kind", [None, ChangeKind.LOWERED, ChangeKind.PENDING])
def test_quiet_changes_stay_in_the_record(kind: ChangeKind | None) -> None:
    assert muted(replace(opened(), kind=kind), None, []) is not None


def test_a_raise_is_told_only_above_the_highest_level_so_far() -> None:
    change = replace(opened(probability=0.5), kind=ChangeKind.RAISED)
    been: Alert = replace(change.alert, highest=Band.HIGH, warned_at=0.3)
    assert muted(change, been, []) is None
    assert muted(change, replace(been, highest=Band.CRITICAL), []) is not None


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
    assert muted(opened(), None, []) is None


def test_nobody_hears_of_an_alert_that_never_opened() -> None:
    change = replace(opened(), kind=ChangeKind.WITHDRAWN)
    never = replace(change, alert=replace(change.alert, opened_on=None))
    assert str(muted(never, None, [])) == "the alert never opened"


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
    found = muted(opened(), None, [silence(**matchers)])
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
    untold = opened().alert
    assert owed([untold], [silence()], moment(1)) == []
    (change,) = owed([untold], [], moment(2))
    assert (change.kind, change.alert.told) == (ChangeKind.REMINDED, Band.HIGH)
    assert owed([change.alert], [], moment(3)) == []
    higher = replace(change.alert, band=Band.CRITICAL, warned_on=origin(3), last_origin=origin(3))
    assert [item.alert.told for item in owed([higher], [], moment(3))] == [Band.CRITICAL]
    lower = replace(change.alert, band=Band.ELEVATED)
    assert owed([lower], [], moment(3)) == []


def test_nothing_is_owed_of_what_somebody_acknowledged() -> None:
    untold = opened().alert
    assert owed([replace(untold, state=AlertState.ACKNOWLEDGED)], [], moment(1)) == []
    (heard,) = marked([opened()], {untold.id})
    surged = replace(heard.alert, warned_on=origin(3), last_origin=origin(4))
    assert owed([acknowledge(surged, "Dakar", moment(4)).alert], [], moment(5)) == []


def test_what_remained_unheard_after_somebody_acknowledged_is_owed() -> None:
    (heard,) = marked([opened()], {opened().alert.id})
    known = acknowledge(heard.alert, "Dakar", moment(1)).alert
    remained = replace(known, warned_on=origin(13), last_origin=origin(13))
    assert owed([remained], [silence()], moment(13)) == []
    (change,) = owed([remained], [], moment(14))
    assert change.kind is ChangeKind.REMAINED
    assert change.reason == "the risk stays high: what held the news of it back is over"
    assert (change.alert.state, change.alert.waiting_since) == (AlertState.ACKNOWLEDGED, None)
    assert owed([change.alert], [], moment(15)) == []
    never_told = replace(remained, told=None)
    assert len(owed([never_told], [], moment(14))) == 1
    assert owed([replace(remained, heard_on=None)], [], moment(14)) == []


def test_an_open_alert_that_is_told_late_waits_to_be_acknowledged_from_then_on() -> None:
    (change,) = owed([opened().alert], [], moment(2))
    assert change.alert.waiting_since == moment(2)


def test_a_surge_that_nobody_heard_of_is_owed_at_whatever_level() -> None:
    (heard,) = marked([opened()], {opened().alert.id})
    assert heard.alert.heard_on == origin(0)
    surged = replace(heard.alert, warned_on=origin(3), last_origin=origin(4))
    (change,) = owed([surged], [], moment(4))
    assert change.alert.heard_on == origin(4)
    assert owed([change.alert], [], moment(5)) == []


def test_only_what_was_told_is_marked() -> None:
    first, other = opened(), opened("TG-K")
    found = marked([first, other], {first.alert.id})
    assert [change.alert.told for change in found] == [Band.HIGH, None]
