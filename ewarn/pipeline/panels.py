"""Panels from the ledger of the store: what models score, learn from and are judged by."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from ewarn.domain.kinds import source_signals
from ewarn.domain.region import Level, Region
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Panel
from ewarn.panel.history import LedgerHistory
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline import health
from ewarn.pipeline.service import Service
from ewarn.store import counts
from ewarn.store.cuts import Cut

# The longest window a model reads is three years; medians of inputs look two years further back.
WEEKS_READ = 260


def panel_at(
    connection: Connection,
    source: str,
    regions: Sequence[Region],
    covered: Sequence[Coverage],
    origin: date,
    now: datetime,
) -> tuple[Panel, str]:
    """The panel scored at an origin, as recorded by `now`, and the hash of what it holds."""
    first_week = origin - WEEKS_READ * WEEK
    deltas = counts.counts(
        connection, Cut(midnight(origin), now), sources=[source], since_week=first_week
    )
    panel = from_ledger(
        deltas,
        regions=[region.id for region in regions],
        parents={region.id: region.parent for region in regions if region.parent},
        signals=source_signals(source),
        first_week=first_week,
        origin=origin,
        coverage=covered,
    )
    cells = deltas.to_csv(index=False).encode()
    observed = np.packbits(panel.observed[:, :, 0]).tobytes()
    return panel, hashlib.sha256(cells + observed).hexdigest()


def panel_ahead(
    connection: Connection,
    source: str,
    regions: Sequence[Region],
    covered: Sequence[Coverage],
    weeks: tuple[date, date],
    cut: Cut,
) -> Panel:
    """The panel of the weeks from one Monday to before another, as known under a cut."""
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
    """Everything a source knew of its regions, and the weeks (Mondays) it watched."""

    history: LedgerHistory
    first_week: date
    last_week: date


def past_of(
    service: Service, connection: Connection, source: str, level: Level, origin: date, now: datetime
) -> Past | None:
    """The past of a source up to an origin, as known then and recorded by `now`; None without any.

    At country level the panels hold countries alone, which count their subdivisions all the same.
    """
    polled = service.sources.get(source)
    covered = [
        item
        for item in health.coverage(connection, source, polled, now)
        if item.first_week < origin
    ]
    if not covered:
        return None
    countries = {item.country for item in covered}
    regions = service.places.regions(
        Level.COUNTRY if level is Level.COUNTRY else None,
        countries=None if "*" in countries else countries,
    )
    first_week = min(item.first_week for item in covered)
    history = LedgerHistory(
        frame=counts.deltas(connection, Cut(midnight(origin), now), source),
        regions=[region.id for region in regions],
        parents=service.places.parents,
        signals=source_signals(source),
        first_week=first_week,
        end=origin,
        coverage=covered,
        weeks_back=WEEKS_READ,
    )
    last_week = min(max(item.last_week for item in covered), origin - WEEK)
    return Past(history, first_week, last_week)
