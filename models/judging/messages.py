"""What the messages of a rule are worth: emergencies that people were told of, and how early.

An emergency is a week with lethal force that is an onset (none in the 26 weeks before) or a surge:
the four weeks up to it hold two lethal events or more, more than any four weeks of the year before
held, and no emergency began in the 8 weeks before. A message that leaves at an origin tells of an
emergency before if that lies less than 8 weeks ahead, and promptly if it leaves at the next origin
after it. It was for nothing if no lethal force follows within 8 weeks, and none was in the week
before it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.rule import Rise
from ewarn.frames.predictions import FloatArray, mean_of_quiet, relative_risk
from models.judging.alerting_table import country_of, grid_of
from models.judging.bootstrap import LEAST_COUNTRIES, Draws, estimate
from models.judging.candidates import PLAIN, SERVED
from models.judging.episodes import CLEAR_WEEKS, WEEKS_PER_YEAR
from models.judging.scored import Scored

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

AHEAD_WEEKS = 8
MONTH_WEEKS, YEAR_WEEKS = 4, 52
SURGE_OF = 2  # lethal events in four weeks, at least
BUSIEST = 10  # countries whose subdivisions are judged
PLAIN_THRESHOLD = 0.05  # the band high of countries
KINDS = ("onset", "surge")
RULE = "the rule"  # the one in force, as the table calls it
TOLD = ("told_before", "told_by_next_run")
# Of every emergency whose week was asked: those told of before, and by the next run after.
_COLUMNS = ("messages", "for_nothing", "years", *(f"{kind}{n}" for kind in KINDS for n in range(3)))


@dataclass(frozen=True)
class Emergencies:
    """Weeks that begin an emergency, bool (weeks, regions) each, and lethal events (int64)."""

    onset: Mask
    surge: Mask
    lethal: Index

    @classmethod
    def of(cls, lethal: Index) -> "Emergencies":
        """Emergencies of lethal events by week (weeks, regions); the first weeks need a past."""
        onset, surge = np.zeros(lethal.shape, np.bool_), np.zeros(lethal.shape, np.bool_)
        for region in np.flatnonzero(lethal.any(axis=0)):
            onset[:, region], surge[:, region] = _of_one(lethal[:, region])
        return cls(onset, surge, lethal)


def _of_one(lethal: Index) -> tuple[Mask, Mask]:
    total: Index = np.concatenate([[0], np.cumsum(lethal)])
    week = np.arange(len(lethal))
    month: Index = total[week + 1] - total[np.maximum(week - MONTH_WEEKS + 1, 0)]
    onset, surge = np.zeros(len(lethal), np.bool_), np.zeros(len(lethal), np.bool_)
    for at in np.flatnonzero(lethal).tolist():
        if total[at] == total[max(at - CLEAR_WEEKS, 0)]:
            onset[at] = True
            continue
        past = month[max(at - YEAR_WEEKS, 0) : max(at - MONTH_WEEKS + 1, 0)].max(initial=0)
        lately = slice(max(at - AHEAD_WEEKS, 0), at)
        begun = onset[lately].any() or surge[lately].any()
        surge[at] = month[at] >= SURGE_OF and month[at] > past and not begun
    return onset, surge


def risen(probability: FloatArray, quiet: Mask, rise: Rise) -> Mask:
    """The messages of a rise on weekly probabilities (weeks, regions), NaN where none was made.

    `quiet` (weeks, regions) says where no lethal event was known of the half year before.
    """
    told = np.zeros(probability.shape, np.bool_)
    relative = relative_risks(probability, quiet)
    for region in range(probability.shape[1]):
        series, risk = numbers(probability[:, region]), numbers(relative[:, region])
        last: tuple[int, float] | None = None
        for week, value in enumerate(series):
            before = series[max(week - rise.weeks, 0) : week][::-1]
            warned = None if last is None else (week - last[0], last[1])
            if value is not None and rise.is_news(value, before, warned, risk[week]):
                told[week, region], last = True, (week, value)
    return told


def relative_risks(probability: FloatArray, quiet: Mask) -> FloatArray:
    """How many times the mean of its week's quiet regions the probability of each quiet one is
    (weeks, regions); NaN for the others."""
    weeks = zip(probability, quiet, strict=True)
    return np.stack([relative_risk(p, calm, mean_of_quiet(p, calm)) for p, calm in weeks])


def numbers(series: FloatArray) -> list[float | None]:
    """The numbers of a series, None for NaN."""
    return [None if np.isnan(value) else float(value) for value in series]


def crossed(score: FloatArray, threshold: float) -> Mask:
    """The messages of a plain threshold: one when it is reached, and again once the score was a
    fifth below it and eight weeks have passed."""
    told = np.zeros(score.shape, np.bool_)
    last = np.full(score.shape[1], -AHEAD_WEEKS)
    armed = np.ones(score.shape[1], np.bool_)
    for week, row in enumerate(score):
        armed |= row < 0.8 * threshold
        told[week] = (row >= threshold) & armed & (week - last >= AHEAD_WEEKS)
        last[told[week]] = week
        armed &= ~told[week]
    return told


@dataclass(frozen=True)
class Asked:
    """The weeks (origins, regions) that a rule was asked about, among `weeks` of emergencies: the
    first origin is week `first` there. `country` is that of each region, by position."""

    asked: Mask
    first: int
    country: Index
    countries: int


def messages_of(
    scored: Scored, truth: Emergencies, first: tuple[int, int], rise: Rise | None, draws: Draws
) -> dict[str, Any]:
    """The table of messages: of the rule in force on the served scores and on plain logistic
    regression, of a plain threshold, and of the rules that claim no probability. `first` is the
    first origin's number, and its week in `truth`. Of subdivisions it is of those of the ten
    countries with the most lethal events: elsewhere hardly one has any.
    """
    number, week = first
    weeks = int(scored.week.max()) - number + 1
    everywhere = grid_of(scored, np.ones(len(scored.week)), number, weeks)
    at = Asked(~np.isnan(everywhere), week, country_of(scored), len(scored.countries))
    if len(scored.regions) > len(scored.countries):
        at = replace(at, asked=at.asked & _in_busiest(truth, at))
    quiet = grid_of(scored, scored.quiet.astype(np.float64), number, weeks) == 1
    told: dict[str, Mask] = {}
    for name in (SERVED, PLAIN):
        if name not in scored.columns:
            continue
        grid = grid_of(scored, scored.columns[name], number, weeks)
        if rise is not None:
            told[f"{name}, {RULE}"] = risen(grid, quiet, rise)
        told[f"{name}, at {PLAIN_THRESHOLD:g}"] = crossed(grid, PLAIN_THRESHOLD)
    for name, alarms in scored.alarms.items():
        if name.startswith("hdx"):
            told[name] = crossed(alarms[:weeks].astype(np.float64), 0.5)
    return message_table(told, truth, at, draws)


def _in_busiest(truth: Emergencies, at: Asked) -> Mask:
    """The regions of the countries with the most lethal events, bool (regions,)."""
    events = np.bincount(at.country, weights=truth.lethal.sum(axis=0), minlength=at.countries)
    busiest = np.argsort(-events, kind="stable")[:BUSIEST]
    return np.asarray(np.isin(at.country, busiest))


def lines_of(made: Mapping[str, Any] | None) -> Iterator[str]:
    """The table of messages as known, in lines of plain text; none where there is no table."""
    if made is None:
        return
    yield "Messages a country and year; emergencies told of before, and by the next run after:"
    heads = ("messages", "vain", "onsets", "by next", "surges", "by next")
    yield " ".join((f"{'':32}", *(f"{head:>8}" for head in heads)))
    for name, row in made["tables"]["as known"].items():
        shares = [row[kind][when]["value"] for kind in KINDS for when in TOLD]
        told = " ".join(f"{'–' if share is None else f'{share:.0%}':>8}" for share in shares)
        rate, vain = (
            row[f"{what}_per_country_year"]["value"] for what in ("messages", "for_nothing")
        )
        yield f"{name:32} {rate:8.2f} {vain:8.2f} {told}"


def message_table(
    told: Mapping[str, Mask], truth: Emergencies, at: Asked, draws: Draws
) -> dict[str, Any]:
    """For each rule what its messages came to, every figure with its interval over countries."""
    return {name: _figures(messages, truth, at, draws) for name, messages in told.items()}


def _figures(messages: Mask, truth: Emergencies, at: Asked, draws: Draws) -> dict[str, Any]:
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
    messages: Mask, truth: Emergencies, at: Asked
) -> tuple[dict[str, FloatArray], list[int]]:
    """Sums by country, and how many weeks before each emergency its first message was."""
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
            for week in begun[(begun >= weeks[0] + AHEAD_WEEKS) & (begun <= weeks[-1])]:
                ahead = week - sent[(sent > week - AHEAD_WEEKS) & (sent <= week)]
                sums[f"{kind}0"][country] += 1
                sums[f"{kind}1"][country] += len(ahead) > 0
                sums[f"{kind}2"][country] += len(ahead) > 0 or (week + 1) in sent
                leads += [int(ahead.max())] if len(ahead) else []
    return sums, leads
