"""The value of messages if scores are also computed between Mondays, on every day.

On every day on which something became known about a country, the week so far is scored as in the
service: this score can only raise Monday's score and lead to a message. Emergencies are those of
`models.judging.measures.emergencies`. The day of an emergency is that of the first lethal event
of the week. It became known when the first of the week's lethal events became known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.domain.kinds import EventKind, is_lethal
from ewarn.domain.rule import Rise
from ewarn.domain.time import DAY, WEEKS_PER_YEAR
from ewarn.frames.predictions import FloatArray, mean_of_quiet, relative_risk
from ewarn.panel.history import EventHistory
from models.judging.backtest.candidates import SERVED, answers, fitted, usual
from models.judging.backtest.compute import run
from models.judging.backtest.parts import Parts
from models.judging.backtest.plan import Fold, Knowledge, Plan
from models.judging.backtest.rolling import Done, learned_rows, rows_for
from models.judging.measures.bootstrap import Draws, estimate
from models.judging.measures.emergencies import AHEAD_WEEKS, Emergencies
from models.judging.measures.messages import numbers
from models.judging.reporting.message_table import KINDS
from models.training.rows import Outcomes, Rows, unlabelled

DAYS = 7
Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class EmergencyDays:
    """The days on which emergencies happened and became known, int64 (weeks, regions).

    Days are counted from the first week of the panel, and are -1 where a week had no lethal event.
    """

    happened: Index
    known: Index


@dataclass(frozen=True)
class Daily:
    """Scores of every day, float64 (origins, 7, regions) each.

    Those of Mondays are the regular scores. Those of other days are scores of the week so far,
    where something became known, and else NaN.

    Attributes:
        probability: The probabilities.
        relative_risk: Probability of a quiet region over the mean of quiet ones on that Monday.
    """

    probability: FloatArray
    relative_risk: FloatArray


def daily_scores(history: EventHistory, plan: Plan, parts: Parts, done: Done) -> Daily:
    """Score every day of a plan's origins with the served model."""
    truths = [Outcomes.of(history.as_known(fold.moment), plan.question) for fold in plan.folds]
    learned = learned_rows(history, plan, Knowledge.KNOWN, truths, parts, done)
    tasks = {
        f"daily, refit {fold.moment.date()}": (
            lambda fold=fold, truth=truth: (
                _of_fold,
                (history, plan, fold, rows_for(learned, truth, fold, plan)),
            )
        )
        for fold, truth in zip(plan.folds, truths, strict=True)
    }
    found: dict[str, FloatArray] = {}
    for name, made in run(tasks):
        found[name] = made
        done("daily scores")
    return Daily(*np.concatenate([found[name] for name in tasks], axis=1))


def _of_fold(history: EventHistory, plan: Plan, fold: Fold, rows: Rows) -> FloatArray:
    """Return daily probabilities and relative risks of a refit, (2, origins, 7, regions)."""
    models = fitted(usual(plan.question, int(rows.label.sum()))[-1:], rows)
    made = np.full((2, len(fold.origins), DAYS, rows.regions), np.nan)
    for week, origin in enumerate(fold.origins):
        mean = np.nan
        for day in range(DAYS):
            moment = origin + day * DAY
            changed = None if day == 0 else history.changed(moment - DAY, moment)
            if changed is not None and not changed:
                continue
            panel = history.as_known(moment) if day == 0 else history.so_far(moment)
            asked = unlabelled(panel, plan.question, changed)
            if not len(asked.region):
                continue
            said = answers(models, asked.inputs)[SERVED]
            mean = mean_of_quiet(said, asked.quiet) if day == 0 else mean
            made[0, week, day, asked.region] = said
            made[1, week, day, asked.region] = relative_risk(said, asked.quiet, mean)
    return made


def warned(daily: Daily, rise: Rise) -> Mask:
    """Return the messages of a rise (origins, 7, regions).

    On Mondays the score is compared with those of the Mondays before. On other days this is done
    only if the score of the week so far is higher than Monday's.
    """
    told = np.zeros(daily.probability.shape, np.bool_)
    for region in range(daily.probability.shape[2]):
        mondays = numbers(daily.probability[:, 0, region])
        risk = [numbers(row) for row in daily.relative_risk[:, :, region]]
        last: tuple[int, float] | None = None
        for week, monday in enumerate(mondays):
            for day in range(DAYS):
                so_far = daily.probability[week, day, region]
                value = monday if day == 0 else _above(so_far, monday)
                end = week if day == 0 else week + 1
                before = mondays[max(end - rise.weeks, 0) : end][::-1]
                since = None if last is None else (week - last[0], last[1])
                if value is not None and rise.is_news(value, before, since, risk[week][day]):
                    told[week, day, region], last = True, (week, value)
    return told


