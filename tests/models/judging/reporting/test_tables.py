import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from ewarn.domain.target import Target
from ewarn.panel.history import EventHistory
from models.judging.backtest.compute import backend
from models.judging.backtest.plan import Knowledge, Plan
from models.judging.backtest.scored import Scored
from models.judging.measures.bootstrap import Draws, estimate
from models.judging.measures.episodes import Episodes
from models.judging.reporting.alerting_table import alert_table, grid_of
from models.judging.reporting.charts import Axis, Chart, ChartSeries, log_ticks, round_ticks
from models.judging.reporting.document import Surroundings, _figures, document, episodes_of
from models.judging.reporting.report import figure, reliability, report, spread
from models.judging.reporting.strata import strata_of
from models.judging.reporting.worst import worst
from models.training.rows import EPOCH, week_number
from tests.models.judging.conftest import COUNTRIES, plan_of

TOP = Path(__file__).parents[4]
WEEKS, REGIONS = 60, 4
START = week_number(plan_of().start)


def scored(**columns: np.ndarray) -> Scored:
    """Sixty weeks of four regions in two countries; region 3 has its onset in week 40."""
    week = np.repeat(np.arange(WEEKS), REGIONS)
    region = np.tile(np.arange(REGIONS), WEEKS)
    label = ((region == 3) & (week >= 36) & (week < 40)).astype(float)
    number = len(week)
    return Scored(
        week=week + START,
        region=region,
        country=region // 2,
        label=label,
        quiet=np.ones(number, dtype=bool),
        active=region > 1,
        watched=np.full(number, 103) + region,
        columns={name: grid.reshape(-1) for name, grid in columns.items()},
        alarms={"rule": np.zeros((WEEKS, REGIONS), dtype=bool)},
        regions=("AA", "AB", "BA", "BB"),
        countries=("A", "B"),
    )


def taken(whole: Scored, rows: np.ndarray) -> Scored:
    """Some of the rows; alarms of rules stand for all origins."""
    names = ("week", "region", "country", "label", "quiet", "active", "watched")
    columns = {name: column[rows] for name, column in whole.columns.items()}
    return replace(whole, columns=columns, **{name: getattr(whole, name)[rows] for name in names})


def foreseeing() -> np.ndarray:
    """High in region 3 from week 35 on, and once in region 0."""
    grid = np.full((WEEKS, REGIONS), 0.01)
    grid[35:40, 3] = 0.6
    grid[10, 0] = 0.7
    return grid


def truth() -> Episodes:
    lethal = np.zeros((30 + WEEKS, REGIONS), dtype=bool)
    lethal[30 + 39, 3] = True
    return Episodes.of(lethal, 30)


def test_the_table_of_alerts_names_recall_lead_false_alarms_and_precision() -> None:
    found = alert_table(scored(ours=foreseeing()), truth(), START, Draws.of(2, seed=1))
    assert found["onsets"] == 1
    years = 2 * WEEKS / (365.25 / 7)
    assert found["country_years"] == pytest.approx(years)
    curve = {point["threshold"]: point for point in found["models"]["ours"]["curve"]}
    best = curve[0.6]
    assert best["recall"] == 1
    assert best["false_alarms_per_country_year"] == pytest.approx(1 / years)
    assert found["models"]["ours"]["at_bearable"] is None  # 0.43 a year is more than 0.2
    assert found["rules"]["rule"]["recall"]["value"] == 0
    assert found["rules"]["rule"]["recall_of_models_at_no_more_false_alarms"] == {"ours": None}


def test_at_the_bearable_rate_it_says_how_far_ahead() -> None:
    grid = foreseeing()
    grid[10, 0] = 0.01
    found = alert_table(scored(ours=grid), truth(), START, Draws.of(2, seed=1))
    at = found["models"]["ours"]["at_bearable"]
    assert (at["hits"], at["false_alarms"]) == (1, 0)
    assert at["median_lead_days"]["value"] == 28
    assert at["precision"]["value"] == 1
    assert at["recall"] == {"value": 1.0, "low": None, "high": None}


def test_onsets_years_and_rules_count_only_where_it_was_asked() -> None:
    whole = scored(ours=foreseeing())
    alarms = np.zeros((WEEKS, REGIONS), dtype=bool)
    alarms[[5, 30, 35], [0, 0, 3]] = True
    whole = replace(whole, alarms={"rule": alarms})
    week = whole.week - START

    def told(rows: np.ndarray) -> tuple[int, int, int, float]:
        found = alert_table(taken(whole, rows), truth(), START, Draws.of(2, seed=1))
        rule = found["rules"]["rule"]
        return found["onsets"], rule["hits"], rule["false_alarms"], found["country_years"]

    year = 365.25 / 7
    assert told(week >= 0) == (1, 1, 2, 2 * WEEKS / year)
    assert told(week >= 20) == (1, 1, 1, 2 * 40 / year)  # the alarm of week 5 was not heard
    # Region 3 is asked until its onset; in all weeks but that of its onset; from its onset on.
    assert told((whole.region < 3) | (week < 39)) == (0, 0, 2, 2 * WEEKS / year)
    assert told((whole.region < 3) | (week != 39))[:2] == (0, 0)
    assert told((whole.region < 3) | (week >= 39))[:2] == (0, 0)


