"""Tests of which tier is notified if nobody acknowledges an alert."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ewarn.alerting.acknowledgement_escalation import escalated
from ewarn.alerting.acts import acknowledge
from ewarn.alerting.decide import decide
from ewarn.domain.alert import Alert, AlertState, ChangeKind
from ewarn.domain.silence import Silence
from ewarn.domain.target import Band
from tests.scores import moment, rule, score

HOUR = timedelta(hours=1)
ASKED = rule(acknowledge_within=24 * HOUR)


def opened() -> Alert:
    (change,) = decide([score(0.3)], [], [ASKED], moment(0))
    return replace(change.alert, told=Band.HIGH)


def after(hours: int, alert: Alert, tiers: tuple[int, ...] = (1, 2, 4), **others: Any) -> list[Any]:
    silences = others.get("silences", [])
    asked = others.get("rules", [ASKED])
    return escalated([alert], asked, lambda *_: tiers, silences, moment(0) + hours * HOUR)


def test_the_next_tier_is_told_when_the_time_is_up_and_the_one_after_later() -> None:
    first = opened()
    assert after(23, first) == []
    (change,) = after(24, first)
    assert (change.kind, change.alert.tier) == (ChangeKind.ESCALATED, 2)
    assert change.reason == "nobody acknowledged it within 24 hours: tier 2 is notified"
    assert after(47, change.alert) == []
    (again,) = after(48, change.alert)
    assert again.alert.tier == 4
    assert after(99, again.alert) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"state": AlertState.ACKNOWLEDGED},
        {"told": None},
        {"waiting_since": None},
        {"rule": "one that is gone"},
    ],
)
def test_it_goes_no_further(changed: dict[str, Any]) -> None:
    assert after(100, replace(opened(), **changed)) == []


def test_without_a_later_tier_or_a_time_limit_nobody_else_is_woken() -> None:
    assert after(100, opened(), tiers=(1,)) == []
    assert after(100, opened(), rules=[rule()]) == []


def test_what_a_silence_holds_back_goes_to_nobody() -> None:
    silence = Silence("s1", "Dakar", "repairs", moment(0), moment(2))
    assert after(100, opened(), silences=[silence]) == []


def test_one_that_was_acknowledged_and_rises_asks_the_first_tier_again() -> None:
    seen = acknowledge(replace(opened(), tier=2), "Dakar", moment(0)).alert
    assert seen.waiting_since is None
    (raised,) = decide([score(0.5, 1)], [seen], [ASKED], moment(1))
    assert (raised.alert.state, raised.alert.tier) == (AlertState.OPEN, 1)
    assert raised.alert.waiting_since == moment(1)


def test_one_that_rises_unacknowledged_does_not_begin_to_wait_anew() -> None:
    (raised,) = decide([score(0.5, 1)], [replace(opened(), tier=2)], [ASKED], moment(1))
    assert (raised.alert.tier, raised.alert.waiting_since) == (2, moment(0))
