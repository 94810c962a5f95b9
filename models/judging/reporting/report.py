"""`report.html`: the tables of a back-test for readers, in one file without script or network."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ewarn.domain.target import Target
from models.inputs.targets import FORCE_LETHAL, kinds_read
from models.judging.backtest.candidates import BASELINES, PLAIN, SERVED
from models.judging.measures.bootstrap import LEAST_COUNTRIES
from models.judging.reporting.charts import (
    Axis,
    Chart,
    ChartSeries,
    bounds,
    log_ticks,
    round_ticks,
)

TEMPLATE = Path(__file__).with_name("report.html.j2")
KNOWN, FINAL = "as known", "as final"
FIGURES = (
    ("auc", "AUC", 3),
    ("average_precision", "average precision", 3),
    ("brier_skill", "Brier skill", 4),
    ("log_score", "log score", 4),
    ("calibration_slope", "calibration slope", 2),
    ("mean_over_base", "mean / base rate", 2),
)
DIFFERENCES = (
    ("auc_difference", "AUC", 3),
    ("average_precision_ratio", "average precision, ratio", 2),
    ("brier_skill_difference", "Brier skill", 4),
    ("log_gain", "log score", 4),
)
WORDS = {
    "force": "{force} against demonstrators",
    "onset": "{force} where there was none for half a year",
    "escalation": "an escalation of repression",
    "arrests": "a wave of arrests",
    "election": "incidents around an election",
}
PLACES = {"country": "countries", "admin1": "first-level subdivisions"}
DRAWN = ((SERVED, "ours"), (PLAIN, "plain"), ("conflictology-12", "naive"))


def report(made: dict[str, Any]) -> str:
    """Return the content of metrics.json as an HTML report."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    environment.filters["figure"] = figure
    environment.filters["spread"] = spread
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    question = made["question"]
    force = force_of(question["label_source"])
    leading = SERVED if SERVED in made["tables"][KNOWN] else made["worst"]["model"]
    return template.render(
        made=made,
        leading=leading,
        baselines=BASELINES,
        known=KNOWN,
        final=FINAL,
        figures=FIGURES,
        differences=DIFFERENCES,
        force=force,
        words=WORDS[question["target"]].format(force=force),
        least_countries=LEAST_COUNTRIES,
        places=PLACES[question["level"]],
        drawn=DRAWN,
        reliability=[
            (name, reliability(made["reliability"][KNOWN][name], name, style))
            for name, style in DRAWN
            if name in made["reliability"][KNOWN]
        ],
        alarms=alarms(made["alerts"][KNOWN]) if made["alerts"] else None,
        by_year=[
            (title, by_year(made["years"][KNOWN], figure_, title))
            for figure_, title in (("brier_skill", "Brier skill"), ("auc", "AUC"))
        ],
    )


def force_of(source: str) -> str:
    """Return what onsets are of: lethal force, or any force if a source does not report deaths."""
    return "lethal force" if FORCE_LETHAL in kinds_read(source, Target.FORCE) else "force"


def figure(found: Mapping[str, float | None] | float | None, digits: int) -> str:
    """Return a figure with so many digits, or a dash if it does not exist."""
    value = found["value"] if isinstance(found, Mapping) else found
    if value is None:
        return "–"
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def spread(found: Mapping[str, float | None], digits: int) -> str:
    """Return the interval of a figure, empty if there is none."""
    low, high = found["low"], found["high"]
    if low is None or high is None:
        return ""
    return f"{figure(low, digits)} … {figure(high, digits)}"


def reliability(bins: list[dict[str, float]], name: str, style: str) -> Markup:
    """Draw the share of outcomes against the predicted probability, on logarithmic axes."""
    values = [bin_[key] for bin_ in bins for key in ("probability", "outcomes")]
    least = 1e-3 if min([value for value in values if value], default=0) >= 1e-3 else 1e-4
    high = min(1.0, max([0.02, *values]) * 1.5)
    axis = {"low": least, "high": high, "ticks": log_ticks(least, high), "log": True}
    chart = Chart(
        f"Reliability of {name}",
        Axis("probability said", **axis),  # type: ignore[arg-type]
        Axis("share that happened", **axis),  # type: ignore[arg-type]
    )
    chart.line(ChartSeries("honest", [(least, least), (high, high)], "guide"))
    points = [(bin_["probability"], bin_["outcomes"]) for bin_ in bins]
    chart.line(ChartSeries(name, points, style, marks=True))
    return chart.svg()


def alarms(table: dict[str, Any]) -> Markup:
    """Draw the recall of onsets against false alarms a country-year."""
    points = {name: _best_so_far(model["curve"]) for name, model in table["models"].items()}
    tops = [point[1] for name, _ in DRAWN for point in points.get(name, ()) if point[0] <= 1]
    high = max([0.2, *tops]) * 1.08
    chart = Chart(
        "Recall of onsets against false alarms",
        Axis("false alarms per country and year", 0, 1, round_ticks(0, 1)),
        Axis("recall of onsets", 0, min(high, 1), round_ticks(0, min(high, 1))),
    )
    chart.rule(table["bearable"], f"{table['bearable']:g} a year")
    for name, style in reversed(DRAWN):
        inside = [point for point in points.get(name, ()) if point[0] <= 1]
        chart.line(ChartSeries(name, inside, style))
    for name, rule in table["rules"].items():
        rate, recall = rule["false_alarms_per_country_year"]["value"], rule["recall"]["value"]
        if rate is not None and rate <= 1 and recall:
            chart.mark((rate, recall), name)
    return chart.svg()


def _best_so_far(curve: list[dict[str, float]]) -> list[tuple[float, float]]:
    """Return steps of rate and best recall at up to this rate, from points in order of the rate."""
    steps: list[tuple[float, float]] = []
    best = 0.0
    for point in curve:
        rate = point["false_alarms_per_country_year"]
        if point["recall"] > best or not steps:
            steps += [(rate, best), (rate, point["recall"])]
            best = point["recall"]
    return [*steps, (curve[-1]["false_alarms_per_country_year"], best)] if curve else []


def by_year(years: dict[str, Any], name: str, title: str) -> Markup:
    """Draw one figure of the models by year."""
    numbers = sorted(int(year) for year in years)
    values = [
        years[str(year)].get(model, {}).get(name) for year in numbers for model, _ in DRAWN[:2]
    ]
    zero = 0.5 if name == "auc" else 0.0
    low, high = bounds(values, least=zero, most=zero + 0.02)
    pad = 0.06 * (high - low)
    first, last = numbers[0] - 0.5, numbers[-1] + 0.5
    step = max(1, len(numbers) // 8)
    chart = Chart(
        f"{title} by year",
        Axis("year of the origin", first, last, numbers[::step], text=lambda v: f"{v:.0f}"),
        Axis(title, low - pad, high + pad, round_ticks(low, high)),
    )
    chart.line(ChartSeries("none", [(first, zero), (last, zero)], "guide"))
    for model, style in reversed(DRAWN[:2]):
        points = [
            (float(year), value)
            for year in numbers
            if (value := years[str(year)].get(model, {}).get(name)) is not None
        ]
        chart.line(ChartSeries(model, points, style, marks=True))
    return chart.svg()