def _above(so_far: float, monday: float | None) -> float | None:
    if np.isnan(so_far) or monday is None or so_far <= monday:
        return None
    return float(so_far)


def days_of(
    history: EventHistory, regions: Mapping[str, int], shape: tuple[int, int]
) -> EmergencyDays:
    """Return the days of the first lethal event of each week, for regions with their column."""
    frame = history.frame
    fatalities = frame["fatalities_low"].fillna(0).astype("int64")
    lethal = [
        is_lethal(EventKind(kind), dead, tags.split(";"))
        for kind, dead, tags in zip(frame["kind"], fatalities, frame["tags"], strict=True)
    ]
    found = frame[lethal]
    happened, known = np.full(shape, -1, np.int64), np.full(shape, -1, np.int64)
    first = pd.Timestamp(history.first_week)
    day = (pd.to_datetime(found["occurred_on"]) - first).dt.days.to_numpy()
    said = found["known_at"].dt.tz_convert(None) - first
    # Rounded up to the end of the day on which an event became known.
    known_on = np.ceil(said / pd.Timedelta(days=1)).astype(np.int64).to_numpy()
    for region, on, knew in zip(found["country"], day, known_on, strict=True):
        column, week = regions.get(region), on // DAYS
        if column is None or not 0 <= week < shape[0]:
            continue
        at = (week, column)
        happened[at] = on if happened[at] < 0 else min(happened[at], on)
        known[at] = knew if known[at] < 0 else min(known[at], knew)
    return EmergencyDays(happened, known)


def judged(
    messages: Mask,
    asked: Mask,
    truth: Emergencies,
    days: EmergencyDays,
    first: int,
    country: Index,
    draws: Draws,
) -> dict[str, Any]:
    """Return figures of messages (origins, 7, regions), with intervals over countries.

    They are the messages a year, and the shares of onsets and surges with a message before, by the
    next Monday, and by the day after they became known.

    Args:
        messages: Whether a message was sent (origins, 7, regions).
        asked: Whether the region was scored (origins, regions).
        first: Index of the first origin among the weeks of `truth`.
        country: Position of each region's country (regions,).
    """
    countries = int(country.max()) + 1
    sums = {name: np.zeros(countries) for name in ("messages", "years")}
    sums |= {f"{kind}{n}": np.zeros(countries) for kind in KINDS for n in range(4)}
    for region in np.flatnonzero(asked.any(axis=0)):
        at = country[region]
        sent = np.flatnonzero(messages[:, :, region].reshape(-1)) + first * DAYS
        weeks = np.flatnonzero(asked[:, region]) + first
        sums["messages"][at] += len(sent)
        sums["years"][at] += len(weeks) / WEEKS_PER_YEAR
        for kind, mask in zip(KINDS, (truth.onset, truth.surge), strict=True):
            begun = np.flatnonzero(mask[:, region])
            for week in begun[(begun >= weeks[0] + AHEAD_WEEKS) & (begun <= weeks[-1])]:
                happened, known = days.happened[week, region], days.known[week, region]
                lately = sent[sent >= (week - AHEAD_WEEKS + 1) * DAYS]
                by = (happened, (week + 1) * DAYS, known + 1)
                sums[f"{kind}0"][at] += 1
                for n, end in enumerate(by, start=1):
                    sums[f"{kind}{n}"][at] += (lately <= end).any()
    total = {name: draws.with_all @ column for name, column in sums.items()}
    with np.errstate(invalid="ignore", divide="ignore"):
        made: dict[str, Any] = {
            "messages": int(sums["messages"].sum()),
            "messages_per_country_year": estimate(total["messages"] / total["years"]),
        }
        for kind in KINDS:
            names = ("told_before", "told_by_next_monday", "told_by_the_day_after_known")
            shares = {
                name: estimate(total[f"{kind}{n}"] / total[f"{kind}0"])
                for n, name in enumerate(names, start=1)
            }
            made[kind] = {"number": int(sums[f"{kind}0"].sum()), **shares}
    return made
