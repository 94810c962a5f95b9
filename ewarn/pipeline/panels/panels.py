"""Panels from the ledger of the store: the input of scoring, fitting and evaluation."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection

from ewarn.domain.fit import Purpose
from ewarn.domain.kinds import outcome_signals, source_signals
from ewarn.domain.region import Level, Region
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Calendar, Panel
from ewarn.panel.calendar import calendar_of
from ewarn.panel.history import LedgerHistory
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline.intake import health
from ewarn.pipeline.panel_cache import PanelCache, PanelKey
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts, volumes
from ewarn.store.events.event_queries import EventFilter, current

# Rates use fifteen years; medians of inputs go back two years more.
WEEKS_READ = 884
WEEKS_OF_VOLUME = 110  # the year that the last week is compared with, and the year before it
WEEKS_OF_VOTES = 160  # two years for the median, and the year before them
CALENDAR = "calendar"  # the source whose entries say when a country votes


def panel_at(
    connection: Connection,
    source: str,
    regions: Sequence[Region],
    covered: Sequence[Coverage],
    origin: date,
    now: datetime,
    *,
    as_of: datetime | None = None,
    cache: PanelCache | None = None,
) -> tuple[Panel, str]:
    """Return the panel that is scored at an origin, as recorded by `now`, and a hash of it.

    Args:
        as_of: The panel holds what was known at this moment about the weeks before the origin.
            Default: at the origin, and then a `cache` is asked first.
    """
    cut = Cut(as_of or midnight(origin), now)
    question = PanelKey(source, origin, tuple(region.id for region in regions), tuple(covered))
    cached = None if cache is None or as_of is not None else cache.find(connection, question)
    panel, cells = cached or _read(connection, question, regions, cut)
    if cache is not None and as_of is None and cached is None:
        cache.keep(connection, question, (panel, cells), now)
    votes = _calendar(connection, cut, panel)
    dated = b"".join(each.tobytes() for each in (votes.region, votes.week, votes.held))
    volume = volume_of(
        connection, source, panel, known_by=volumes.known_on(as_of or midnight(origin))
    )
    measured = volume[-WEEKS_OF_VOLUME:].tobytes()
    digest = hashlib.sha256(bytes.fromhex(cells) + dated + measured).hexdigest()
    return replace(panel, calendar=votes, volume=volume), digest


def volume_of(
    connection: Connection,
    source: str,
    panel: Panel,
    *,
    known_by: date,
    known_after: date = date.min,
    weeks: int = 0,
) -> npt.NDArray[np.int32]:
    """Return the records of all kinds of each region's country, by week.

    Args:
        known_by: Records published by this Monday count.
        known_after: Records published by this earlier Monday do not count.
        weeks: How many weeks after the panel's weeks to add.

    Returns:
        int32 (weeks, regions), 0 where none are known; with no weeks if the source counts no
        records.
    """
    length = min(WEEKS_OF_VOLUME, panel.weeks) + weeks
    since = panel.origin + (weeks - length) * WEEK
    until = panel.origin + weeks * WEEK
    found = volumes.weekly(connection, source, since, known_by, until, known_after)
    if found.empty and not volumes.are_counted(connection, source):
        return np.zeros((0, 0), dtype=np.int32)
    at = (pd.to_datetime(found["week"]) - pd.Timestamp(since)).dt.days // 7
    countries, names = pd.factorize(found["country"])
    # The last column is for countries without records.
    table = np.zeros((length, len(names) + 1), dtype=np.int32)
    table[at, countries] = found["records"]
    position = {name: index for index, name in enumerate(names)}
    own = [position.get(panel.parents.get(each, each), len(names)) for each in panel.regions]
    volume = np.zeros((panel.weeks + weeks, len(own)), dtype=np.int32)
    volume[len(volume) - length :] = table[:, own]
    return volume


def _read(
    connection: Connection, question: PanelKey, regions: Sequence[Region], cut: Cut
) -> tuple[Panel, str]:
    """Return a panel without its calendar, and the hash of its counts and of what was observed."""
    first_week = question.origin - WEEKS_READ * WEEK
    deltas = counts.counts(connection, cut, sources=[question.source], since_week=first_week)
    panel = from_ledger(
        deltas,
        regions=question.regions,
        parents={region.id: region.parent for region in regions if region.parent},
        signals=source_signals(question.source),
        first_week=first_week,
        origin=question.origin,
        coverage=question.coverage,
    )
    cells = deltas.to_csv(index=False).encode()
    observed = np.packbits(panel.observed[:, :, 0]).tobytes()
    centres = {region.id: region.centre for region in regions}
    return replace(panel, centres=centres), hashlib.sha256(cells + observed).hexdigest()


def _calendar(connection: Connection, cut: Cut, panel: Panel) -> Calendar:
    """Return the calendar of the panel's countries, as known under a cut."""
    wanted = EventFilter(sources=(CALENDAR,), since=panel.origin - WEEKS_OF_VOTES * WEEK)
    entries = pd.DataFrame(
        [
            {
                "source": event.source,
                "source_event_id": event.source_event_id,
                "known_at": event.known_at,
                "date_precision": event.date_precision.value,
                "deleted": False,
                "tags": ";".join(event.tags),
                "country": event.country,
                "occurred_on": event.occurred_on,
            }
            for event in current(connection, cut, wanted)
        ]
    )
    if entries.empty:
        return Calendar()
    return calendar_of(entries, None, panel.regions, panel.first_week)