def test_an_onset_in_the_first_week_is_neither_told_nor_missed() -> None:
    lethal = np.zeros((30 + WEEKS, REGIONS), dtype=bool)
    lethal[[30, 30 + 39], [2, 3]] = True
    grid = foreseeing()
    grid[10, 0] = 0.01
    found = alert_table(scored(ours=grid), Episodes.of(lethal, 30), START, Draws.of(2, seed=1))
    assert found["onsets"] == 1
    assert found["models"]["ours"]["at_bearable"]["recall"]["value"] == 1


def test_the_median_lead_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    lethal = np.zeros((30 + WEEKS, REGIONS), dtype=bool)
    lethal[[30 + 39, 30 + 45], [3, 2]] = True
    grid = foreseeing()
    grid[10, 0] = 0.01
    grid[40, 2] = 0.6
    found = alert_table(scored(ours=grid), Episodes.of(lethal, 30), START, Draws.of(2, seed=1))
    at = found["models"]["ours"]["at_bearable"]
    assert at["hits"] == 2
    assert at["median_lead_days"]["value"] == (28 + 35) / 2


def test_the_worst_are_named_once_in_half_a_year() -> None:
    found = worst(scored(ours=foreseeing()), "ours", {"AA": "Aa"}, 4)
    first = found["false_alarms"][0]
    assert (first["region"], first["name"], first["probability"]) == ("AA", "Aa", 0.7)
    assert (
        first["origin"] == (EPOCH + timedelta(weeks=week_number(plan_of().start) + 10)).isoformat()
    )
    assert [row["region"] for row in found["misses"]] == ["BB"]
    told = [(row["region"], row["origin"]) for row in found["false_alarms"]]
    assert len(set(told)) == len(told)
    assert len([region for region, _ in told if region == "AA"]) <= 3


def test_strata_part_rows_by_what_was_known() -> None:
    found = strata_of(scored(ours=foreseeing()), {"A": 12, "B": 13})
    number = WEEKS * REGIONS
    assert found["all"].sum() == found["onset"].sum() == number
    assert found["events in the past year"].sum() == number / 2
    assert found["history under two years"].sum() == number / 4
    assert (
        found["up to 12 subdivisions"].sum() == found["13 to 24 subdivisions"].sum() == number / 2
    )


def short(target: Target = Target.FORCE) -> Plan:
    """A plan of the sixty weeks."""
    return plan_of(target, end=plan_of().start + timedelta(weeks=WEEKS - 1))


def made_of(history: EventHistory, plan: Plan) -> dict[str, Any]:
    """The document of scores of the first four countries, alike in both vintages."""
    flat = np.full((WEEKS, REGIONS), 4 / 240)
    base = replace(
        scored(**{"base-rate": flat, "ensemble": foreseeing()}),
        regions=COUNTRIES,
        countries=COUNTRIES,
        alarms={"rule": np.zeros((WEEKS, len(COUNTRIES)), dtype=bool)},
    )
    around = Surroundings({}, dict.fromkeys(COUNTRIES, 9))
    with backend(processes=1):
        made = document(plan, history, dict.fromkeys(Knowledge, base), around)
    made["data"]["files"] = []
    return made


@pytest.mark.parametrize("target", [Target.ARRESTS, Target.ELECTION])
def test_what_is_no_lethal_force_has_no_table_of_its_onsets(
    history: EventHistory, target: Target
) -> None:
    made = made_of(history, short(target))
    assert made["alerts"] is None
    jsonschema.validate(made, json.loads((TOP / "docs" / "metrics.schema.json").read_text()))
    html = report(made)
    assert "onsets of" not in html
    assert "false alarms a country-year" not in html
    assert "Skill by year" in html


def test_the_report_speaks_of_lethal_force_where_the_source_counts_the_dead(
    history: EventHistory,
) -> None:
    made = made_of(history, short())
    assert "How well would lethal force against demonstrators have been" in report(made)
    assert "Alerts: onsets of lethal force predicted" in report(made)
    made["question"]["label_source"] = "gdelt"
    assert "lethal" not in report(made)
    assert "How well would force against demonstrators have been" in report(made)
    made["question"]["target"] = "onset"
    assert "How well would force where there was none for half" in report(made)


