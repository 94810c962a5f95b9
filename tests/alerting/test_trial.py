"""Tests of replaying rules on scores: what opened, whether it was right, how two sets differ."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from ewarn.alerting.trial import (
    Difference,
    Episode,
    EpisodeOutcome,
    Replay,
    difference,
    judged,
    tallied,
)
from ewarn.domain.alert import AlertState
from ewarn.domain.rule import Rule
from tests.scores import moment, origin, rule, score

NEVER = date(2030, 1, 7)


def replayed(series: Mapping[str, list[float]], *rules: Rule) -> list[Episode]:
    """Replay weeks of probabilities by region under some rules."""
    replay = Replay(rules or (rule(),))
    for week in range(max(map(len, series.values()))):
        made = [
            score(values[week], week, region=region, id=f"{region} {week}")
            for region, values in series.items()
            if week < len(values)
        ]
        replay.see(made, moment(week))
    return replay.episodes


def one(*probabilities: float, **of_rule: Any) -> Episode:
    (episode,) = replayed({"TG-M": list(probabilities)}, rule(**of_rule))
    return episode


def followed(*outcomes: bool | None) -> Any:
    """Return the outcomes of the weeks from the first on; None for all later weeks."""
    return lambda _, day: dict(enumerate(outcomes)).get((day - origin(0)).days // 7)


def test_openings_raises_and_closes_are_those_of_the_decision() -> None:
    episodes = replayed(
        {"TG-M": [0.3, 0.5, 0.05, 0.05, 0.5, 0.5], "TG-K": [0.1, 0.3, 0.3], "TG-P": [0.1]}
    )
    assert [(e.alert.region, e.opened_on, e.raises, e.alert.state) for e in episodes] == [
        ("TG-M", origin(0), 1, AlertState.CLOSED),
        ("TG-K", origin(1), 0, AlertState.OPEN),
    ]
    assert {e.source for e in episodes} == {"invented"}


def test_a_cool_down_and_a_hold_are_kept_over_the_weeks() -> None:
    series = [0.3, 0.05, 0.05, 0.3, 0.3, 0.3, 0.3, 0.3]
    assert [e.opened_on for e in replayed({"TG-M": series})] == [origin(0), origin(6)]
    assert [e.opened_on for e in replayed({"TG-M": series}, rule(hold_for=3))] == [origin(5)]
    below = [0.3, 0.05, 0.3, 0.3]
    assert [e.opened_on for e in replayed({"TG-M": below}, rule(hold_for=2))] == [origin(3)]


@pytest.mark.parametrize(
    ("outcomes", "settled", "expected"),
    [
        ([False, False, True], NEVER, EpisodeOutcome(False, (14, 42))),
        ([True], NEVER, EpisodeOutcome(False, (0, 28))),
        ([False] * 13, NEVER, EpisodeOutcome(True, None)),
        ([False] * 13 + [True], NEVER, EpisodeOutcome(True, None)),
        ([False] * 12, NEVER, EpisodeOutcome(None, None)),
        ([None] * 3 + [False] * 12 + [True], NEVER, EpisodeOutcome(False, (105, 133))),
        ([False, False, True], origin(2), EpisodeOutcome(None, None)),
        ([], NEVER, EpisodeOutcome(None, None)),
    ],
)
def test_an_alert_is_judged_by_what_followed_its_weeks(
    outcomes: list[bool | None], settled: date, expected: EpisodeOutcome
) -> None:
    assert judged(one(0.3), followed(*outcomes), settled) == expected


def test_one_that_closed_is_judged_by_the_weeks_it_was_open() -> None:
    short = one(0.3, 0.3, 0.05, 0.05)
    assert judged(short, followed(False, False, False, True), NEVER) == EpisodeOutcome(True, None)
    assert judged(short, followed(False, False, True), NEVER) == EpisodeOutcome(False, (14, 42))


def test_a_tally_counts_and_gives_the_range_of_leads() -> None:
    episodes = replayed({"TG-M": [0.3, 0.5], "TG-K": [0.3], "TG-P": [0.3], "TG-C": [0.3]})
    judgements = [
        EpisodeOutcome(False, (0, 28)),
        EpisodeOutcome(False, (14, 42)),
        EpisodeOutcome(True, None),
        EpisodeOutcome(None, None),
    ]
    tally = tallied(episodes, judgements, days=61, settled_days=183)
    assert (tally.alerts, tally.raises, tally.closes, tally.a_month) == (4, 1, 0, 1.996)
    assert (tally.true, tally.false, tally.not_judged, tally.false_a_year) == (2, 1, 1, 2.0)
    assert tally.lead_days == ((7, 35), (0, 28), (14, 42))
    nothing = tallied([], [], days=61, settled_days=0)
    assert (nothing.alerts, nothing.false_a_year, nothing.lead_days) == (0, None, None)


def test_how_two_sets_of_rules_differ() -> None:
    series = {
        "TG-M": [0.25, 0.35, 0.35],
        "TG-K": [0.25, 0.25, 0.05],
        "TG-P": [0.35, 0.35, 0.35],
    }
    low, high = replayed(series), replayed(series, rule(id="other", raise_at=0.3))
    found = difference(low, high)
    assert [e.alert.region for e in found.only_one] == ["TG-K"]
    assert (found.only_other, found.later) == ((), ())
    assert [(a.opened_on, b.opened_on) for a, b in found.earlier] == [(origin(0), origin(1))]
    turned = difference(high, low)
    assert [e.alert.region for e in turned.only_other] == ["TG-K"]
    assert [(a.opened_on, b.opened_on) for a, b in turned.later] == [(origin(1), origin(0))]
    assert difference(low, low) == Difference((), (), (), ())


def test_alerts_that_were_never_open_together_are_two() -> None:
    early = replayed({"TG-M": [0.3, 0.05, 0.05]})
    late = replayed({"TG-M": [0.1, 0.1, 0.1, 0.3]})
    found = difference(early, late)
    assert (len(found.only_one), len(found.only_other)) == (1, 1)
