from dataclasses import replace

import pytest

from ewarn.alerting.decide import decide
from ewarn.alerting.notice import muted
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.target import Band
from tests.scores import moment, rule, score


def opened(region: str = "TG-M", probability: float = 0.3) -> Change:
    level = Level.COUNTRY if region == "TGO" else Level.ADMIN1
    watch = rule(id=f"force-{level}", level=level)
    (change,) = decide([score(probability, region=region)], [], [watch], moment(0))
    return change


def test_an_opening_is_told() -> None:
    assert muted(opened(), None, [opened().alert]) is None


@pytest.mark.parametrize("kind", [None, ChangeKind.LOWERED, ChangeKind.PENDING])
def test_quiet_changes_stay_in_the_record(kind: ChangeKind | None) -> None:
    assert muted(replace(opened(), kind=kind), None, []) is not None


def test_a_raise_is_told_only_above_the_highest_level_so_far() -> None:
    change = replace(opened(probability=0.5), kind=ChangeKind.RAISED)
    been: Alert = replace(change.alert, highest=Band.HIGH)
    assert muted(change, been, []) is None
    assert muted(change, replace(been, highest=Band.CRITICAL), []) is not None


def test_a_country_alert_mutes_its_regions_and_not_itself() -> None:
    country = opened("TGO").alert
    assert muted(opened(), None, [country]) == "an alert for the whole country stands"
    assert muted(opened("TGO"), None, [country]) is None
    closed = replace(country, state=AlertState.CLOSED)
    elsewhere = replace(country, country="BEN", region="BEN")
    assert muted(opened(), None, [closed, elsewhere]) is None


def test_nobody_hears_of_an_alert_that_never_opened() -> None:
    change = replace(opened(), kind=ChangeKind.WITHDRAWN)
    never = replace(change, alert=replace(change.alert, opened_on=None))
    assert muted(never, None, []) == "the alert never opened"
