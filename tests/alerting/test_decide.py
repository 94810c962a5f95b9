"""Tests of `decide`: which scores change an alert, and how."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.alerting.decide import decide, withdraw_unlicensed
from ewarn.alerting.explain import unmet
from ewarn.alerting.reasons import correcting_reason, opening_reason, seen, share
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.score import Driver, Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.notify.messages.change_reasons import reason_words
from tests.scores import moment, origin, rule, score

STALE_WEEK: dict[str, Any] = {"observed": None}


def play(rule_: Rule, series: Sequence[Score]) -> tuple[list[list[str]], dict[str, Alert]]:
    """Decide week by week. Return the kinds of each week's changes, and the alerts at the end."""
    alerts: dict[str, Alert] = {}
    weeks = []
    for number, one in enumerate(series):
        changes = decide([one], alerts.values(), [rule_], moment(number))
        alerts |= {change.alert.id: change.alert for change in changes}
        weeks.append([change.kind.value for change in changes if change.kind])
    return weeks, alerts


def kinds(rule_: Rule, *probabilities: float) -> list[list[str]]:
    return play(rule_, [score(p, week) for week, p in enumerate(probabilities)])[0]


def test_an_alert_opens_at_the_raising_threshold_and_not_below_it() -> None:
    assert kinds(rule(), 0.199, 0.2) == [[], ["opened"]]


def test_it_closes_only_after_the_weeks_it_keeps_below_the_lower_threshold() -> None:
    assert kinds(rule(), 0.2, 0.15, 0.09, 0.12, 0.09, 0.09) == [
        ["opened"],
        [],
        ["lowered"],
        ["raised"],
        [],
        ["lowered", "closed"],
    ]


def test_a_series_that_wobbles_inside_the_band_opens_once() -> None:
    weeks = kinds(rule(), 0.21, 0.15, 0.21, 0.15, 0.21, 0.15)
    assert weeks == [["opened"], [], [], [], [], []]


def test_its_level_rises_at_once_and_falls_late() -> None:
    assert kinds(rule(keep_for=3), 0.2, 0.5, 0.3, 0.5, 0.3, 0.3, 0.3) == [
        ["opened"],
        ["raised"],
        [],
        [],
        [],
        [],
        ["lowered"],
    ]


def test_it_must_hold_before_it_opens() -> None:
    assert kinds(rule(hold_for=3), 0.3, 0.3, 0.3) == [["pending"], [], ["opened"]]
    assert kinds(rule(hold_for=2), 0.3, 0.1, 0.3, 0.3) == [
        ["pending"],
        ["withdrawn"],
        ["pending"],
        ["opened"],
    ]


def test_a_cool_down_keeps_it_shut_for_its_weeks() -> None:
    weeks = kinds(rule(), 0.2, 0.05, 0.05, 0.2, 0.2, 0.2, 0.2)
    assert weeks[2] == ["lowered", "closed"]
    assert weeks[3:6] == [[], [], []]
    assert weeks[6] == ["opened"]


def test_a_higher_level_breaks_through_the_cool_down() -> None:
    weeks, alerts = play(rule(), [score(p, w) for w, p in enumerate((0.2, 0.05, 0.05, 0.5))])
    assert weeks[2:] == [["lowered", "closed"], ["opened"]]
    assert {alert.highest for alert in alerts.values()} == {Band.HIGH, Band.CRITICAL}


def test_silence_makes_it_stale_and_never_closes_it() -> None:
    series = [score(0.3)] + [score(0.01, week, **STALE_WEEK) for week in range(1, 30)]
    weeks, alerts = play(rule(), series)
    (alert,) = alerts.values()
    assert weeks[1] == ["went_stale"]
    assert all(week == [] for week in weeks[2:])
    assert (alert.state, alert.stale, alert.band) == (AlertState.OPEN, True, Band.HIGH)


def test_weeks_of_silence_do_not_count_towards_closing() -> None:
    series = [
        score(0.3, 0),
        score(0.05, 1),
        score(0.05, 2, **STALE_WEEK),
        score(0.05, 3, **STALE_WEEK),
        score(0.05, 4),
    ]
    weeks, _ = play(rule(), series)
    assert weeks == [["opened"], [], ["went_stale"], [], ["recovered", "lowered", "closed"]]


def test_deciding_twice_changes_nothing() -> None:
    changes = decide([score(0.3)], [], [rule()], moment(0))
    alerts = [change.alert for change in changes]
    assert decide([score(0.3)], alerts, [rule()], moment(0)) == []


def test_a_closed_alert_does_not_reopen_at_its_own_origin() -> None:
    _, alerts = play(rule(cool_down=0), [score(p, w) for w, p in enumerate((0.3, 0.05, 0.05))])
    assert decide([score(0.3, 2)], alerts.values(), [rule(cool_down=0)], moment(2)) == []


