"""What messages would have been worth: for a model's card, and for rules that are tried."""

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
from models.fitting.prequential import Rehearsal
from models.inputs.inputs import positions
from models.inputs.targets import was_observed
from models.judging.bootstrap import Draws
from models.judging.candidates import PLAIN, SERVED
from models.judging.emergencies import AHEAD_WEEKS, Emergencies, lethal_weeks
from models.judging.message_table import AskedWeeks, message_table
from models.judging.messages import PLAIN_THRESHOLD, crossed, messages_by_rule
from models.judging.rules import hdx_over

Mask = npt.NDArray[np.bool_]
CHAMPION = "champion"


def message_card(
    found: Rehearsal, final: Panel, purpose: Purpose, rise: Rise | None
) -> dict[str, Any] | None:
    """The table of messages of the weeks of a rehearsal, with intervals by country.

    None of a target other than lethal force. `final` is the panel as known at the end: origins
    whose next eight weeks it did not observe are left out. `rise` is that of the rule in force.
    """
    if purpose.target is not Target.FORCE:
        return None
    origins = [found.first + week * WEEK for week in range(len(found.label))]
    columns = {
        name: found.probability[name]
        for name in (SERVED, CHAMPION, PLAIN)
        if name in found.probability
    }
    told = messages_by_rule(columns, found.quiet, _hdx(final, purpose, origins), rise)
    asked = ~np.isnan(found.probability[SERVED])
    return {
        "rise": None if rise is None else asdict(rise),
        "threshold": PLAIN_THRESHOLD,
        "table": _judged(told, asked, final, purpose, origins),
    }


def messages_told(
    final: Panel,
    purpose: Purpose,
    probability: Mapping[date, Mapping[str, float | None]],
    told: Mapping[str, Sequence[tuple[str, date]]],
) -> dict[str, Any]:
    """The table of messages that went out, by name of who sent them, beside a plain level of the
    same probabilities and HDX's rules.

    `probability` holds the regions scored at each origin (a Monday each, one after the other in
    time; None where a score has none), `told` regions and origins.
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
    for name, sent in told.items():
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
    told: Mapping[str, Mask],
    asked: Mask,
    final: Panel,
    purpose: Purpose,
    origins: Sequence[date],
) -> dict[str, Any]:
    """The table of messages (origins, regions) in the weeks whose eight weeks ahead are over."""
    lethal, before = lethal_weeks(
        final, purpose.label_source, purpose.level, origins[0], origins[-1]
    )
    countries = [final.parents.get(name, name) for name in final.at(purpose.level)]
    number = {name: place for place, name in enumerate(dict.fromkeys(countries))}
    country = np.array([number[name] for name in countries], dtype=np.int64)
    seen = _seen_ahead(final, purpose, before, len(origins))
    at = AskedWeeks(asked & seen, before, country, len(number))
    return message_table(told, Emergencies.of(lethal), at, Draws.of(len(number), seed=0))


def _seen_ahead(final: Panel, purpose: Purpose, before: int, weeks: int) -> Mask:
    """Whether all eight weeks from an origin were observed, bool (origins, regions): what nobody
    saw is no message for nothing."""
    where = positions(final, final.at(purpose.level))
    seen = was_observed(final, purpose.label_source, Target.FORCE)[:, where]
    ahead = np.zeros((weeks, len(where)), np.bool_)
    for week in range(min(weeks, len(seen) - before - AHEAD_WEEKS + 1)):
        ahead[week] = seen[before + week : before + week + AHEAD_WEEKS].all(axis=0)
    return ahead
