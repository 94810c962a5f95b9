"""Tests of rules on rises, which warn whatever the level was before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ewarn.alerting.correct import corrected
from ewarn.alerting.decide import decide
from ewarn.alerting.explain import unmet
from ewarn.alerting.rises import is_news, kind_of_news, warned, why_no_rise
from ewarn.alerting.situations import settled
from ewarn.alerting.suppression import late_warnings, mark_notified, suppression_of
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import NEVER, QuietRise, Rise, Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from ewarn.domain.time import DAY
from tests.scores import moment, origin, rule, score

RISE = Rise(floor=0.02, factor=1.6, weeks=4, again_after=6, again_factor=1.5)


def watching(**others: Any) -> Rule:
    """Return a rule on a rise, without a level."""
    return rule(**{"raise_at": NEVER, "close_below": 0.015, "rise": RISE} | others)


def played(series: Sequence[float | None], asked: Rule | None = None) -> list[Change]:
    """Return the changes by a series of weekly probabilities, beginning without an alert."""
    known: dict[str, Alert] = {}
    made = []
    for week, probability in enumerate(series):
        if probability is None:
            continue  # not scored
        before = tuple(reversed(series[max(week - 12, 0) : week]))
        one = score(probability, week, before=before)
        changes = decide([one], known.values(), [asked or watching()], moment(week))
        known |= {change.alert.id: change.alert for change in changes}
        made += [change for change in changes if change.kind is not None]
    return made


def told(series: Sequence[float | None], asked: Rule | None = None) -> list[tuple[int, str]]:
    """Return the week and the kind of each warning."""
    return [
        ((change.alert.last_origin - origin(0)).days // 7, str(change.kind))
        for change in played(series, asked)
        if change.kind in (ChangeKind.OPENED, ChangeKind.SURGED)
    ]


def test_a_rise_above_the_lowest_of_the_last_weeks_opens_an_alert() -> None:
    assert told([0.031, 0.03, 0.04, 0.047]) == []
    assert told([0.031, 0.03, 0.04, 0.048]) == [(3, "opened")]
    assert told([0.03, 0.05, 0.05, 0.05, 0.05, 0.05]) == [(1, "opened")], "once"


@pytest.mark.parametrize(
    ("series", "warnings"),
    [
        ([0.01, 0.019], []),  # below the floor
        ([0.01, 0.02], [(1, "opened")]),
        ([0.5], [(0, "opened")]),  # no earlier week is known, so it is compared with the floor
        ([0.031], []),
        ([0.01, None, None, None, None, 0.033], [(5, "opened")]),  # nor is any of the last four
        ([0.01, None, None, None, 0.5], [(4, "opened")]),
    ],
)
def test_what_is_a_rise(series: list[float | None], warnings: list[tuple[int, str]]) -> None:
    assert told(series) == warnings


def test_it_speaks_again_after_some_weeks_or_at_a_higher_level() -> None:
    low, up = 0.02, 0.04
    soon = [low, up, low, up, low, up]
    assert told([*soon, low, up]) == [(1, "opened"), (7, "surged")]
    assert told([low, up, up, 0.059]) == [(1, "opened")], "not 1.5 times 0.04"
    assert told([low, up, low, 0.06]) == [(1, "opened"), (3, "surged")]


def test_neither_a_cool_down_nor_an_earlier_height_holds_it_back() -> None:
    asked = watching(keep_for=2, cool_down=26)
    series = [0.02, 0.5, 0.5, *[0.01] * 5, 0.2]
    assert told(series, asked) == [(1, "opened"), (8, "opened")]
    standing = [0.02, 0.5, 0.5, 0.5, *[0.05] * 5, 0.25]
    assert told(standing, asked) == [(1, "opened"), (9, "surged")]


def test_an_alert_that_closed_keeps_the_time_of_its_last_warning() -> None:
    asked = watching(keep_for=2, cool_down=0)
    assert told([0.01, 0.03, 0.01, 0.01, 0.03], asked) == [(1, "opened")]
    assert told([0.01, 0.03, 0.01, 0.01, 0.045], asked) == [(1, "opened"), (4, "opened")]


def test_a_surge_asks_the_first_tier_again_and_says_from_what_it_rose() -> None:
    opened = played([0.02, 0.04])[-1].alert
    later = replace(
        opened, state=AlertState.ACKNOWLEDGED, tier=3, waiting_since=None, last_origin=origin(8)
    )
    one = score(0.2, 9, before=(0.05, 0.08, 0.04, 0.06))
    (change,) = decide([one], [later], [watching()], moment(9))
    assert change.kind is ChangeKind.SURGED
    assert (change.alert.state, change.alert.tier) == (AlertState.OPEN, 1)
    assert change.alert.waiting_since == moment(9)
    assert (change.alert.warned_on, change.alert.warned_at) == (origin(9), 0.2)
    assert change.reason == "probability 0.200, up from 0.040, the lowest of the last 4 weeks"


def test_a_band_that_is_crossed_without_a_rise_is_recorded_and_owed_to_nobody() -> None:
    opened = played([0.02, 0.15])[-1]
    (heard,) = mark_notified([opened], {opened.alert.id})
    later = replace(heard.alert, last_origin=origin(8))
    one = score(0.3, 9, before=(0.25, 0.24, 0.23, 0.22))
    (change,) = decide([one], [later], [watching()], moment(9))
    assert (change.kind, change.alert.band) == (ChangeKind.RAISED, Band.HIGH)
    assert (
        str(suppression_of(change, later, []))
        == "it rose too slowly, or too soon after the last warning, for this rule to warn"
    )
    assert late_warnings([change.alert], [], moment(9)) == []
    (level,) = decide([one], [later], [watching(raise_at=0.2)], moment(9))
    assert suppression_of(level, later, []) is None
    assert len(late_warnings([level.alert], [], moment(9))) == 1, "until somebody hears of it"


def test_it_opens_at_once_whatever_the_rule_must_hold_for() -> None:
    asked = watching(raise_at=0.03, hold_for=3)
    assert told([0.01, 0.35], asked) == [(1, "opened")]
    assert told([0.031, 0.031, 0.031], asked) == [(2, "opened")]


def test_why_it_would_not_open() -> None:
    def reasons(probability: float, *before: float, alert: Alert | None = None) -> list[str]:
        return unmet(watching(), score(probability, 9, before=before), alert, None)

    assert reasons(0.01) == ["0.01 lies below 0.02, at which a rise begins to count"]
    assert "0.03 is less than 1.6 times 0.02" in reasons(0.03)[0]
    assert reasons(0.05) == []
    assert "0.05 is less than 1.6 times 0.04" in reasons(0.05, 0.06, 0.04)[0]
    assert reasons(0.07, 0.04) == []
    warned = replace(played([0.02, 0.06])[-1].alert, last_origin=origin(8), warned_on=origin(7))
    (said,) = reasons(0.07, 0.04, alert=warned)
    assert said == "it warned of 0.06 2 weeks ago: it does so again after 6 weeks, or at 0.09"


def test_what_a_rule_says_of_scores_at_the_very_edge() -> None:
    def reasons(one: Score, asked: Rule | None = None, alert: Alert | None = None) -> list[str]:
        return unmet(asked or watching(), one, alert, None)

    unknown = score(None, 9, band=Band.UNCALIBRATED)
    assert why_no_rise(RISE, unknown, None) == "the score has no probability that could rise"
    assert "times 0.019" in why_no_rise(RISE, score(0.02, 9, before=(0.019,)), None)
    of_no_quiet = replace(score(0.03, 9, before=(0.02,)), relative_risk=3.0)
    assert "is less than 1.6 times 0.02" in reasons(of_no_quiet)[0]
    never = replace(score(0.05, 9, before=(0.02,)), relative_risk=3.0)
    assert reasons(never) == [], "a rule that says nothing of quiet regions"
    assert not is_news(rule(), never, None), "a rule that says nothing of rises"
    asked = watching(rise=replace(RISE, quiet=QuietRise(times=3, again_after=13)))
    alert = played([0.02, 0.04])[-1].alert
    assert is_news(watching(), never, replace(alert, warned_on=origin(8), warned_at=None))
    at_the_bar = replace(never, relative_risk=3.0, before=(0.05,))
    today = replace(alert, warned_on=origin(9), warned_at=0.05)
    assert reasons(at_the_bar, asked, today) == [
        "it warned of 0.05 0 weeks ago: it does so again after 13 weeks, or with a rise"
    ]
    risen = replace(at_the_bar, before=(0.02,))
    assert reasons(risen, asked, today) == [
        "it warned of 0.05 0 weeks ago: it does so again after 6 weeks, or at 0.075"
    ]


def test_news_in_a_quiet_region_that_did_not_rise_remains_unless_it_never_stood_so_high() -> None:
    alert = played([0.02, 0.15])[-1].alert
    calm = score(0.15, 9, before=(0.15,))
    assert kind_of_news(watching(), calm, alert) is ChangeKind.REMAINED
    assert kind_of_news(watching(), replace(calm, band=Band.HIGH), alert) is ChangeKind.SURGED
    assert kind_of_news(watching(), replace(calm, before=(0.05,)), alert) is ChangeKind.SURGED


def test_a_warning_of_the_week_so_far_is_of_its_day() -> None:
    alert = played([0.02, 0.15])[-1].alert
    interim = replace(score(0.2, 9), interim=True, as_of=moment(9) + 3 * DAY)
    assert warned(alert, interim).warned_on == origin(9) + 3 * DAY
    assert warned(alert, replace(interim, interim=False)).warned_on == origin(9)


def test_a_quiet_region_is_told_why_it_is_news_or_why_not() -> None:
    asked = watching(rise=replace(RISE, quiet=QuietRise(times=3, again_after=13)))

    def quiet(risk: float, week: int = 9) -> Score:
        return score(0.03, week, before=(0.03,) * 4, relative_risk=risk)

    assert unmet(asked, quiet(2.95), None, None) == [
        "it was quiet there for half a year, and the probability is 2.95 times the mean of "
        "such regions: there it counts from 3 times"
    ]
    (change,) = decide([quiet(3.46)], [], [asked], moment(9))
    assert change.reason == (
        "probability 0.030: invented reported no such force here in half a year, and the risk is "
        "3.5 times the mean of such regions"
    )
    assert unmet(asked, quiet(3.46, 21), change.alert, None) == [
        "it warned of 0.03 12 weeks ago: it does so again after 13 weeks, or with a rise"
    ]
    assert unmet(asked, quiet(3.46, 22), change.alert, None) == []


def test_of_two_sources_the_one_that_is_news_counts() -> None:
    asked = watching(rise=replace(RISE, quiet=QuietRise(times=3, again_after=13)))
    before = (0.05,) * 4
    high = score(0.07, 9, before=before, relative_risk=1.5, id="one")
    stands_out = score(0.05, 9, before=before, relative_risk=6.0, id="two")
    loud = replace(high, relative_risk=None, id="three")
    for found in ([high, stands_out], [stands_out, high], [loud, stands_out]):
        (change,) = decide(found, [], [asked], moment(9))
        assert (change.kind, change.alert.score_id) == (ChangeKind.OPENED, "two")


def test_of_two_sources_the_gravest_says_at_what_level_an_alert_stands() -> None:
    asked = watching(rise=replace(RISE, quiet=QuietRise(times=3, again_after=13)))
    (change,) = decide([score(0.22, 1, before=(0.05,))], [], [asked], moment(1))
    alert = change.alert
    for week in range(2, 8):
        loud = score(0.03, week, before=(0.03,) * 4, id="loud")
        quiet = score(0.22, week, before=(0.22,) * 4, relative_risk=2.5, id="quiet")
        made = decide([loud, quiet], [alert], [asked], moment(week))
        alert = made[-1].alert
        assert (alert.band, alert.score_id) == (Band.HIGH, "quiet")


def test_a_quiet_warning_is_taken_back_where_the_region_does_not_stand_out_today() -> None:
    asked = watching(rise=replace(RISE, quiet=QuietRise(times=3, again_after=13)))
    then = score(0.06, 9, before=(0.06,) * 4, relative_risk=4.0)
    (change,) = decide([then], [], [asked], moment(9))
    today = replace(then, probability=0.03, relative_risk=1.2)
    taken = corrected(change.alert, asked, then, today, moment(20))
    assert taken is not None
    assert taken.kind is ChangeKind.CORRECTED
    assert taken.reason == (
        "on today's data it would not have opened: probability 0.030 instead of probability 0.060, "
        "and a rise counts from 0.02, in a quiet region from 3 times the mean of such"
    )

    def again(before: Score, **today: Any) -> Change | None:
        return corrected(change.alert, asked, before, replace(then, **today), moment(20))

    # A changed comparison with other regions, or one that was not stored, corrects nothing.
    assert again(then, relative_risk=2.0) is None
    assert again(then, relative_risk=None) is None
    unknown = replace(then, relative_risk=None)
    assert again(unknown, relative_risk=2.0) is None
    assert again(unknown, probability=0.01, relative_risk=None) is not None


def test_what_nothing_renewed_for_half_a_year_is_a_situation_until_it_rises() -> None:
    alert = played([0.02, 0.05])[-1].alert
    assert settled([alert], origin(26), moment(26)) == []
    (change,) = settled([alert], origin(27), moment(27))
    assert (change.kind, change.alert.situation) == (ChangeKind.SETTLED, True)
    assert change.alert.state is AlertState.OPEN
    assert settled([change.alert], origin(30), moment(30)) == []
    (surged,) = decide([score(0.2, 30, before=(0.03,))], [change.alert], [watching()], moment(30))
    assert surged.alert.situation is False
    closed = replace(alert, state=AlertState.CLOSED)
    assert settled([closed], origin(40), moment(40)) == []
