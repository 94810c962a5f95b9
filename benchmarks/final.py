"""The test of the bars: `make bench-final EVENTS=file.csv.gz CALENDAR=elections.csv`.

It uses the development years unless `--test-years` is given. Every run on the test years is logged,
because a test that is used often is no longer a test. It prints PASS or short for each bar, with
the figures.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import log_of, record
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run import settings
from ewarn.run.commands.backtest import BacktestOptions, guard, judge, plan_of, rise_in_force
from ewarn.run.commands.backtest_data import Files, read_data
from ewarn.run.commands.backtest_log import begin_run
from ewarn.run.console import Voice
from models.fitting.fitting import TEST_YEARS
from models.judging.backtest.candidates import PLAIN, SERVED
from models.judging.backtest.parts import Parts
from models.judging.backtest.rolling import steps_of
from models.judging.measures.bootstrap import Draws
from models.judging.measures.emergencies import Emergencies, lethal_weeks
from models.judging.measures.messages import RULE
from models.research.between import daily_scores, days_of, judged, warned

DEVELOPMENT_YEARS = (date(1998, 1, 1), date(2004, 12, 31))
TABLES = ("country", "country-left-out", "admin1", "between")
GROUPS = 5
LEARN_EVERY = 4  # weeks: outcomes of four weeks overlap, so fitting on every week adds little
KNOWN = "as known"
ALL, ONSET = "all", "onset"
SLOPE, RATIO = (0.9, 1.1), (0.95, 1.05)
HDX = "hdx-high, floor 1"
HDX_OF_ALL = "hdx-high of all events"


@dataclass(frozen=True)
class Bar:
    """A bar: whether it is met, and the figures that decide it."""

    name: str
    met: bool
    said: str

    def line(self) -> str:
        """Return the line that is printed for the bar."""
        return f"{'PASS ' if self.met else 'short'} {self.name}: {self.said}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen back-tests and print the bars, and exit with 1 if one is short."""
    options = _options(arguments)
    years = TEST_YEARS if options.test_years else DEVELOPMENT_YEARS
    start, end = options.start or years[0], options.end or years[1]

    def asked(name: str, level: Level, groups: int = 0) -> BacktestOptions:
        print(f"{name} ...", file=sys.stderr)
        return BacktestOptions(
            events=[options.events],
            calendar=options.calendar,
            target=Target.FORCE,
            level=level,
            horizon_weeks=4,
            start=start,
            end=end,
            out=options.out / name,
            learn_every=LEARN_EVERY,
            groups=groups,
            final=log_of(datetime.now(UTC).date()) if options.test_years else None,
        )

    def run(name: str, level: Level, groups: int = 0) -> dict[str, Any]:
        return judge(asked(name, level, groups), voice=Voice(json=False))

    bars: list[Bar] = []
    if "country" in options.only:
        bars += bars_of_country(run("country", Level.COUNTRY))
    if "country-left-out" in options.only:
        bars += bars_of_unseen(run("country-left-out", Level.COUNTRY, GROUPS))
    if "admin1" in options.only:
        bars += bars_of_admin1(run("admin1", Level.ADMIN1))
    if "between" in options.only:
        bars += bars_between(between(asked("between", Level.COUNTRY), Voice(json=False)))
    text = [f"Bars, origins {start} to {end}", "", *(bar.line() for bar in bars), ""]
    print("\n".join(text))
    if options.test_years:
        record("\n".join(["### " + text[0], *text[1:]]), datetime.now(UTC).date())
    sys.exit(0 if all(bar.met for bar in bars) else 1)


