"""The value of a rule's messages: which emergencies people were notified of, and how early.

A message that is sent at an origin gives notice of an emergency before it if that begins less than
8 weeks later. It gives prompt notice if it is sent at the next origin after the emergency began. It
was for nothing if there is no lethal force within the next 8 weeks or in the week before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.rule import Rise
from ewarn.domain.time import WEEKS_PER_YEAR
from ewarn.frames.predictions import FloatArray
from models.judging.backtest.candidates import PLAIN, SERVED
from models.judging.backtest.scored import Scored
from models.judging.measures.bootstrap import LEAST_COUNTRIES, Draws, estimate
from models.judging.measures.emergencies import AHEAD_WEEKS, Emergencies
from models.judging.measures.messages import messages_by_rule
from models.judging.reporting.alerting_table import country_of, grid_of

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BUSIEST = 10  # number of countries whose subdivisions are evaluated
KINDS = ("onset", "surge")
TOLD = ("told_before", "told_by_next_run")
# For each kind: 0 all emergencies in scored weeks, 1 those with a message before they began, and 2
# those with a message before or at the next run.
_COLUMNS = ("messages", "for_nothing", "years", *(f"{kind}{n}" for kind in KINDS for n in range(3)))


@dataclass(frozen=True)
class EvaluatedWeeks:
    """The weeks that a rule was evaluated in.

    Attributes:
        asked: bool (origins, regions).
        first: Index of the first origin among the weeks of `Emergencies`.
        country: Position of each region's country (regions,).
        countries: Number of countries.
    """

    asked: Mask
    first: int
    country: Index
    countries: int


def messages_of(
    scored: Scored, truth: Emergencies, first: tuple[int, int], rise: Rise | None, draws: Draws
) -> dict[str, Any]:
    """Return the table of messages of a back-test.

    It compares the rule in force on the served scores and on plain logistic regression, a plain
    threshold on both, and the rules that give no probability. For subdivisions it is limited to the
    ten countries with the most lethal events, since elsewhere hardly any subdivision has one.

    Args:
        first: Week number of the first origin, and its index in the weeks of `truth`.
        rise: The condition of the rule in force, or None.
    """
    number, week = first
    weeks = int(scored.week.max()) - number + 1
    everywhere = grid_of(scored, np.ones(len(scored.week)), number, weeks)
    at = EvaluatedWeeks(~np.isnan(everywhere), week, country_of(scored), len(scored.countries))
    if len(scored.regions) > len(scored.countries):
        at = replace(at, asked=at.asked & _in_busiest(truth, at))
    quiet = grid_of(scored, scored.quiet.astype(np.float64), number, weeks) == 1
    columns = {
        name: grid_of(scored, scored.columns[name], number, weeks)
        for name in (SERVED, PLAIN)
        if name in scored.columns
    }
    alarms = {name: alarm[:weeks] for name, alarm in scored.alarms.items()}
    return message_table(messages_by_rule(columns, quiet, alarms, rise), truth, at, draws)


def _in_busiest(truth: Emergencies, at: EvaluatedWeeks) -> Mask:
    """Return which regions are in the countries with the most lethal events, bool (regions,)."""
    events = np.bincount(at.country, weights=truth.lethal.sum(axis=0), minlength=at.countries)
    busiest = np.argsort(-events, kind="stable")[:BUSIEST]
    return np.asarray(np.isin(at.country, busiest))


HEADS = (
    "messages a country and year",
    "for nothing",
    "onsets notified before",
    "by the next run",
    "surges notified before",
    "by the next run",
    "median lead, weeks",
)


def table_rows(table: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a table of messages as texts: a rule's name, then figures under `HEADS`.

    Each figure has its 90% interval over countries if there are enough of them.
    """
    for name, row in table.items():
        lead = row["median_lead_weeks"]
        yield (
            name,
            _rate(row["messages_per_country_year"]),
            _rate(row["for_nothing_per_country_year"]),
            *(_share(row[kind][when]) for kind in KINDS for when in TOLD),
            "–" if lead is None else f"{lead:g}",
        )