@pytest.mark.parametrize(("countries", "interval"), [(9, False), (10, True)])
def test_figures_of_a_few_countries_have_no_interval(countries: int, interval: bool) -> None:
    number = WEEKS * countries
    place = np.tile(np.arange(countries), WEEKS)
    whole = Scored(
        week=np.repeat(np.arange(WEEKS), countries) + START,
        region=place,
        country=place,
        label=(np.arange(number) % 7 == 0).astype(float),
        quiet=np.ones(number, dtype=bool),
        active=np.ones(number, dtype=bool),
        watched=np.full(number, 200),
        columns={"ensemble": np.linspace(0.01, 0.4, number)},
        alarms={},
        regions=tuple(f"C{number}" for number in range(12)),  # two of them are never asked
        countries=tuple(f"C{number}" for number in range(12)),
    )
    lethal = np.ones((WEEKS, 12), dtype=bool)
    draws = Draws.of(12, seed=1, draws=50)
    table = _figures(whole, Surroundings({}, {}), draws)
    alerts = alert_table(whole, Episodes(lethal, lethal, lethal), START, draws)
    for found in (
        estimate(table["ensemble"]["all"]["auc"]),
        alerts["models"]["ensemble"]["at_bearable"]["recall"],
    ):
        assert found["value"] is not None
        assert [found[edge] is not None for edge in ("low", "high")] == [interval] * 2


def test_the_report_says_why_there_are_no_intervals(history: EventHistory) -> None:
    html = report(made_of(history, short()))
    assert "fewer than 10\ncountries have none" in html
    assert "()" not in html
    assert "AUC of ensemble:" in html


def test_the_document_compares_every_model_with_every_baseline(history: EventHistory) -> None:
    plan = short()
    made = made_of(history, plan)
    gain = made["comparisons"]["as known"]["ensemble"]["base-rate"]["all"]["auc_difference"]
    # Of 236 rows without the outcome, one was above all rows with it and one was equal to them.
    auc = made["tables"]["as known"]["ensemble"]["all"]["auc"]["value"]
    assert gain["value"] == pytest.approx(auc - 0.5)
    assert auc == pytest.approx(1 - (1 + 1 / 2) / 236)
    assert made["gap"]["ensemble"]["auc"]["value"] == 0
    assert made["years"]["as known"].keys() == {"2013", "2014"}
    assert sum(bin_["rows"] for bin_ in made["reliability"]["as known"]["ensemble"]) == 240
    assert made["data"]["rows_not_mature"] == 0
    assert episodes_of(history.final(), plan).onset.shape == (WEEKS, len(COUNTRIES))


def test_alerts_keep_their_weeks_where_nothing_was_asked_at_first_or_at_last() -> None:
    ours = foreseeing()
    ours[10, 0] = 0.01
    whole = scored(ours=ours)
    middle = taken(whole, (whole.week >= START + 20) & (whole.week < START + 45))
    at = alert_table(middle, truth(), START, Draws.of(2, seed=1))["models"]["ours"]["at_bearable"]
    assert (at["hits"], at["false_alarms"], at["median_lead_days"]["value"]) == (1, 0, 28)
    grid = grid_of(middle, middle.columns["ours"], START, WEEKS)
    assert np.array_equal(np.flatnonzero(~np.isnan(grid[:, 0])), np.arange(20, 45))


def test_figures_are_written_plainly() -> None:
    found = {"value": -0.00001, "low": -0.5, "high": 1.0}
    assert figure(found, 2) == "0.00"
    assert spread(found, 1) == "−0.5 … 1.0"
    assert figure(None, 2) == "–"
    assert spread({"value": None, "low": None, "high": None}, 2) == ""


def test_a_chart_keeps_its_points_inside_and_its_text_escaped() -> None:
    chart = Chart("a <b>", Axis("x", 0, 1, [0, 1]), Axis("y & z", 0.001, 1, [0.01], log=True))
    chart.line(ChartSeries("l", [(0, 0), (2, 5)], "ours", marks=True))
    chart.line(ChartSeries("none", [], "ours"))
    chart.mark((0.99, 0.5), "<rule>")
    text = str(chart.svg())
    assert "&lt;rule&gt;" in text
    assert "y &amp; z" in text
    assert 'points="56.0,274.0 444.0,14.0"' in text


def test_ticks_are_round() -> None:
    assert round_ticks(0, 0.43) == [0, 0.1, 0.2, 0.3, 0.4]
    assert round_ticks(-0.011, 0.02) == [-0.01, 0.0, 0.01, 0.02]
    assert round_ticks(3, 3) == [3]
    assert log_ticks(1e-4, 0.3) == pytest.approx([1e-4, 1e-3, 1e-2, 1e-1])
    assert "svg" in reliability([], "nothing", "ours")
