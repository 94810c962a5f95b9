"""The verb `effect`: the weeks around a deployment, from a panel, for a model to evaluate."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from ewarn.domain.effect import Study
from ewarn.domain.kinds import EventKind, signal, source_signals
from ewarn.domain.target import MATURITY_WEEKS
from ewarn.domain.time import WEEK, origin_at, whole_weeks
from ewarn.errors import InputError, UsageError
from ewarn.frames.panel import Panel
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline.intake import health
from ewarn.pipeline.panels.lateness import arrivals_at
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts

WEEKS_BEFORE = 156


def weeks_of(first_day: date, last_day: date) -> tuple[date, date]:
    """Return the whole weeks of a deployment as [start, end), two Mondays.

    Raises:
        UsageError: It has no whole week.
    """
    weeks = whole_weeks(first_day, last_day)
    if weeks is None:
        raise UsageError(f"{first_day} to {last_day} holds no whole week; give a longer time")
    return weeks[0], weeks[1] + WEEK


def panel_around(
    service: Service, source: str, regions: Sequence[str], start: date, now: datetime
) -> Panel:
    """Return what is known now of the three years before a deployment and the weeks since it began.

    The panel ends at the last origin before `now`. It has the share of its last weeks' events that
    has arrived, as far as the source's delays are known.

    Raises:
        InputError: No data of the source are stored.
        UsageError: The terms of the source do not allow it: everybody who sees a deployment reads
            its effect.
    """
    if not service.is_open(source):
        raise UsageError(f"nothing is judged on {source!r}: its terms keep what comes of it")
    first_week = start - WEEKS_BEFORE * WEEK
    origin = origin_at(now)
    with service.store.read() as connection:
        covered = health.coverage(connection, source, service.sources.get(source), now)
        cut = Cut(now, now)
        deltas = counts.counts(connection, cut, sources=[source], since_week=first_week)
        if deltas.empty:
            raise InputError(
                f"the store holds no events of {source!r} since {first_week}; "
                f"`ewarn sources` lists the sources, `ewarn ingest` reads them"
            )
        panel = from_ledger(
            deltas,
            regions=list(regions),
            parents=service.places.parents,
            signals=source_signals(source),
            first_week=first_week,
            origin=origin,
            coverage=covered,
        )
        return replace(panel, arrivals=arrivals_at(service, connection, source, panel, now))


def share_arrived(
    panel: Panel, name: str, regions: Sequence[str], start: date, end: date
) -> float | None:
    """Return the mean share of a signal's reports of weeks [start, end) that has arrived.

    The share is that at the panel's origin. The region with the lowest share counts.

    Returns:
        The share, or None if delays are unknown and a week is younger than half a year.
    """
    ages = np.arange((panel.origin - end) // WEEK, (panel.origin - start) // WEEK)
    if not panel.arrivals.ages:
        return None if ages.min() < MATURITY_WEEKS else 1.0
    where = [panel.region_index[region] for region in regions]
    at = panel.arrivals.share[:, where, panel.signal_index[name]]
    shares = np.where((ages < len(at))[:, None], at[np.minimum(ages, len(at) - 1)], 1.0)
    return float(shares.mean(axis=0).min())


def study_of(
    panel: Panel,
    source: str,
    kind: EventKind,
    region: str,
    start: date,
    end: date,
    *,
    donors: Sequence[str] = (),
    in_hindsight: bool = False,
) -> Study:
    """Return the study of one region whose deployment fills the weeks [start, end).

    For a source compiled in hindsight only weeks with a row in the region count as seen, never
    covered weeks. Weeks before the first seen one are left out.
    """
    outcome = signal(source, kind)
    asked = (region, *donors)
    arrived = 1.0 if in_hindsight else share_arrived(panel, outcome, asked, start, end)
    panel = panel.until(end)
    seen = {
        each: _seen(panel, source, each, in_hindsight=in_hindsight) for each in (region, *donors)
    }
    first = min(_first(seen[region]), (start - panel.first_week) // WEEK - 1)
    return Study(
        source=source,
        region=region,
        outcome=kind.value,
        first_week=panel.week(first),
        start=start,
        end=panel.origin,
        counts=_counts(panel, outcome, region, seen[region])[first:],
        talks=tuple(_series(panel, signal(source, EventKind.DIALOGUE), region)[first:]),
        donors={each: _counts(panel, outcome, each, seen[each])[first:] for each in donors},
        in_hindsight=in_hindsight,
        share_in=arrived,
    )


def _seen(panel: Panel, source: str, region: str, *, in_hindsight: bool) -> list[bool]:
    at = panel.region_index[region]
    if in_hindsight:
        return [bool(week.any()) for week in panel.counts[:, at]]
    where = panel.signal_index[signal(source, EventKind.DIALOGUE)]
    return [bool(observed) for observed in panel.observed[:, at, where]]


def _first(seen: list[bool]) -> int:
    return seen.index(True) if True in seen else len(seen)


def _series(panel: Panel, name: str, region: str) -> list[int]:
    return [int(count) for count in panel.series(name)[:, panel.region_index[region]]]


def _counts(panel: Panel, name: str, region: str, seen: list[bool]) -> tuple[int | None, ...]:
    series = _series(panel, name, region)
    return tuple(count if observed else None for count, observed in zip(series, seen, strict=True))