def table_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table of messages as lines of plain text, two for each rule."""
    yield "Messages a country and year; the share of onsets and surges of force that were told"
    yield "before, and by the next run after they began (90% intervals by country):"
    for name, rate, nothing, *shares, lead in table_rows(table):
        ahead = "" if lead == "–" else f"; median lead {lead} weeks"
        yield f"  {name}: {rate} messages, {nothing} for nothing"
        onsets, surges = " and ".join(shares[:2]), " and ".join(shares[2:])
        yield f"      onsets {onsets}; surges {surges}{ahead}"


def _rate(found: Mapping[str, float | None]) -> str:
    return _with_interval(found, "{:.2f}")


def _share(found: Mapping[str, float | None]) -> str:
    return _with_interval({name: value and 100 * value for name, value in found.items()}, "{:.0f}%")


def _with_interval(found: Mapping[str, float | None], form: str) -> str:
    value, low, high = found["value"], found["low"], found["high"]
    if value is None:
        return "–"
    said = form.format(value)
    if low is None or high is None:
        return said
    return f"{said} ({form.format(low).removesuffix('%')}–{form.format(high).removesuffix('%')})"


def message_table(
    told: Mapping[str, Mask], truth: Emergencies, at: EvaluatedWeeks, draws: Draws
) -> dict[str, Any]:
    """Return the figures of each rule's messages, with intervals over countries."""
    return {name: _figures(messages, truth, at, draws) for name, messages in told.items()}


def _figures(
    messages: Mask, truth: Emergencies, at: EvaluatedWeeks, draws: Draws
) -> dict[str, Any]:
    sums, leads = _tallied(messages & at.asked, truth, at)
    enough = np.count_nonzero(sums["years"]) >= LEAST_COUNTRIES
    weights = draws.with_all if enough else draws.all_once
    total = {name: weights @ column for name, column in sums.items()}
    with np.errstate(invalid="ignore", divide="ignore"):
        found: dict[str, Any] = {
            "messages": int(sums["messages"].sum()),
            "messages_per_country_year": estimate(total["messages"] / total["years"]),
            "for_nothing_per_country_year": estimate(total["for_nothing"] / total["years"]),
        }
        for kind in KINDS:
            every, before, by_next = (total[f"{kind}{n}"] for n in range(3))
            found[kind] = {
                "number": int(sums[f"{kind}0"].sum()),
                "told_before": estimate(before / every),
                "told_by_next_run": estimate(by_next / every),
            }
    found["median_lead_weeks"] = float(np.median(leads)) if leads else None
    return found


def _tallied(
    messages: Mask, truth: Emergencies, at: EvaluatedWeeks
) -> tuple[dict[str, FloatArray], list[int]]:
    """Return sums by country, and the weeks between each emergency and the first message on it."""
    sums = {name: np.zeros(at.countries) for name in _COLUMNS}
    leads: list[int] = []
    for country in np.unique(at.country):
        asked = at.asked[:, at.country == country].any(axis=1)
        sums["years"][country] = np.count_nonzero(asked) / WEEKS_PER_YEAR
    for region in np.flatnonzero(at.asked.any(axis=0)):
        country = at.country[region]
        weeks = np.flatnonzero(at.asked[:, region]) + at.first
        sent = np.flatnonzero(messages[:, region]) + at.first
        lethal = truth.lethal[:, region]
        sums["messages"][country] += len(sent)
        sums["for_nothing"][country] += sum(
            not lethal[max(week - 1, 0) : week + AHEAD_WEEKS].any() for week in sent
        )
        for kind, mask in zip(KINDS, (truth.onset, truth.surge), strict=True):
            begun = np.flatnonzero(mask[:, region])
            for week in begun[np.isin(begun, weeks) & (begun >= weeks[0] + AHEAD_WEEKS)]:
                ahead = week - sent[(sent > week - AHEAD_WEEKS) & (sent <= week)]
                sums[f"{kind}0"][country] += 1
                sums[f"{kind}1"][country] += len(ahead) > 0
                sums[f"{kind}2"][country] += len(ahead) > 0 or (week + 1) in sent
                leads += [int(ahead.max())] if len(ahead) else []
    return sums, leads