@pytest.mark.parametrize(
    "other",
    [
        {"region": "TGO"},
        {"horizon_weeks": 8},
        {"target": "escalation"},
    ],
)
def test_a_rule_listens_to_its_own_target_level_and_horizon(other: dict[str, Any]) -> None:
    assert decide([score(0.9, **other)], [], [rule()], moment(0)) == []


def test_no_probability_rule_fires_on_an_uncalibrated_basis() -> None:
    assert decide([score(None, observed=99)], [], [rule()], moment(0)) == []


def test_a_detector_rule_listens_to_the_bound() -> None:
    watch = rule(id="bound", detector=True, raise_at=1.0, close_below=0.0)
    series = [
        score(None, 0, observed=3),
        score(None, 1, observed=4),
        score(None, 2, observed=None),
        score(None, 3, observed=0),
        score(None, 4, observed=0),
    ]
    weeks, _ = play(watch, series)
    assert weeks == [[], ["opened"], ["went_stale"], ["recovered"], ["closed"]]


def test_a_detector_rule_with_a_share_listens_to_it_and_not_to_the_bound() -> None:
    watch = rule(id="share", detector=True, raise_at=1.0, close_below=0.0, false_discovery=0.1)
    shares = (0.11, 0.1, 0.11, None, 0.05, 0.2, 0.2)
    above, changes = 9, []
    alerts: dict[str, Alert] = {}
    for week, found in enumerate(shares):
        one = score(None, week, observed=above if week == 0 else 1, false_discovery=found)
        made = decide([one], alerts.values(), [watch], moment(week))
        alerts |= {change.alert.id: change.alert for change in made}
        changes += [(week, change.kind.value, change.reason) for change in made if change.kind]
    seen, chance = "1 event last week, bound 3.0:", "chance alone brings such an alarm in"
    assert changes == [
        (
            1,
            "opened",
            f"{seen} {chance} 10% of weeks, within the rule's 10% for 1 week",
        ),
        (6, "lowered", f"{seen} elevated fell to low"),
        (6, "closed", f"{seen} {chance} 20% of weeks, above the rule's 10% for 2 weeks"),
    ]


@pytest.mark.parametrize(
    ("value", "said", "in_percent"),
    [
        (1.81e-44, "less than one in a million", "less than 0.0001%"),
        (0.0, "less than one in a million", "less than 0.0001%"),
        (9.9e-7, "less than one in a million", "less than 0.0001%"),
        (1e-6, "0.000001", "0.0001%"),
        (2.53e-5, "0.000025", "0.00253%"),
        (0.00012345, "0.000123", "0.0123%"),
        (0.0012345, "0.00123", "0.123%"),
        (0.1, "0.1", "10%"),
        (1.0, "1", "100%"),
    ],
)
def test_a_share_is_said_without_an_exponent(value: float, said: str, in_percent: str) -> None:
    watch = rule(id="share", detector=True, raise_at=1.0, close_below=0.0, false_discovery=0.1)
    assert share(value) == said
    found = score(None, 0, observed=9, false_discovery=value)
    for reason in (opening_reason(watch, found), correcting_reason(watch, found, found)):
        assert f"in {in_percent} of weeks" in reason
        assert "e-" not in reason


def test_a_detector_s_rule_hears_the_sources_it_names_until_they_have_a_probability() -> None:
    watch = rule(
        id="unusual",
        detector=True,
        raise_at=1.0,
        close_below=0.0,
        false_discovery=0.1,
        sources=("gdelt",),
        without_probability=True,
    )
    alarm: dict[str, Any] = {"observed": 9, "false_discovery": 0.01}
    gdelt: dict[str, Any] = {"sources": (SourceFooting("gdelt", Health.OK, 1.0),)}
    heard = score(None, 0, **alarm, **gdelt)
    assert [change.kind for change in decide([heard], [], [watch], moment(0))] == ["opened"]
    others = {
        "it is for other sources: gdelt, not invented": score(None, 0, **alarm),
        "it is for scores without a probability, and this one has one": score(
            0.3, 0, **alarm, **gdelt
        ),
    }
    for reason, passed_over in others.items():
        assert decide([passed_over], [], [watch], moment(0)) == []
        assert unmet(watch, passed_over, None, None) == [reason]
    # A probability that no rule may use does not replace the detector.
    provisional = score(0.3, 0, **alarm, **gdelt, basis=Basis.PROVISIONAL)
    made = decide([provisional], [], [watch], moment(0))
    assert [change.kind for change in made] == ["opened"]


def test_an_alert_of_a_detector_closes_also_once_its_scores_have_a_probability() -> None:
    watch = rule(
        id="unusual",
        detector=True,
        raise_at=1.0,
        close_below=0.0,
        false_discovery=0.1,
        without_probability=True,
        keep_for=2,
    )
    series = [
        score(None, 0, observed=9, false_discovery=0.01),
        score(0.3, 1, observed=9, false_discovery=0.01),
        score(0.01, 2, observed=0, false_discovery=1.0),
        score(0.01, 3, observed=0, false_discovery=1.0),
    ]
    weeks, _ = play(watch, series)
    assert weeks[0] == ["opened"]
    assert weeks[1] == []
    assert weeks[3][-1] == "closed"


