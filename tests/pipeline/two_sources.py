"""GDELT and a source of outcomes that people code, both invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from ewarn.domain.region import Level
from ewarn.domain.score import Score
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.models.fit import FitReport, fit
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from tests.events import frame, row

GDELT = "gdelt"
FIRST = date(2015, 2, 16)
ENDED = date(2019, 9, 2)
LAST = date(2020, 6, 1)
NOW = midnight(LAST) + timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class People:
    """A source of outcomes.

    It has the kind of its events, the fields that mark an outcome, the first Monday that it does
    not cover, and when this installation read it.
    """

    source: str
    kind: str
    marks: Mapping[str, Any]
    ended: date
    read_at: datetime


PROTESTS = People(
    "mass-mobilization",
    "force",
    {"tags": "response:killing"},
    ENDED,
    midnight(ENDED) + timedelta(hours=6),
)
RELEASED = midnight(date(2020, 5, 20))
KILLINGS = People(
    "ucdp",
    "attack",
    {"tags": "actor:state", "fatalities_low": 2, "known_at": RELEASED},
    date(2020, 4, 27),
    RELEASED,
)


def fill(service: Service, countries: int, people: People) -> None:
    """Store arrests that lead to force: people code what killed, and GDELT all force."""
    random, of_others = np.random.default_rng(5), np.random.default_rng(6)
    names = sorted(r.id for r in service.places.regions() if r.parent is None)[: 5 * countries : 5]
    machine: list[dict[str, Any]] = []
    told_by_people: list[dict[str, Any]] = []
    for place, country in enumerate(names):
        tension = 0.0
        for week in range((LAST - FIRST).days // 7):
            day = FIRST + week * WEEK + timedelta(days=week % 5)
            killed = random.random() < min(0.01 + 0.07 * tension, 0.6)
            forced = random.random() < 0.02 + 0.1 * tension
            arrested = random.random() < 0.02 + 0.1 * (place % 3 == 0)
            tension = tension * 0.5 ** (1 / 12) + arrested
            told = (("force", forced), ("arrest", arrested), ("protest", random.random() < 0.3))
            machine += [_event(GDELT, kind, country, day) for kind, came in told if came]
            if killed and day < people.ended:
                marks = dict(people.marks)
                told_by_people.append(_event(people.source, people.kind, country, day, **marks))
            elif of_others.random() < 0.1 and day < people.ended:  # not by a state
                others = {"fatalities_low": 1} | dict(people.marks) | {"tags": ""}
                told_by_people.append(_event(people.source, "attack", country, day, **others))
    _store(service, GDELT, machine, names, (LAST, midnight(LAST) + timedelta(hours=6)))
    _store(service, people.source, told_by_people, names, (people.ended, people.read_at))


def _event(source: str, kind: str, country: str, day: date, **others: Any) -> dict[str, Any]:
    return row(
        f"{country}-{day}-{kind}",
        source=source,
        kind=kind,
        occurred_on=day,
        country=country,
        region=country,
        location_precision="country",
        **others,
    )


def _store(
    service: Service,
    source: str,
    rows: list[dict[str, Any]],
    names: list[str],
    read: tuple[date, datetime],
) -> None:
    end, at = read
    coverage = tuple(Coverage(source, name, FIRST, end - WEEK) for name in names)
    payload = Payload(source, f"invented up to {end}", b"invented", at)
    store_batches(service, payload, [ParsedBatch(frame(*rows), coverage=coverage)], at)


def read_weeks(service: Service, source: str, first: date, end: date) -> None:
    """Let a source be read from a Monday to before another one, with one protest."""
    covered = (Coverage(source, "*", first, end - WEEK),)
    payload = Payload(source, f"invented up to {end}", b"invented", midnight(end))
    told = ParsedBatch(frame(_event(source, "protest", "TGO", first)), coverage=covered)
    store_batches(service, payload, [told], midnight(end) + timedelta(hours=6))


def made(template: Path, path: Path, countries: int, people: People) -> FitReport:
    """Create a store in which GDELT was fitted on the outcomes that people coded."""
    path.write_bytes(template.read_bytes())
    with opened(path) as service:
        fill(service, countries, people)
        report = fit_pair(service, people)
        with service.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return report


def fit_pair(service: Service, people: People, **others: Any) -> FitReport:
    """Fit GDELT on the outcomes that people coded, for countries."""
    (report,) = fit(service, GDELT, NOW, outcomes=people.source, level=Level.COUNTRY, **others)
    return report


def target_scores(service: Service, target: Target) -> list[Score]:
    """Score countries on GDELT and return their newest scores."""
    score(service, GDELT, NOW)
    wanted = scores.ScoreFilter(targets=(target.value,), level=Level.COUNTRY)
    with service.store.read() as connection:
        runs = scores.latest_runs(connection, Cut())
        return scores.in_runs(connection, list(runs.values()), wanted)


def opened(path: Path) -> Any:
    """Open the service of a store."""
    return open_service(Settings(database_url=f"sqlite:///{path}", sources=(GDELT,)))