def panel_ahead(
    connection: Connection,
    source: str,
    regions: Sequence[Region],
    covered: Sequence[Coverage],
    weeks: tuple[date, date],
    cut: Cut,
) -> Panel:
    """Return the panel of the weeks from one Monday to before another, as known under a cut."""
    first, end = weeks
    return from_ledger(
        counts.counts(connection, cut, sources=[source], since_week=first),
        regions=[region.id for region in regions],
        parents={region.id: region.parent for region in regions if region.parent},
        signals=source_signals(source),
        first_week=first,
        origin=end,
        coverage=covered,
    )


@dataclass(frozen=True, slots=True)
class Past:
    """Everything a source knew of its regions, and the first and last week (Mondays) observed."""

    history: LedgerHistory
    first_week: date
    last_week: date


def past_of(
    service: Service,
    connection: Connection,
    purpose: Purpose,
    origin: date,
    now: datetime,
) -> Past | None:
    """Return the past of a purpose's source up to an origin, as known then and recorded by `now`.

    If another source has the outcomes, the panels hold its observations too, and the past covers
    the weeks of both. At country level the panels hold only countries, whose counts include their
    subdivisions.

    Returns:
        The past, or None if nothing was observed.
    """
    source, outcomes, level = purpose.source, purpose.outcomes, purpose.level
    covered = _covered(service, connection, source, origin, now)
    theirs = _covered(service, connection, outcomes, origin, now) if outcomes else covered
    if not covered or not theirs:
        return None
    countries = {item.country for item in covered}
    regions = service.places.regions(
        Level.COUNTRY if level is Level.COUNTRY else None,
        countries=None if "*" in countries else countries,
    )
    first_week = min(item.first_week for item in covered)
    cut = Cut(midnight(origin), now)
    frames = [counts.deltas(connection, cut, source)]
    if outcomes:
        frames.append(_known_in_time(counts.deltas(connection, cut, outcomes), purpose))
    history = LedgerHistory(
        frame=frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True),
        regions=[region.id for region in regions],
        parents=service.places.parents,
        signals=(*source_signals(source), *(outcome_signals(outcomes) if outcomes else ())),
        first_week=first_week,
        end=origin,
        coverage=[*covered, *theirs] if outcomes else covered,
        centres={region.id: region.centre for region in regions},
        weeks_back=WEEKS_READ,
    )
    last_week = min(
        max(item.last_week for item in covered),
        max(item.last_week for item in theirs),
        origin - WEEK,
    )
    first_common = max(first_week, min(item.first_week for item in theirs))
    return Past(history, first_common, last_week)


def _known_in_time(deltas: pd.DataFrame, purpose: Purpose) -> pd.DataFrame:
    """Return the ledger of outcomes, each known no later than a promotion test assumes.

    The first release that an installation reads holds years of outcomes. The moment of its reading
    would leave every earlier day without outcomes to learn from.
    """
    weeks = purpose.known_after_weeks
    if not weeks:
        return deltas
    over = pd.to_datetime(deltas["last_week"]).dt.tz_localize("UTC") + pd.Timedelta(weeks=1 + weeks)
    return deltas.assign(known_at=deltas["known_at"].where(deltas["known_at"] < over, over))


def _covered(
    service: Service, connection: Connection, source: str, origin: date, now: datetime
) -> list[Coverage]:
    """Return what a source had observed before an origin."""
    found = health.coverage(connection, source, service.sources.get(source), now)
    return [item for item in found if item.first_week < origin]
