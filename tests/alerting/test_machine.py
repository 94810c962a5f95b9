"""Tests of alerts under random sequences of events, compared with a small model.

Hypothesis generates weeks of scores, gaps, unobserved weeks, revisions, acts of people, other rules
and restarts. The alerts are in a real store, and its hash chain must stay valid.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ewarn.alerting.acts import acknowledge, close
from ewarn.alerting.decide import decide
from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.rule import Rule
from ewarn.domain.target import Band
from ewarn.store.alerts import alerts as store_alerts
from ewarn.store.database.engine import Store
from tests import scores

REGIONS = ("TG-K", "TG-M")
LEVELS = (0.05, 0.15, 0.25, 0.5)
one_week = st.dictionaries(
    st.sampled_from(REGIONS),
    st.tuples(st.sampled_from(LEVELS), st.sampled_from((True, True, True, False))),
    min_size=1,
)


@dataclass
class Expected:
    """The model: what the alert of one region should be, in a few values."""

    state: str = "none"  # none, pending, open, acknowledged
    held: int = 0
    below: int = 0
    highest: Band = Band.LOW
    cool_until: int = -1
    cooled_at: Band = Band.LOW
    shown: Band = Band.LOW  # the band of the alert before the week's score

    def sees(self, asked: Rule, week: int, probability: float, seen: bool) -> None:
        """Update the model by the score of a week."""
        band = scores.CUTS.band(probability)
        above = probability >= asked.raise_at
        if self.state == "none":
            cooling = week < self.cool_until and band.rank <= self.cooled_at.rank
            if above and not cooling:
                self.state, self.held, self.below, self.highest = "pending", 1, 0, band
                self._opens(asked)
        elif self.state == "pending":
            self.highest = max(self.highest, band, key=lambda each: each.rank)
            self.held += 1
            self.state = self.state if above else "none"
            self._opens(asked)
        else:
            self._stands(asked, week, probability, seen)

    def ends(self, asked: Rule, week: int) -> None:
        """Close the alert and begin the cool-down."""
        self.state, self.cool_until, self.cooled_at = "none", week + asked.cool_down, self.highest

    def _opens(self, asked: Rule) -> None:
        if self.state == "pending" and self.held >= asked.hold_for:
            self.state = "open"

    def _stands(self, asked: Rule, week: int, probability: float, seen: bool) -> None:
        band = scores.CUTS.band(probability)
        if band.rank > self.highest.rank:
            self.state, self.highest = "open", band
        if seen or band.rank > self.shown.rank:
            self.below = self.below + 1 if probability < asked.close_below else 0
        if seen and self.below >= asked.keep_for:
            self.ends(asked, week)


class Lifecycle(RuleBasedStateMachine):
    """One rule, two regions, and everything that may happen to them."""

    hold_for: ClassVar[int]
    template: ClassVar[Path]  # an empty store to copy, because a state machine cannot use fixtures

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name) / "alerts.db"
        self.path.write_bytes(self.template.read_bytes())
        self.store = Store(f"sqlite:///{self.path}")
        self.asked = scores.rule(hold_for=self.hold_for, keep_for=2, cool_down=4)
        self.week = -1
        self.expected = {region: Expected() for region in REGIONS}
        self.story: dict[str, list[ChangeKind]] = {}
        self.shown: dict[str, Band] = {}
        self.scored: dict[str, int] = {}

    def teardown(self) -> None:
        self.store.dispose()
        self.folder.cleanup()

    @rule(weeks=st.lists(one_week, min_size=4, max_size=16))
    def weeks_pass(self, weeks: list[dict[str, tuple[float, bool]]]) -> None:
        for week in weeks:
            self.week += 1
            self._decide(week)
            for region, (probability, seen) in week.items():
                expected = self.expected[region]
                expected.shown = self.shown.get(region, Band.LOW)
                expected.sees(self.asked, self.week, probability, seen)
                self.scored[region] = self.week

    @rule(weeks=st.integers(1, 6))
    def nothing_is_scored_for_a_while(self, weeks: int) -> None:
        self.week += weeks

    @precondition(lambda self: self.week >= 0)
    @rule(week=one_week)
    def the_same_week_is_scored_again(self, week: dict[str, tuple[float, bool]]) -> None:
        """Revised scores of a week do not rewrite what an alert did in that week."""
        known = {
            region
            for region, each in self.expected.items()
            if each.state != "none" and self.scored.get(region) == self.week
        }
        self._decide({region: seen for region, seen in week.items() if region in known})

    @rule(region=st.sampled_from(REGIONS))
    def somebody_acknowledges(self, region: str) -> None:
        self._act(region, ("open",), lambda alert: acknowledge(alert, "Dakar", self._now()))
        if self.expected[region].state == "open":
            self.expected[region].state = "acknowledged"

    @rule(region=st.sampled_from(REGIONS))
    def somebody_closes(self, region: str) -> None:
        states = ("open", "acknowledged")
        self._act(region, states, lambda alert: close(alert, "Dakar", self._now(), "a copy"))
        if self.expected[region].state in states:
            self.expected[region].ends(self.asked, max(self.week, 0))

    @rule()
    def the_service_restarts(self) -> None:
        self.store.dispose()
        self.store = Store(f"sqlite:///{self.path}")

    @rule(hold=st.integers(1, 3), keep=st.integers(1, 3), cool=st.integers(0, 6))
    def the_rule_changes(self, hold: int, keep: int, cool: int) -> None:
        running = any(each.state == "none" for each in self.expected.values())
        cool_down = self.asked.cool_down if running else cool
        self.asked = replace(self.asked, hold_for=hold, keep_for=keep, cool_down=cool_down)

    @invariant()
    def it_is_as_expected(self) -> None:
        standing: dict[str, list[str]] = {region: [] for region in REGIONS}
        for alert in self._alerts():
            if alert.state != "closed":
                standing[alert.region].append(str(alert.state))
        for region, expected in self.expected.items():
            assert standing[region] == ([] if expected.state == "none" else [expected.state])

    @invariant()
    def no_story_is_told_wrong(self) -> None:
        for story in self.story.values():
            ends = [k for k in story if k in (ChangeKind.CLOSED, ChangeKind.WITHDRAWN)]
            assert len(ends) <= 1
            assert not ends or story[-1] is ends[0]
            assert story.count(ChangeKind.OPENED) <= 1
            if ChangeKind.CLOSED in story:
                assert ChangeKind.OPENED in story
            if ChangeKind.WITHDRAWN in story:
                assert ChangeKind.OPENED not in story

    @invariant()
    def the_chain_is_whole(self) -> None:
        with self.store.read() as connection:
            assert store_alerts.broken_link(connection) is None
            assert store_alerts.inconsistent_alerts(connection, scores.moment(10_000)) == []

    def _alerts(self) -> list[Alert]:
        with self.store.read() as connection:
            return store_alerts.standing(connection)

    def _decide(self, week: dict[str, tuple[float, bool]]) -> None:
        made = [
            scores.score(probability, self.week, region=region, observed=1 if seen else None)
            for region, (probability, seen) in week.items()
        ]
        before = self._alerts()
        self.shown = {alert.region: alert.band for alert in before if alert.state != "closed"}
        self._store(decide(made, before, [self.asked], self._now()))

    def _act(self, region: str, states: tuple[str, ...], doing: Callable[[Alert], Change]) -> None:
        for alert in self._alerts():
            if alert.region == region and str(alert.state) in states:
                self._store([doing(alert)])

    def _store(self, changes: list[Change]) -> None:
        with self.store.write() as connection:
            store_alerts.record(connection, changes, {})
        for change in changes:
            if change.kind is not None:
                self.story.setdefault(change.alert.id, []).append(change.kind)

    def _now(self) -> Any:
        return scores.moment(max(self.week, 0))


@pytest.mark.parametrize("hold_for", [1, 2])
def test_alerts_are_what_a_small_model_says_they_are(sqlite_template: Path, hold_for: int) -> None:
    Lifecycle.hold_for = hold_for
    Lifecycle.template = sqlite_template
    run_state_machine_as_test(
        Lifecycle,
        settings=settings(
            max_examples=20,
            stateful_step_count=12,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # a failure is not shrunk
        ),
    )


def test_a_series_that_wobbles_opens_once_and_closes_once() -> None:
    asked = scores.rule()
    alerts: dict[str, Alert] = {}
    kinds: list[ChangeKind] = []
    series = [0.25, 0.12] * 10 + [0.05] * 4
    for week, probability in enumerate(series):
        one = scores.score(probability, week)
        made = decide([one], alerts.values(), [asked], scores.moment(week))
        alerts |= {change.alert.id: change.alert for change in made}
        kinds += [change.kind for change in made if change.kind]
    assert kinds.count(ChangeKind.OPENED) == kinds.count(ChangeKind.CLOSED) == 1
    assert ChangeKind.RAISED not in kinds
