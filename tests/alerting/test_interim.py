"""Tests of interim scores: between two Mondays a score can warn, and does nothing else."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ewarn.alerting.acts import acknowledge, close
from ewarn.alerting.decide import decide
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rise, Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from tests.scores import moment, origin, rule, score

TUESDAY, FRIDAY = timedelta(days=1), timedelta(days=4)
RISING = Rise(0.02, 1.6, 4, 6, 1.5)


def so_far(probability: float | None, week: int = 1, after: timedelta = TUESDAY, **o: Any) -> Score:
    """Return an interim score of the week that began at an origin."""
    at = moment(week) + after
    return score(probability, week, as_of=at, id=f"i{week}.{after.days}", interim=True, **o)


def played(asked: Rule, *series: Score, act: Any = None) -> tuple[list[list[str]], Alert | None]:
    """Return the changes by each score and the final alert. `act` is done before the last score."""
    alert: Alert | None = None
    kinds = []
    for number, one in enumerate(series):
        if act is not None and number == len(series) - 1 and alert is not None:
            alert = act(alert, one.as_of).alert
        made = decide([one], [] if alert is None else [alert], [asked], one.as_of)
        alert = made[-1].alert if made else alert
        kinds.append([change.kind.value for change in made if change.kind])
    return kinds, alert


def test_it_opens_an_alert_on_its_day() -> None:
    kinds, alert = played(rule(), score(0.05, 1), so_far(0.3))
    assert kinds == [[], ["opened"]]
    assert alert is not None
    assert (alert.opened_on, alert.last_origin) == (date(2020, 1, 14), origin(1))
    assert alert.band is Band.HIGH


def test_it_says_so_once() -> None:
    kinds, _ = played(rule(), score(0.05, 1), so_far(0.3), so_far(0.3), so_far(0.3, after=FRIDAY))
    assert kinds == [[], ["opened"], [], []]


def test_it_raises_an_alert_and_asks_again() -> None:
    seen = score(0.25, 1)
    kinds, alert = played(
        rule(), seen, so_far(0.5), act=lambda each, at: acknowledge(each, "ana", at)
    )
    assert kinds == [["opened"], ["raised"]]
    assert alert is not None
    assert (alert.band, alert.highest, alert.state) == (
        Band.CRITICAL,
        Band.CRITICAL,
        AlertState.OPEN,
    )


@pytest.mark.parametrize("lower", [0.01, 0.12, 0.25])
def test_it_lowers_and_closes_nothing(lower: float) -> None:
    asked = rule(keep_for=1)
    kinds, alert = played(asked, score(0.25, 1), so_far(lower), so_far(lower, after=FRIDAY))
    assert kinds == [["opened"], [], []]
    assert alert is not None
    assert (alert.band, alert.periods_lower, alert.periods_below) == (Band.HIGH, 0, 0)


def test_no_week_is_counted_by_it() -> None:
    asked = rule(hold_for=2)
    kinds, alert = played(asked, score(0.3, 1), so_far(0.3), so_far(0.4, after=FRIDAY))
    assert kinds == [["pending"], [], []]
    assert alert is not None
    assert alert.periods_above == 1
    assert played(asked, score(0.05, 1), so_far(0.3)) == ([[], []], None)


def test_the_next_monday_goes_on_from_there() -> None:
    kinds, alert = played(rule(), score(0.05, 1), so_far(0.3), score(0.05, 2), score(0.05, 3))
    assert kinds == [[], ["opened"], [], ["lowered", "closed"]]
    assert alert is not None
    assert alert.closed_on == origin(3)


def test_a_rise_is_told_of_between_two_mondays() -> None:
    asked = rule(rise=RISING, raise_at=1.0, close_below=0.01)
    past = (0.04, 0.03, 0.03, 0.03)
    kinds, alert = played(
        asked,
        score(0.04, 1, before=(0.03, 0.03, 0.03)),
        so_far(0.09, before=past),
        so_far(0.095, after=FRIDAY, before=past),
        score(0.095, 2, before=past),
    )
    assert kinds == [[], ["opened"], [], []]
    assert alert is not None
    assert (alert.warned_on, alert.warned_at) == (date(2020, 1, 14), 0.09)


def test_one_that_rises_by_half_as_much_again_is_told_again_in_the_same_week() -> None:
    asked = rule(rise=RISING, raise_at=1.0, close_below=0.01)
    past = (0.04, 0.03, 0.03, 0.03)
    kinds, _ = played(asked, so_far(0.09, before=past), so_far(0.14, after=FRIDAY, before=past))
    assert kinds == [["opened"], ["surged"]]


@pytest.mark.parametrize("cool_down", [0, 4])
def test_what_was_closed_by_hand_stays_so_at_the_same_level(cool_down: int) -> None:
    asked = rule(cool_down=cool_down)

    def by_hand(alert: Alert, at: datetime) -> Change:
        return close(alert, "ana", at, "a false report")

    for last, found in ((so_far(0.3), []), (so_far(0.5), ["opened"])):
        kinds, alert = played(asked, score(0.3, 1), last, act=by_hand)
        assert kinds == [["opened"], found]
        assert alert is not None
    kinds, _ = played(asked, score(0.3, 1), score(0.3, 1), act=by_hand)
    assert kinds == [["opened"], []]


def test_a_monday_that_is_scored_again_can_warn() -> None:
    half, whole = score(0.05, 1), score(0.3, 1, id="again")
    kinds, alert = played(rule(), score(0.25, 0), half, whole)
    assert kinds == [["opened"], [], []]
    kinds, alert = played(rule(), score(0.25, 0), half, score(0.5, 1, id="again"))
    assert kinds == [["opened"], [], ["raised"]]
    assert alert is not None
    assert (alert.score_id, alert.last_origin) == ("again", origin(1))


def test_a_detector_listens_to_the_week_so_far() -> None:
    asked = rule(detector=True, raise_at=1.0, close_below=0.0)
    made = decide([so_far(None, observed=7, false_discovery=1e-4)], [], [asked], moment(1))
    assert [change.kind for change in made] == [ChangeKind.OPENED]
    assert made[0].reason.startswith("7 events in the week so far, bound 3.0")
    assert made[0].alert.band is Band.CRITICAL
