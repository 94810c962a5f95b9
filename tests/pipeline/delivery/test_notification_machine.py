"""Tests of who is notified of what, under random sequences of events, on a real store.

Hypothesis generates weeks, unobserved weeks, hours that pass, silences, acknowledgements, closes by
hand, an unhealthy source, rules that are removed and put back, and runs each step twice. There are
two recipients: A of the first tier, B of the second. Their notifications are compared with the
changes in the alerts' chain, and with what is suppressed at the time.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from ewarn.alerting.acts import acknowledge, close
from ewarn.domain.alert import Alert, AlertEvent, AlertState, ChangeKind
from ewarn.domain.playbook import Playbook
from ewarn.domain.region import Level, Office
from ewarn.domain.rule import Rise
from ewarn.domain.silence import Silence
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Target
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.alerts.remind import remind
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.alerts import alerts, silences
from ewarn.store.database.engine import Store
from ewarn.store.intake import health_changes
from ewarn.store.intake.health_changes import HealthChange
from ewarn.store.scores import scores
from ewarn.store.tables.delivery import notification
from tests import scores as invented
from tests.pipeline.invented import Postbox
from tests.pipeline.weeks import recipient

REGIONS = ("TG-K", "TG-M", "TGO")
LEVELS = (0.02, 0.15, 0.25, 0.5)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
PATIENCE = 48 * HOUR
PLACES = load_gazetteer()
A, B = (
    recipient("A", pace={"repeat_days": None}),
    recipient("B", tier=2, pace={"repeat_days": None}),
)
RISE = Rise(floor=0.1, factor=1.5, weeks=3, again_after=2, again_factor=1.5)
RULES = {
    "force-admin1": invented.rule(cool_down=1, acknowledge_within=PATIENCE, rise=RISE),
    "force-country": invented.rule(
        id="force-country", level=Level.COUNTRY, cool_down=1, acknowledge_within=PATIENCE
    ),
}
ENDS = (ChangeKind.CLOSED, ChangeKind.WITHDRAWN)
seen = st.sampled_from((True, True, True, False))
of_regions = st.dictionaries(
    st.sampled_from(REGIONS[:2]), st.tuples(st.sampled_from(LEVELS), seen), min_size=1
)
of_country = st.tuples(st.sampled_from((0.02, 0.02, 0.02, 0.3)), seen)
one_week = st.builds(lambda regions, country: regions | {"TGO": country}, of_regions, of_country)


class Telling(RuleBasedStateMachine):
    """Two rules, a country and two of its regions, two recipients."""

    template: ClassVar[Path]  # an empty store to copy, because a state machine cannot use fixtures

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "told.db"
        path.write_bytes(self.template.read_bytes())
        self.store = Store(f"sqlite:///{path}")
        self.in_force = dict(RULES)
        self.week = 0
        self.now = invented.moment(0)
        self.quiet: dict[str, tuple[str, datetime, datetime]] = {}  # region (TGO: all), begin, end

        self._score({"TG-K": (0.25, True), "TG-M": (0.5, True), "TGO": (0.02, True)})

    def teardown(self) -> None:
        self.store.dispose()
        self.folder.cleanup()

    # Events that happen.

    @rule(week=one_week)
    def a_week_is_scored(self, week: dict[str, tuple[float, bool]]) -> None:
        self.week += 1
        self.now = max(self.now + MINUTE, invented.moment(self.week))
        self._score(week)

    @rule(weeks=st.lists(one_week, min_size=2, max_size=4))
    def weeks_pass(self, weeks: list[dict[str, tuple[float, bool]]]) -> None:
        for week in weeks:
            self.a_week_is_scored(week)

    @rule(hours=st.sampled_from((1, 30, 49, 100)))
    def hours_pass(self, hours: int) -> None:
        self._pass(hours * HOUR)

    @rule(region=st.sampled_from(REGIONS))
    def somebody_acknowledges(self, region: str) -> None:
        for each in self._standing():
            if each.region == region and each.state is AlertState.OPEN:
                self._pass(MINUTE)
                doing = lambda it: acknowledge(it, "Lomé", self.now)  # noqa: E731
                act(self._service(), each.id, (), doing, self.now)
                self._settle()

    @rule(region=st.sampled_from(REGIONS))
    def somebody_closes(self, region: str) -> None:
        for each in self._standing():
            if each.region == region:
                self._pass(MINUTE)
                doing = lambda it: close(it, "Lomé", self.now, "a copy")  # noqa: E731
                act(self._service(), each.id, (), doing, self.now)
                self._settle()

    @rule(region=st.sampled_from(REGIONS), hours=st.sampled_from((20, 100, 300)))
    def somebody_silences(self, region: str, hours: int) -> None:
        self.now += MINUTE
        id_ = f"s{len(self.quiet)}"
        ends = self.now + hours * HOUR
        of = {"countries": ("TGO",)} if region == "TGO" else {"regions": (region,)}
        with self.store.write() as connection:
            silences.add(connection, Silence(id_, "Lomé", "x", self.now, ends, **of))  # type: ignore[arg-type]
        self.quiet[id_] = (region, self.now, ends)
        self._pass(MINUTE)

    @precondition(lambda self: self.quiet)
    @rule()
    def a_silence_is_ended(self) -> None:
        id_ = sorted(self.quiet)[-1]
        self._pass(MINUTE)
        with self.store.write() as connection:
            silences.end(connection, [id_], self.now, "Lomé")
        region, begun, ends = self.quiet[id_]
        self.quiet[id_] = (region, begun, min(ends, self.now))
        self._settle()

    @rule(name=st.sampled_from(sorted(RULES)))
    def a_rule_is_taken_away_or_put_back(self, name: str) -> None:
        if self.in_force.pop(name, None) is None:
            self.in_force[name] = RULES[name]
        self.now += MINUTE
        alert(self._service(), self.now)
        self._settle()

    @rule(health=st.sampled_from((Health.OK, Health.BROKEN)))
    def the_source_turns(self, health: Health) -> None:
        with self.store.write() as connection:
            health_changes.add(connection, HealthChange("invented", health, "x", self.now))
        self._pass(MINUTE)

    # Invariants.

    @invariant()
    def nobody_is_told_anything_twice(self) -> None:
        told = [(who, thread, kind, at) for who, thread, kind, at, _ in self._notifications()]
        assert len(told) == len(set(told))
        for who in (A.id, B.id):
            ends = [
                thread
                for w, thread, kind, _, _ in self._notifications()
                if w == who and kind in ENDS
            ]
            assert len(ends) == len(set(ends))

    @invariant()
    def one_alert_of_a_rule_and_region_stands_at_most(self) -> None:
        places = [(each.rule, each.region) for each in self._standing()]
        assert len(places) == len(set(places))
        assert {each.rule for each in self._standing()} <= self.in_force.keys()

    @invariant()
    def nothing_ends_that_did_not_begin(self) -> None:
        for story in self._stories().values():
            kinds = [event.kind for event in story]
            assert kinds.count(ChangeKind.OPENED) == 1
            assert sum(kind in ENDS for kind in kinds) <= 1
            assert kinds[0] is ChangeKind.OPENED
            # The one later tier is notified again only if the alert asks for an answer again.
            anew = (ChangeKind.ESCALATED, ChangeKind.RAISED, ChangeKind.SURGED)
            turns = [kind for kind in kinds if kind in anew]
            assert (ChangeKind.ESCALATED, ChangeKind.ESCALATED) not in pairwise(turns)

    @invariant()
    def what_somebody_acknowledged_rests_until_it_rises_above_all_it_was(self) -> None:
        stories = self._stories()
        for each in self._standing():
            ranks, asleep = [-1], False
            for event in stories[each.id]:
                rises = event.kind is ChangeKind.SURGED or event.band.rank > max(ranks)
                asleep = asleep and not rises
                assert not (asleep and event.kind is ChangeKind.ESCALATED)
                asleep = asleep or event.kind is ChangeKind.ACKNOWLEDGED
                ranks.append(event.band.rank)
            assert asleep is (each.state is AlertState.ACKNOWLEDGED), stories[each.id]

    @invariant()
    def who_heard_of_a_beginning_hears_of_its_end_unless_it_is_held_back(self) -> None:
        notifications, known = self._notifications(), self._known()
        for id_, story in self._stories().items():
            ended = next((event for event in story if event.kind in ENDS), None)
            region = known[id_].region
            for who in (A.id, B.id):
                mine = [
                    kind for w, thread, kind, _, _ in notifications if (w, thread) == (who, id_)
                ]
                if ended is None:
                    assert not set(mine) & set(ENDS)
                elif mine and not self._is_held_back(region):
                    assert mine[-1] in ENDS, (who, id_, mine)

    @invariant()
    def a_hears_of_every_level_that_nobody_acknowledged(self) -> None:
        notifications = self._notifications()
        for each in self._standing():
            if each.state is not AlertState.OPEN or self._is_held_back(each.region):
                continue
            mine = [row for row in notifications if row[:2] == (A.id, each.id)]
            bands = [Band(band).rank for *_, band in mine]
            assert bands, each
            assert max(bands) >= each.band.rank, (each, bands)

    @invariant()
    def a_hears_of_every_surge_that_no_silence_holds_back(self) -> None:
        notifications, known = self._notifications(), self._known()
        for id_, story in self._stories().items():
            told = {
                (kind, at) for who, of, kind, at, _ in notifications if (who, of) == (A.id, id_)
            }
            for event in story:
                silenced = self._is_silenced(known[id_].region, event.at)
                if event.kind is ChangeKind.SURGED and not silenced:
                    assert (event.kind, event.at) in told, event

    @invariant()
    def b_hears_once_a_let_it_pass_and_not_before(self) -> None:
        notifications = self._notifications()
        for each in self._standing():
            mine = [row for row in notifications if row[1] == each.id]
            of_b = [row for row in mine if row[0] == B.id]
            if of_b:
                first_of_b = of_b[0]
                first_of_a = next(row for row in mine if row[0] == A.id)
                assert first_of_b[3] - first_of_a[3] >= PATIENCE
            if each.state is not AlertState.OPEN or self._is_held_back(each.region):
                continue
            assert of_b or (each.waiting_since and self.now < each.waiting_since + PATIENCE), each

    @invariant()
    def what_is_held_back_is_not_told(self) -> None:
        """Nobody is notified of a region under a silence."""
        known = self._known()
        for _, thread, kind, at, _ in self._notifications():
            assert not self._is_silenced(known[thread].region, at), (thread, kind, at)

    @invariant()
    def the_chain_is_whole(self) -> None:
        with self.store.read() as connection:
            assert alerts.broken_link(connection) is None
            assert alerts.inconsistent_alerts(connection, self.now) == []

    # Helpers.

    def _settle(self) -> None:
        """Send all that is due now, and check that each step done again sends nothing more."""
        remind(self._service(), self.now)
        before = self._notifications()
        alert(self._service(), self.now)
        remind(self._service(), self.now)
        assert self._notifications() == before

    def _pass(self, time: timedelta) -> None:
        self.now += time
        self.week = max(self.week, (self.now - invented.moment(0)).days // 7)
        self._settle()

    def _score(self, week: dict[str, tuple[float, bool]]) -> None:
        made = [
            replace(
                invented.score(probability, self.week, region=region, observed=1 if seen else None),
                id="",
                recorded_at=self.now,
            )
            for region, (probability, seen) in week.items()
        ]
        at = invented.origin(self.week)
        with self.store.write() as connection:
            scores.record(connection, "invented", at, f"{self.now}", made, self.now)
        alert(self._service(), self.now, origin=at)
        self._settle()

    def _service(self) -> Service:
        watch = Playbook("watch", "Watch", {"en": "look"}, (), None, ())
        return Service(
            store=self.store,
            places=PLACES,
            sources={},
            models=lambda *_: (),
            rulebook=Rulebook(
                rules=tuple(self.in_force.values()),
                cuts={(target, level): invented.CUTS for target in Target for level in Level},
                offices=(Office("geneva", "Geneva", "en", ("*",), (A, B)),),
                playbooks={"watch": watch},
            ),
            notifiers={"log": Postbox()},
            base_url="",
        )

    def _notifications(self) -> list[tuple[str, str, str, datetime, str]]:
        """Return (recipient, alert, kind of change, time of change, level), in the order sent."""
        with self.store.read() as connection:
            rows = connection.execute(select(notification).order_by(notification.c.sequence)).all()
        return [
            (
                row.recipient,
                row.thread,
                row.facts["change"],
                row.created_at,
                row.facts["level"],
            )
            for row in rows
        ]

    def _standing(self) -> list[Alert]:
        with self.store.read() as connection:
            return [each for each in alerts.standing(connection) if each.is_standing]

    def _known(self) -> dict[str, Alert]:
        with self.store.read() as connection:
            found = alerts.find(connection, alerts.AlertFilter(), self.now)
        return {each.id: each for each in found}

    def _stories(self) -> dict[str, list[AlertEvent]]:
        with self.store.read() as connection:
            return {id_: alerts.timeline(connection, id_, self.now) for id_ in self._known()}

    def _is_held_back(self, region: str) -> bool:
        return self._is_silenced(region, self.now)

    def _is_silenced(self, region: str, at: datetime) -> bool:
        return any(
            of in ("TGO", region) and begun <= at < ends for of, begun, ends in self.quiet.values()
        )


def test_everybody_is_told_what_concerns_them_once(sqlite_template: Path) -> None:
    Telling.template = sqlite_template
    run_state_machine_as_test(
        Telling,
        settings=settings(
            max_examples=20,
            stateful_step_count=10,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # a failure is not shrunk
        ),
    )