def bars_of_country(made: dict[str, Any]) -> list[Bar]:
    """Return bars of countries: plain logistic regression, calibration, and HDX Signals' rule."""
    ours = made["tables"][KNOWN][SERVED][ALL]
    onset = made["tables"][KNOWN][SERVED].get(ONSET)
    against = made["comparisons"][KNOWN][SERVED][PLAIN][ALL]
    alerts = made["alerts"][KNOWN]
    at, rule = alerts["models"][SERVED]["at_bearable"], alerts["rules"][HDX]
    recall = 0.0 if at is None else at["recall"]["value"] or 0.0
    ratio, gain = against["average_precision_ratio"], against["brier_skill_difference"]
    bars = [
        _above("countries: AUC over plain logistic, interval above 0", against["auc_difference"]),
        Bar("countries: AP at least 1.05 x plain", (ratio["value"] or 0) >= 1.05, _said(ratio)),
        Bar("countries: Brier skill no lower than plain", (gain["value"] or -1) >= 0, _said(gain)),
        _overlaps(
            "countries: calibration slope overlaps 0.9-1.1", ours["calibration_slope"], SLOPE
        ),
        _overlaps("countries: mean over base overlaps 0.95-1.05", ours["mean_over_base"], RATIO),
        Bar("aim: AP 1.15 x plain", (ratio["value"] or 0) >= 1.15, _said(ratio)),
        Bar("aim: Brier skill +0.010", (gain["value"] or -1) >= 0.010, _said(gain)),
        Bar(
            f"onsets: recall at {alerts['bearable']} false alarms a country-year above HDX's",
            recall > (rule["recall"]["value"] or 0.0),
            f"{_said(at and at['recall'])}, lead {_said(at and at['median_lead_days'])} days, "
            f"false {_said(at and at['false_alarms_per_country_year'])}; {HDX}: "
            f"{_said(rule['recall'])}, lead {_said(rule['median_lead_days'])}, "
            f"false {_said(rule['false_alarms_per_country_year'])}",
        ),
    ]
    bars.append(_against_rule(alerts["rules"][HDX_OF_ALL]))
    bars += bars_of_messages(made)
    if onset is not None:
        auc = onset["auc"]
        bars.append(Bar("aim: onset AUC 0.83", (auc["value"] or 0) >= 0.83, _said(auc)))
    return bars


def bars_of_messages(made: dict[str, Any]) -> list[Bar]:
    """Return bars of the value of the default rule's messages to their recipients."""
    row = made["messages"]["tables"][KNOWN][f"{SERVED}, {RULE}"]
    rate = row["messages_per_country_year"]
    bars = [
        Bar("messages: at most 0.5 a country and year", (rate["value"] or 9) <= 0.5, _said(rate))
    ]
    for kind, when, least in (
        ("onset", "told_by_next_run", 0.85),
        ("onset", "told_before", 0.18),
        ("surge", "told_by_next_run", 0.95),
        ("surge", "told_before", 0.70),
    ):
        share = row[kind][when]
        name = f"messages: {kind}s {when.replace('_', ' ')}, at least {least:.0%}"
        said = f"{_said(share)} of {row[kind]['number']}"
        bars.append(Bar(name, (share["value"] or 0) >= least, said))
    before = row["onset"]["told_before"]
    return [
        *bars,
        Bar("aim: onsets told before, 30%", (before["value"] or 0) >= 0.3, _said(before)),
    ]


def between(asked: BacktestOptions, voice: Voice) -> dict[str, Any]:
    """Return figures of the default rule's messages with scores between Mondays."""
    places = load_gazetteer()
    data = read_data(
        Files(asked.events, asked.calendar, None, False), asked.level, asked.start, places, voice
    )
    guard(asked, data.source)
    plan = plan_of(asked, data, places)
    rise = rise_in_force(settings.load(), asked)
    assert rise is not None  # the default rules have one
    if asked.final is not None:
        begin_run(asked.final, plan)
    final = data.history.final()
    regions = {name: column for column, name in enumerate(final.at(asked.level))}
    ends = plan.origins[0].date(), plan.origins[-1].date()
    lethal, first = lethal_weeks(final, data.source, asked.level, *ends)
    with voice.progress("between Mondays", steps_of(plan)) as steps:
        daily = daily_scores(data.history, plan, Parts(asked.out / "parts", "none"), steps.done)
    return judged(
        warned(daily, rise),
        ~np.isnan(daily.probability[:, 0]),
        Emergencies.of(lethal),
        days_of(data.history, regions, lethal.shape),
        first,
        np.arange(len(regions)),
        Draws.of(len(regions), seed=plan.seed),
    )


