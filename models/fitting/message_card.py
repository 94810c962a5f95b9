"""Value of the messages that rules would have sent, for a model's card and for rules in a test."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.fit import Purpose
from ewarn.domain.rule import Rise
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from models.fitting.prequential import PrequentialResult
from models.inputs.inputs import positions
from models.inputs.targets import was_observed
from models.judging.backtest.candidates import PLAIN, SERVED
from models.judging.measures.bootstrap import Draws
from models.judging.measures.emergencies import AHEAD_WEEKS, Emergencies, lethal_weeks
from models.judging.measures.messages import PLAIN_THRESHOLD, crossed, messages_by_rule
from models.judging.measures.rules import hdx_over
from models.judging.reporting.message_table import EvaluatedWeeks, message_table

Mask = npt.NDArray[np.bool_]
CHAMPION = "champion"


def message_card(
    found: PrequentialResult, final: Panel, purpose: Purpose, rise: Rise | None, model: str = SERVED
) -> dict[str, Any] | None:
    """Return the table of messages of a model in a prequential evaluation, with intervals.

    Args:
        found: The evaluation.
        final: The panel as known at the end. Origins are left out if it did not observe all of the
            next eight weeks.
        rise: The condition of the rule in force.

    Returns:
        The table, or None if the target is not lethal force.
    """
    if purpose.target is not Target.FORCE:
        return None
    origins = [found.first + week * WEEK for week in range(len(found.label))]
    columns = {
        name: found.probability[name]
        for name in (model, CHAMPION, PLAIN)
        if name in found.probability
    }
    messages = messages_by_rule(columns, found.quiet, _hdx(final, purpose, origins), rise)
    asked = ~np.isnan(found.probability[model])
    return {
        "rise": None if rise is None else asdict(rise),
        "threshold": PLAIN_THRESHOLD,
        "table": _judged(messages, asked, final, purpose, origins),
    }


def sent_message_table(
    final: Panel,
    purpose: Purpose,
    probability: Mapping[date, Mapping[str, float | None]],
    sent_by: Mapping[str, Sequence[tuple[str, date]]],
) -> dict[str, Any]:
    """Return the table of messages that were sent, by the name of their sender.

    It also holds the messages of a plain threshold on the same probabilities, and of HDX's rules.

    Args:
        probability: Probabilities by origin (Mondays) and region, None where a score has none.
        sent_by: Regions and origins of the messages by sender.
    """
    probability = {at: made for at, made in probability.items() if at >= final.first_week}
    if not probability:
        return {}
    first = min(probability)
    origins = [first + week * WEEK for week in range((max(probability) - first).days // 7 + 1)]
    column = {name: number for number, name in enumerate(final.at(purpose.level))}
    shape = (len(origins), len(column))
    asked, grid = np.zeros(shape, np.bool_), np.full(shape, np.nan)
    for week, origin in enumerate(origins):
        for region, value in probability.get(origin, {}).items():
            if region not in column:
                continue
            asked[week, column[region]] = True
            grid[week, column[region]] = np.nan if value is None else value
    messages: dict[str, Mask] = {}
    for name, sent in sent_by.items():
        messages[name] = np.zeros(shape, np.bool_)
        for region, origin in sent:
            if region not in column or origin < first:
                continue
            messages[name][(origin - origins[0]).days // 7, column[region]] = True
    if not np.isnan(grid).all():
        messages[f"a level of {PLAIN_THRESHOLD:g}"] = crossed(grid, PLAIN_THRESHOLD)
    for name, alarm in _hdx(final, purpose, origins).items():
        messages[name] = crossed(alarm.astype(np.float64), 0.5)
    return _judged(messages, asked, final, purpose, origins)


def _hdx(final: Panel, purpose: Purpose, origins: Sequence[date]) -> dict[str, Mask]:
    where = positions(final, final.at(purpose.level))
    alarms = hdx_over(final, purpose.label_source, origins)
    return {name: alarm[:, where] for name, alarm in alarms.items()}


def _judged(
    messages: Mapping[str, Mask],
    asked: Mask,
    final: Panel,
    purpose: Purpose,
    origins: Sequence[date],
) -> dict[str, Any]:
    """Return the table of messages (origins, regions) in weeks whose next eight were observed."""
    lethal, before = lethal_weeks(
        final, purpose.label_source, purpose.level, origins[0], origins[-1]
    )
    countries = [final.parents.get(name, name) for name in final.at(purpose.level)]
    number = {name: place for place, name in enumerate(dict.fromkeys(countries))}
    country = np.array([number[name] for name in countries], dtype=np.int64)
    seen = _seen_ahead(final, purpose, before, len(origins))
    at = EvaluatedWeeks(asked & seen, before, country, len(number))
    return message_table(messages, Emergencies.of(lethal), at, Draws.of(len(number), seed=0))


def _seen_ahead(final: Panel, purpose: Purpose, before: int, weeks: int) -> Mask:
    """Return whether all eight weeks from an origin were observed, bool (origins, regions).

    A message must not count as mistaken if nobody observed what followed.
    """
    where = positions(final, final.at(purpose.level))
    seen = was_observed(final, purpose.label_source, Target.FORCE)[:, where]
    ahead = np.zeros((weeks, len(where)), np.bool_)
    for week in range(min(weeks, len(seen) - before - AHEAD_WEEKS + 1)):
        ahead[week] = seen[before + week : before + week + AHEAD_WEEKS].all(axis=0)
    return ahead