def test_a_week_without_a_bound_closes_no_detector_s_alert() -> None:
    watch = rule(id="bound", detector=True, raise_at=1.0, close_below=0.0, keep_for=1)
    unknown: dict[str, Any] = {"observed": 0, "upper": None, "expected": None}
    weeks, _ = play(watch, [score(None, 0, observed=4), score(None, 1, **unknown)])
    assert weeks == [["opened"], []]


def test_every_change_has_a_reason_in_words() -> None:
    (change,) = decide([score(0.25)], [], [rule()], moment(0))
    assert change.reason == "probability 0.250 at or above 0.2 for 1 week"


def test_alerts_of_two_regions_and_two_rules_do_not_meet() -> None:
    rules = [rule(), rule(id="lower", raise_at=0.1, close_below=0.05)]
    changes = decide([score(0.25, region="TG-K"), score(0.15)], [], rules, moment(0))
    opened = {(change.alert.rule, change.alert.region) for change in changes}
    assert opened == {("force-admin1", "TG-K"), ("lower", "TG-K"), ("lower", "TG-M")}


weekly = st.lists(
    st.tuples(st.floats(0.001, 0.999), st.booleans()),
    max_size=40,
)


@given(weekly, st.integers(1, 3), st.integers(1, 3), st.integers(0, 5))
def test_at_most_one_alert_stands_and_none_closes_unopened(
    weeks: list[tuple[float, bool]], hold_for: int, keep_for: int, cool_down: int
) -> None:
    watch = rule(hold_for=hold_for, keep_for=keep_for, cool_down=cool_down)
    alerts: dict[str, Alert] = {}
    log: list[Change] = []
    for number, (probability, observed) in enumerate(weeks):
        one = score(probability, number, observed=1 if observed else None)
        changes = decide([one], alerts.values(), [watch], moment(number))
        log += changes
        alerts |= {change.alert.id: change.alert for change in changes}
        standing = [a for a in alerts.values() if a.state is not AlertState.CLOSED]
        assert len(standing) <= 1
        for alert in standing:
            assert alert.last_origin == origin(number)
    for alert in alerts.values():
        story = [change.kind for change in log if change.alert.id == alert.id and change.kind]
        if ChangeKind.CLOSED in story:
            assert story.index(ChangeKind.OPENED) < story.index(ChangeKind.CLOSED)
            assert story[-1] is ChangeKind.CLOSED
            assert not alert.stale


@pytest.mark.parametrize(
    ("target", "observed", "said"),
    [
        (Target.FORCE, 12, "12 events"),
        (Target.FORCE, 1, "1 event"),
        (Target.ESCALATION, 120, "120 points"),
        (Target.ESCALATION, 1, "1 point"),
    ],
)
def test_what_was_seen_is_told_in_the_unit_of_its_target(
    target: Target, observed: int, said: str
) -> None:
    assert seen(replace(score(None), target=target, observed=observed)) == said


def test_the_week_of_a_source_that_publishes_late_is_named() -> None:
    watch = rule(id="watch", detector=True, raise_at=1.0, close_below=0.0)
    two_weeks_ago = origin(-2)
    driver = Driver("invented:force", origin(-5), two_weeks_ago, None, 9)
    late = score(None, 0, observed=9, drivers=(driver,))
    (change,) = decide([late], [], [watch], moment(0))
    assert change.reason.startswith("9 events in the week of 2019-12-23, bound 3.0")
    assert reason_words(change, "fr").startswith("9 événements la semaine du 23 déc. 2019")


def test_a_count_that_is_unusual_and_below_its_bound_is_held_against_what_was_expected() -> None:
    watch = rule(id="watch", detector=True, raise_at=1.0, close_below=0.0, false_discovery=0.15)
    below = score(None, observed=3, expected=0.8, upper=4.0, false_discovery=0.1)
    (change,) = decide([below], [], [watch], moment(0))
    assert change.reason.startswith("3 events last week, where 0.8 were expected: chance")
    said = reason_words(change, "fr")
    assert said.startswith("3 événements la semaine dernière, contre 0,8 attendus")


def test_alerts_for_some_readers_are_alerts_of_their_own() -> None:
    ((everybody,), (some,)) = (
        decide([score(0.3)], [], [rule()], moment(0), readers=readers) for readers in ("", "acled")
    )
    assert (everybody.alert.readers, some.alert.readers) == ("", "acled")
    assert everybody.alert.id != some.alert.id
    (ended,) = withdraw_unlicensed(
        [some.alert, replace(some.alert, state=AlertState.CLOSED)], moment(1)
    )
    assert (ended.kind, ended.alert.state) == (ChangeKind.WITHDRAWN, AlertState.CLOSED)