def bars_between(made: dict[str, Any]) -> list[Bar]:
    """Return bars of notification in time with scores between Mondays."""
    rate, known = made["messages_per_country_year"], "told_by_the_day_after_known"
    onset = made["onset"][known]
    figures = [
        Bar("between Mondays: at most 0.5 messages", (rate["value"] or 9) <= 0.5, _said(rate)),
        Bar(
            "between Mondays: onsets told by the day after they were known, at least 85%",
            (onset["value"] or 0) >= 0.85,
            f"{_said(onset)} of {made['onset']['number']}",
        ),
    ]
    for kind, when, least in (
        ("onset", "told_before", 0.18),
        ("onset", "told_by_next_monday", 0.85),
        ("surge", "told_before", 0.70),
        ("surge", "told_by_next_monday", 0.95),
    ):
        share = made[kind][when]
        name = f"between Mondays: {kind}s {when.replace('_', ' ')}, at least {least:.0%}"
        figures.append(Bar(name, (share["value"] or 0) >= least, _said(share)))
    return figures


def _against_rule(rule: dict[str, Any]) -> Bar:
    """Return further bars of onsets, since a rule on lethal events alone cannot foresee any."""
    ours = rule["recall_of_models_at_no_more_false_alarms"][SERVED]
    return Bar(
        f"onsets: recall at no more false alarms than {HDX_OF_ALL}",
        (ours or 0.0) > (rule["recall"]["value"] or 0.0),
        f"{ours or 0.0:.3f} against {_said(rule['recall'])}, lead "
        f"{_said(rule['median_lead_days'])}, false {_said(rule['false_alarms_per_country_year'])}",
    )


def bars_of_unseen(made: dict[str, Any]) -> list[Bar]:
    """Return bars of countries left out of the fit: not lower than the plain model."""
    table = made["tables"][KNOWN]
    ours, plain = table[SERVED][ALL], table[PLAIN][ALL]
    return [
        Bar(
            f"unseen countries: {name} no lower than plain",
            (ours[key]["value"] or -1) >= (plain[key]["value"] or -1),
            f"{_said(ours[key])} against {_said(plain[key])}",
        )
        for key, name in (
            ("average_precision", "AP"),
            ("auc", "AUC"),
            ("brier_skill", "Brier skill"),
        )
    ]


def bars_of_admin1(made: dict[str, Any]) -> list[Bar]:
    """Return bars of subdivisions, by the size of their country."""
    table, against = made["tables"][KNOWN], made["comparisons"][KNOWN][SERVED][PLAIN][ALL]
    bars = [
        _above(
            "subdivisions: AUC over plain logistic, interval above 0", against["auc_difference"]
        ),
        Bar(
            "subdivisions: AP at least 1.05 x plain",
            (against["average_precision_ratio"]["value"] or 0) >= 1.05,
            _said(against["average_precision_ratio"]),
        ),
        Bar(
            "subdivisions: Brier skill no lower than plain",
            (against["brier_skill_difference"]["value"] or -1) >= 0,
            _said(against["brier_skill_difference"]),
        ),
    ]
    for stratum, figures in table[SERVED].items():
        if "subdivisions" in stratum:
            plain = table[PLAIN][stratum]["average_precision"]
            ours = figures["average_precision"]
            met = (ours["value"] or 0) >= (plain["value"] or 0)
            said = f"{_said(ours)} against {_said(plain)}"
            bars.append(Bar(f"subdivisions: AP no lower than plain, {stratum}", met, said))
    return bars


def _above(name: str, found: dict[str, float | None]) -> Bar:
    low = found["low"]
    return Bar(name, low is not None and low > 0, _said(found))


def _overlaps(name: str, found: dict[str, float | None], wanted: tuple[float, float]) -> Bar:
    low, high = found["low"], found["high"]
    met = low is not None and high is not None and low <= wanted[1] and high >= wanted[0]
    return Bar(name, met, _said(found))


def _said(found: dict[str, float | None] | None) -> str:
    if found is None or found["value"] is None:
        return "none"
    low, high = found["low"], found["high"]
    spread = "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"
    return f"{found['value']:.3f}{spread}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=Path, required=True)
    parser.add_argument("--calendar", type=Path)
    parser.add_argument("--out", type=Path, default=Path("var/bench-final"))
    parser.add_argument("--start", type=date.fromisoformat)
    parser.add_argument("--end", type=date.fromisoformat)
    parser.add_argument("--test-years", action="store_true", help="look at the test, and log it")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES, help="these tables")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
