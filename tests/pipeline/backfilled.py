"""An invented back-fill of GDELT in a store, in which arrests lead to force for months."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from ewarn.domain.source import Coverage, Payload
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.service import Service
from tests.events import frame, row

GDELT = "gdelt"
LAST = date(2020, 1, 6)  # the origin of the tests
NOW = midnight(LAST) + timedelta(hours=6)


def fill(
    service: Service,
    *,
    source: str = GDELT,
    countries: int = 40,
    first: date = LAST - 300 * WEEK,
    end: date = LAST,
    seed: int = 3,
) -> tuple[str, ...]:
    """Store the past of some countries from `first` to before `end` (Mondays). Return their ids."""
    names = [region.id for region in service.places.regions() if region.parent is None]
    chosen = tuple(sorted(names)[: 5 * countries : 5])
    weeks = (end - first).days // 7
    rows = list(_rows(source, chosen, first, weeks, np.random.default_rng(seed)))
    coverage = tuple(Coverage(source, name, first, end - WEEK) for name in chosen)
    at = midnight(end) + timedelta(hours=6)
    payload = Payload(source, f"invented up to {end}", b"invented", at)
    store_batches(service, payload, [ParsedBatch(frame(*rows), coverage=coverage)], at)
    return chosen


def _rows(
    source: str, countries: Sequence[str], first: date, weeks: int, random: np.random.Generator
) -> list[dict[str, Any]]:
    rows = []
    for place, country in enumerate(countries):
        restless = 0.01 + 0.08 * (place % 3 == 0)
        tension = 0.0  # halves in half a year
        for week in range(weeks):
            monday = first + week * WEEK
            forced = random.random() < 1 - math.exp(-0.004 - 0.02 * tension)
            arrested = random.random() < restless
            tension = tension * 0.5 ** (1 / 26) + arrested + 0.5 * forced
            for kind, came in (("force", forced), ("arrest", arrested)):
                if came:
                    rows.append(
                        row(
                            f"{country}-{monday}-{kind}",
                            source=source,
                            kind=kind,
                            occurred_on=monday + timedelta(days=week % 5),
                            country=country,
                            region=country,
                            location_precision="country",
                        )
                    )
    return rows
