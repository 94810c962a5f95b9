"""Tests that scores are compared with their outcomes once matured, and only if made in time."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from ewarn.domain.alert import Alert
from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.target import Basis, Target
from ewarn.errors import ModelError
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.models.false_alarm_review import _was_false
from ewarn.pipeline.models.judge import JudgeReport, judge
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import outcomes, scorecards
from ewarn.store.scores.outcomes import JudgedScore
from ewarn.store.scores.scorecards import ScorecardRow
from ewarn.store.tables.scores import score_outcome
from models.fitting.scorecard import Scorecard
from tests.events import frame, row
from tests.pipeline.invented import Echo, InventedFitter, InventedSource
from tests.scores import moment, origin, rule

PURPOSE = Purpose("invented", Target.FORCE, Level.ADMIN1, 4)
COVERED = (Coverage("invented", "TGO", origin(-60), origin(40)),)
RIPE = 30  # weeks: the horizon, and half a year more
HOUR = timedelta(hours=1)


@pytest.fixture
def judged(service: Service) -> Service:
    """Return a service with a judge, and a fitter whose cards have costs of thresholds."""
    costs = [
        {"threshold": at, "false_per_country_year": rate} for at, rate in ((0.1, 12.0), (0.3, 3.0))
    ]
    return replace(service, judge=Scorecard(), fitter=InventedFitter(costs))


def lethal(name: str, week: int, **others: Any) -> dict[str, Any]:
    return row(name, kind="force", occurred_on=origin(week), fatalities_low=1, **others)


def put(
    source: InventedSource, name: str, *rows: dict[str, Any], week: int = -1, **batch: Any
) -> None:
    source.payloads.append(Payload("invented", name, name.encode(), moment(week)))
    source.batches[name] = ParsedBatch(frame(*rows), **({"coverage": COVERED} | batch))


def live(service: Service, source: InventedSource, *weeks: int) -> None:
    for week in weeks:
        ingest(service, source, moment(week))
        score(service, "invented", moment(week))
        alert(service, moment(week))


def judge_at(service: Service, source: InventedSource, week: int) -> JudgeReport:
    """Judge after a later reading has reported all weeks up to `week` as observed."""
    put(source, f"watched until {week}", week=week)
    ingest(service, source, moment(week))
    return judge(service, moment(week))


def told(service: Service) -> dict[tuple[str, int], JudgedScore]:
    with service.store.read() as connection:
        rows = outcomes.judged(connection, PURPOSE)
    return {(item.region, (item.origin - origin(0)).days // 7): item for item in rows}


def cards(service: Service, cut: Cut | None = None) -> dict[str, ScorecardRow]:
    with service.store.read() as connection:
        rows = scorecards.newest(connection, cut or Cut(), "echo")
    return {item.month: item for item in rows}


def test_a_score_is_judged_once_it_is_ripe_and_never_again(
    judged: Service, source: InventedSource
) -> None:
    put(source, "one", lethal("a", -1))
    put(source, "two", lethal("b", 2), week=3)
    live(judged, source, 0, 1, 2, 3)
    put(source, "watched since", week=7)
    ingest(judged, source, moment(7))
    assert judge(judged, moment(RIPE) - HOUR) == JudgeReport(0, 0)
    assert judge(judged, moment(RIPE)).judged == 5, "the five regions of the first origin"
    assert judge(judged, moment(RIPE)) == JudgeReport(0, 0)
    assert judge(judged, moment(RIPE + 9)).judged == 15
    found = told(judged)
    assert {week for region, week in found if found[region, week].outcome} == {0, 1, 2}
    assert {item.region for item in found.values() if item.outcome} == {"TG-M"}
    assert found["TG-M", 0].as_of == moment(RIPE)
    assert found["TG-M", 0].model == "echo@1"
    assert found["TG-M", 0].probability == pytest.approx(0.1)


def test_an_outcome_is_what_was_known_half_a_year_later(
    judged: Service, source: InventedSource
) -> None:
    in_time, too_late = moment(RIPE), moment(RIPE) + HOUR
    put(
        source,
        "one",
        lethal("a", -1),
        lethal("b", 1, region="TG-K", known_at=in_time),
        lethal("c", 1, region="TG-S", known_at=too_late),
    )
    live(judged, source, 0)
    judge_at(judged, source, RIPE + 5)
    found = told(judged)
    assert found["TG-K", 0].outcome is True
    assert found["TG-S", 0].outcome is False


def test_a_horizon_that_nobody_watched_has_no_outcome(
    judged: Service, source: InventedSource
) -> None:
    seen = Coverage("invented", "TGO", origin(-60), origin(2))  # not the week after
    put(source, "one", lethal("a", 1), coverage=(seen,))
    live(judged, source, 0)
    assert judge(judged, moment(RIPE)).judged == 5
    names = ("TG-C", "TG-K", "TG-M", "TG-P", "TG-S")  # a lethal event in TG-M was reported
    assert {item.region: item.outcome for item in told(judged).values()} == dict.fromkeys(names)
    figures = cards(judged)[""].figures
    assert figures["unobserved"] == 5
    assert "rows" not in figures, "there is nothing to judge"


def test_what_was_scored_after_its_week_proves_nothing(
    judged: Service, source: InventedSource
) -> None:
    put(source, "one", lethal("a", -1))
    live(judged, source, 0)
    put(source, "late", lethal("b", -1, known_at=moment(0)))
    ingest(judged, source, moment(1) - HOUR)
    score(judged, "invented", moment(1) - HOUR, origin=origin(0))
    put(source, "later", lethal("c", -1, known_at=moment(0)), week=1)
    ingest(judged, source, moment(1))
    for week in (-1, 0):
        score(judged, "invented", moment(1), origin=origin(week))
    judge(judged, moment(RIPE))
    found = told(judged)
    assert {week for _, week in found} == {0}, "the origin before was never scored in time"
    assert found["TG-M", 0].probability == pytest.approx(0.2), "as it stood when its week ended"


def test_what_claims_no_frequency_is_not_judged(
    judged: Service, source: InventedSource, model: Echo
) -> None:
    put(source, "one", lethal("a", -1))
    for week, basis in enumerate((Basis.UNCALIBRATED, Basis.ILLUSTRATION)):
        model.basis = basis
        live(judged, source, week)
    assert judge(judged, moment(RIPE + 9)) == JudgeReport(0, 0)


def test_a_scorecard_is_told_by_month_and_over_all_as_of_any_moment(
    judged: Service, source: InventedSource
) -> None:
    put(source, "one", lethal("a", -1), lethal("b", 2, known_at=moment(3)))
    live(judged, source, *range(6))
    judge_at(judged, source, RIPE)
    judge_at(judged, source, RIPE + 9)
    first, last = cards(judged, Cut.at(moment(RIPE + 8))), cards(judged)
    assert set(first) == {"", "2020-01"}
    assert set(last) == {"", "2020-01", "2020-02"}
    assert (first[""].figures["origins"], last[""].figures["origins"]) == (1, 6)
    assert (first[""].as_of, last[""].as_of) == (moment(RIPE), moment(RIPE + 5))
    figures = last[""].figures
    assert (figures["rows"], figures["positives"]) == (30, 3)
    assert figures["base_rate"] == pytest.approx(0.1)
    mean = sum(item.probability for item in told(judged).values()) / 30
    mean = sum(item.probability for item in told(judged).values()) / 30
    assert figures["calibration_in_the_large"] == pytest.approx(mean - 0.1, abs=1e-6)
    assert figures["models"] == {"echo@1": 30}
    assert "rules" not in last["2020-01"].figures


def test_false_alarms_are_held_against_what_was_promised(
    judged: Service, source: InventedSource
) -> None:
    put(source, "one", *(lethal(name, -1) for name in "abc"))  # 0.3 for four weeks
    live(judged, source, *range(6))
    judge_at(judged, source, RIPE + 3)
    kept = cards(judged)[""].figures["rules"]["force-admin1"]
    assert kept["delivered"] == 0, "the last week of the alert is not judged yet"
    judge_at(judged, source, RIPE + 9)
    kept = cards(judged)[""].figures["rules"]["force-admin1"]
    years = 6 * 7 / 365.25  # one country, six origins
    assert (kept["threshold"], kept["delivered"]) == (0.2, 1)
    assert kept["promised"] == pytest.approx(12 * years, abs=0.01)
    assert (kept["low"], kept["high"]) == pytest.approx((0.05, 4.74), abs=0.01)
    assert kept["verdict"] == "too few expected for a test"


def test_an_alert_that_was_followed_is_not_false(judged: Service, source: InventedSource) -> None:
    put(source, "one", *(lethal(name, -1) for name in "abc"))
    put(source, "two", lethal("d", 6), week=7)  # predicted by the score of the third week
    live(judged, source, *range(6))
    live(judged, source, 7)
    judge_at(judged, source, RIPE + 9)
    assert cards(judged)[""].figures["rules"]["force-admin1"]["delivered"] == 0


def test_an_alert_in_whose_time_a_week_went_unwatched_is_judged_by_the_others(
    judged: Service, source: InventedSource
) -> None:
    put(source, "one", *(lethal(name, -1) for name in "abc"))
    live(judged, source, *range(6))
    (opened,) = _alerts(judged)
    assert opened.closed_on == origin(5)
    ripe = origin(20)
    came: dict[tuple[str, date], bool | None] = {
        (opened.region, origin(week)): False for week in range(4)
    }
    assert _was_false(opened, came, ripe) is True, "of the fifth nobody told"
    assert _was_false(opened, came, origin(4)) is None, "the fifth is not ripe yet"
    assert _was_false(opened, came | {(opened.region, origin(4)): True}, ripe) is False
    at_once = replace(opened, closed_on=opened.opened_on)
    assert _was_false(at_once, came, ripe) is None, "nothing was judged"


def _alerts(service: Service) -> list[Alert]:
    with service.store.read() as connection:
        return alerts.find(connection, alerts.AlertFilter(), moment(40))


@pytest.mark.parametrize(
    ("rate", "verdict"), [(1e6, "fewer than promised"), (900.0, "as promised")]
)
def test_with_a_hundred_expected_it_is_a_test(
    judged: Service, source: InventedSource, rate: float, verdict: str
) -> None:
    costs = [{"threshold": 0.1, "false_per_country_year": rate}]

    class Many(Scorecard):
        def interval(self, count: int) -> tuple[float, float]:
            return super().interval(count + 99)

    put(source, "one", *(lethal(name, -1) for name in "abc"))
    live(judged, source, *range(6))
    service = replace(judged, fitter=InventedFitter(costs), judge=Many())
    judge_at(service, source, RIPE + 9)
    kept = cards(judged)[""].figures["rules"]["force-admin1"]
    assert kept["promised"] >= 100
    assert kept["verdict"] == verdict


def test_a_budget_is_the_promise(judged: Service, source: InventedSource) -> None:
    living = [item for item in judged.places.regions(Level.COUNTRY) if item.exists_on(origin(0))]
    stated = replace(rule(), budget=4.0 * len(living))  # four in each country
    service = replace(judged, rulebook=replace(judged.rulebook, rules=(stated,)))
    put(source, "one", *(lethal(name, -1) for name in "abcd"))
    live(service, source, *range(6))
    judge_at(service, source, RIPE + 9)
    kept = cards(service)[""].figures["rules"]["force-admin1"]
    assert kept["threshold"] == 0.3, "the tested one that costs three"
    assert kept["promised"] == pytest.approx(4 * 6 * 7 / 365.25, abs=0.01)
    assert kept["delivered"] == 1


def test_whether_a_region_was_under_a_deployment_is_left_open(
    judged: Service, source: InventedSource
) -> None:
    put(source, "one", lethal("a", -1))
    live(judged, source, 0)
    judge(judged, moment(RIPE))
    with judged.store.read() as connection:
        assert set(connection.execute(select(score_outcome.c.deployed)).scalars()) == {None}
    assert cards(judged)[""].figures["deployed"] is None


def test_a_service_without_a_judge_says_so(service: Service) -> None:
    with pytest.raises(ModelError, match="cannot evaluate scores"):
        judge(service, moment(0))
