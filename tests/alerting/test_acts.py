"""Tests of what people may do to an alert, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ewarn.alerting.acts import acknowledge, assess, close
from ewarn.alerting.conditions import cools_until
from ewarn.alerting.decide import decide
from ewarn.domain.alert import Alert, AlertState, Assessment, ChangeKind
from ewarn.domain.target import Band
from ewarn.errors import UsageError
from tests.scores import moment, origin, rule, score

AT = moment(3) + timedelta(days=2)


def _opened(**others: object) -> Alert:
    (change,) = decide([score(0.25, 3)], [], [rule()], moment(3))
    return replace(change.alert, **others)  # type: ignore[arg-type]


def test_who_acknowledges_it_is_on_it_and_its_level_stays() -> None:
    change = acknowledge(_opened(), "Dakar", AT, "calling")
    assert (change.kind, change.actor, change.reason) == (
        ChangeKind.ACKNOWLEDGED,
        "Dakar",
        "calling",
    )
    after = change.alert
    assert (after.state, after.acknowledged_by, after.band) == (
        AlertState.ACKNOWLEDGED,
        "Dakar",
        Band.HIGH,
    )
    with pytest.raises(UsageError, match="acknowledged before, by Dakar"):
        acknowledge(after, "Geneva", AT)


def test_an_assessment_may_be_said_again_and_needs_a_comment() -> None:
    first = assess(_opened(), Assessment.UNCLEAR, "Dakar", AT, " nothing seen yet ")
    assert first.reason == "unclear: nothing seen yet"
    again = assess(first.alert, Assessment.TRUE_ALARM, "Dakar", AT, "two deaths")
    assert again.alert.assessment is Assessment.TRUE_ALARM
    assert again.alert.state is AlertState.OPEN
    with pytest.raises(UsageError, match="needs a reason"):
        assess(_opened(), Assessment.UNCLEAR, "Dakar", AT, "  ")


def test_a_closed_alert_can_still_be_assessed_and_one_that_never_opened_cannot() -> None:
    closed = close(_opened(), "Dakar", AT, "a copy").alert
    assert assess(closed, Assessment.FALSE_ALARM, "Dakar", AT, "calm").alert.closed_on
    with pytest.raises(UsageError, match="never opened"):
        assess(_opened(opened_on=None), Assessment.UNCLEAR, "Dakar", AT, "x")


def test_closed_by_hand_it_is_closed_that_day_and_cools_down_from_the_origin_before() -> None:
    change = close(_opened(stale=True), "Dakar", AT, "a copy")
    assert change.reason == "closed by hand: a copy"
    assert (change.alert.closed_on, change.alert.stale) == (AT.date(), False)
    assert cools_until(rule(), change.alert) == origin(7)
    late = close(_opened(), "Dakar", moment(5), "late").alert
    assert late.closed_on == origin(5)
    assert decide([score(0.3, 6)], [late], [rule()], moment(6)) == []
    assert decide([score(0.5, 6)], [late], [rule()], moment(6))[0].kind is ChangeKind.OPENED
    early = close(_opened(last_origin=date(2030, 1, 7)), "Dakar", AT, "early").alert
    assert early.closed_on == date(2030, 1, 7)


@pytest.mark.parametrize("state", [AlertState.PENDING, AlertState.CLOSED])
def test_what_does_not_stand_can_be_neither_acknowledged_nor_closed(state: AlertState) -> None:
    with pytest.raises(UsageError, match=f"is {state}: only an open alert can be acknowledged"):
        acknowledge(_opened(state=state), "Dakar", AT)
    with pytest.raises(UsageError, match=f"is {state}: only an open alert can be closed"):
        close(_opened(state=state), "Dakar", AT, "x")
    with pytest.raises(UsageError, match="needs a reason"):
        close(_opened(), "Dakar", AT, " ")
