"""Tests of rules replayed on the stored scores, on both databases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.rule import NEVER, Rise, Rule
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.target import Target
from ewarn.errors import SettingsError, UsageError
from ewarn.frames.events import ParsedBatch
from ewarn.frames.panel import Panel
from ewarn.pipeline.alerts.rule_trial import TrialReport, try_rules
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import outcomes, scores
from tests.events import frame, row
from tests.pipeline.invented import InventedFitter, InventedSource
from tests.pipeline.weeks import REGION, play, recipient, told_to
from tests.scores import moment, origin, rule, score

SERIES = {
    REGION: [0.25, 0.35, 0.5, 0.05, 0.05, 0.05, 0.3, 0.3],
    "TG-K": [0.1, 0.25, 0.25, 0.25, 0.05, 0.05, 0.05, 0.05],
    "TGO": [0.9] * 8,
}
LATER = moment(60)
ALL = (origin(0), origin(7))


@dataclass
class ScoredChange:
    """Evaluator that counts its calls and always finds that nothing followed."""

    asked: int = 0

    def outcomes(
        self, known: Panel, ahead: Panel, regions: Sequence[str], purpose: Purpose
    ) -> list[bool | None]:
        self.asked += 1
        return [False for _ in regions]

    def figures(self, probability: Any, outcome: Any) -> dict[str, Any]:
        return {}

    def interval(self, count: int) -> tuple[float, float]:
        return (0.0, 0.0)

    def messages(
        self,
        final: Panel,
        purpose: Purpose,
        probability: Mapping[date, Mapping[str, float | None]],
        told: Mapping[str, Sequence[tuple[str, date]]],
    ) -> dict[str, Any]:
        return {"panel": final.regions, "scored": probability, "told": told}


@pytest.fixture
def played(service: Service) -> Service:
    desk = told_to(service, recipient(), cool_down=2)
    for week in range(8):
        play(desk, week, {region: values[week] for region, values in SERIES.items()})
    return desk


def tried(
    service: Service, *rules: Rule, span: tuple[date, date] = ALL, at: Any = LATER
) -> TrialReport:
    return try_rules(service, rules or service.rulebook.rules, span, at)


def test_the_rules_in_force_replay_what_they_did(played: Service) -> None:
    report = tried(played)
    with played.store.read() as connection:
        lived = alerts.find(connection, alerts.AlertFilter(), LATER)
    replayed = [each.alert for each in report.in_force.episodes]
    assert len(replayed) == 3
    kept = {(a.id, a.state, a.opened_on, a.closed_on, a.band, a.highest) for a in lived}
    assert {(a.id, a.state, a.opened_on, a.closed_on, a.band, a.highest) for a in replayed} == kept
    assert report.origins == 8
    assert report.difference == tried(played).difference
    assert (report.difference.only_one, report.difference.earlier) == ((), ())


def test_other_rules_differ_from_them_and_nothing_is_stored(played: Service) -> None:
    with played.store.read() as connection:
        before = alerts.newest_change(connection, LATER)
    report = tried(played, rule(raise_at=0.3, cool_down=2))
    assert [e.alert.region for e in report.difference.only_other] == ["TG-K"]
    assert [(a.opened_on, b.opened_on) for a, b in report.difference.later] == [
        (origin(1), origin(0))
    ]
    assert report.tried.by_region[REGION].alerts == 2
    assert report.tried.by_rule["force-admin1"].raises == 1
    with played.store.read() as connection:
        assert alerts.newest_change(connection, LATER) == before


def test_a_rule_on_rises_sees_the_weeks_before(service: Service) -> None:
    rise = Rise(floor=0.1, factor=1.9, weeks=2, again_after=26, again_factor=9.0)
    desk = told_to(service, recipient(), raise_at=NEVER, rise=rise, close_below=0.01)
    for week, probability in enumerate([0.15, 0.15, 0.2, 0.4]):
        made = [replace(score(probability, week, region=REGION), id="")]
        with service.store.write() as connection:
            scores.record(connection, "invented", origin(week), str(week), made, moment(week))
    (opened,) = tried(desk).in_force.episodes
    assert opened.opened_on == origin(3)  # in week 2 it is no rise, though above the floor


def test_rules_that_open_too_many_alerts_stop_the_trial(played: Service) -> None:
    rules, span = played.rulebook.rules, ALL
    found = try_rules(played, rules, span, LATER, most_alerts=3)
    assert found.tried.whole.alerts == 3
    with pytest.raises(UsageError, match="more than 2 alerts from 2020-01-06 to 2020-02-17: raise"):
        try_rules(played, rules, span, LATER, most_alerts=2)


def test_of_each_origin_the_newest_run_counts(played: Service) -> None:
    again = replace(played, rulebook=replace(played.rulebook, rules=()))
    play(again, 1, dict.fromkeys(SERIES, 0.01), hours=0)
    with played.store.read() as connection:
        latest = scores.latest_runs(connection, Cut(), origin=origin(1))
        assert len(latest) == 1
    regions = {e.alert.region: e.opened_on for e in tried(played).tried.episodes}
    assert regions["TG-K"] == origin(2)


def test_a_span_without_scores_says_where_there_are_some(played: Service) -> None:
    with pytest.raises(
        UsageError, match=r"there are no scores from 2019.*from 2020-01-06 to 2020-02"
    ):
        tried(played, span=(date(2019, 1, 1), date(2019, 12, 31)))
    assert tried(played, span=(origin(2), origin(4))).origins == 3


def test_a_budget_without_a_model_is_named_with_its_line(played: Service) -> None:
    budget = rule(budget=12.0, stands_at="rules.yaml, line 1")
    with pytest.raises(SettingsError, match=r"rules\.yaml, line 1.*holds no rolling test"):
        tried(replace(played, fitter=InventedFitter()), budget)


def test_alerts_are_judged_by_the_outcomes_that_are_stored(service: Service) -> None:
    desk = told_to(service, recipient())
    for week, probability in enumerate([0.3, 0.3, 0.05, 0.05]):
        play(desk, week, {REGION: probability})
    with service.store.write() as connection:
        run = scores.latest_runs(connection, Cut(), origin=origin(1)).values()
        (made,) = scores.in_runs(connection, list(run), scores.ScoreFilter())
        purpose = Purpose("invented 0", Target.FORCE, Level.ADMIN1, 4)
        outcomes.record(connection, {int(made.id): True}, LATER, LATER)
        assert outcomes.of_regions(connection, purpose, {REGION}) == {(REGION, origin(1)): True}
    renamed = tried(desk)
    assert renamed.tried.whole.not_judged == 1  # its scores name another source
    with service.store.write() as connection:
        connection.exec_driver_sql("UPDATE score_run SET source = 'invented'")
    report = tried(desk)
    assert (report.tried.whole.true, report.tried.whole.false) == (1, 0)
    assert report.tried.whole.lead_days == ((7, 35), (7, 35), (7, 35))
    assert report.tried.whole.false_a_year == 0.0


def test_messages_are_judged_with_all_that_was_scored(service: Service) -> None:
    desk = replace(told_to(service, recipient()), judge=ScoredChange())
    series = {REGION: [0.3, 0.3, 0.5], "TG-K": [0.1, 0.1, 0.25], "TGO": [0.9, 0.9, 0.9]}
    for week in range(3):
        made = [
            replace(score(values[week], week, region=region), id="")
            for region, values in series.items()
        ]
        with service.store.write() as connection:
            scores.record(connection, "invented", origin(week), str(week), made, moment(week))
    stricter = replace(desk.rulebook.rules[0], raise_at=0.4)
    (table,) = tried(desk, stricter).messages
    assert table.purpose == Purpose("invented", Target.FORCE, Level.ADMIN1, 4)
    assert table.rows["panel"] == tuple(each.id for each in desk.places.regions(countries=["TGO"]))
    assert {"TGO", "TG-K", "TG-S"} < set(table.rows["panel"])
    assert table.rows["scored"][origin(1)] == {REGION: 0.3, "TG-K": 0.1}
    assert table.rows["told"] == {
        "the rules tried": [(REGION, origin(2))],
        "the rules in force": [(REGION, origin(0)), ("TG-K", origin(2)), (REGION, origin(2))],
    }
    assert tried(replace(desk, judge=None), stricter).messages == ()


def test_what_nobody_judged_yet_is_counted_as_the_judge_does(
    service: Service, source: InventedSource
) -> None:
    judge = ScoredChange()
    desk = replace(told_to(service, recipient()), judge=judge, sources={"invented": source})
    source.payloads.append(Payload("invented", "one", b"one", moment(-1)))
    covered = (Coverage("invented", "TGO", origin(-60), origin(40)),)
    source.batches["one"] = ParsedBatch(frame(row("e1", occurred_on=origin(-2))), coverage=covered)
    ingest(desk, source, moment(-1))
    for week, probability in enumerate([0.3, 0.3, 0.05, 0.05]):
        play(desk, week, {REGION: probability})
    report = tried(desk)
    assert judge.asked == 3  # once for each week in which it was open
    assert (report.tried.whole.true, report.tried.whole.false) == (0, 1)
    assert report.tried.whole.false_a_year == pytest.approx(365.25 / 28, abs=0.01)
    early = tried(desk, at=moment(8))
    assert (early.tried.whole.not_judged, judge.asked) == (1, 3)  # nothing has matured
