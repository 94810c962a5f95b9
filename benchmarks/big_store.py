"""A store of twenty years, generated: events, scores, alerts with their changes, and readings.

Nothing in it happened. Events are spread evenly over time and the regions of the world, and are
known some days after they happened; one in four has a second version a month later.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Table, insert, text

from benchmarks.acknowledge import alert_of
from ewarn.domain.alert import AlertState, Change, ChangeKind
from ewarn.domain.region import Level, Region
from ewarn.domain.time import WEEK, midnight
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.database.bulk import BulkInsert
from ewarn.store.tables.events import event_version
from ewarn.store.tables.intake import ingest_run
from ewarn.store.tables.scores import score, score_run, score_standing

FIRST = date(2000, 1, 3)
WEEKS = 1040
LAST = FIRST + WEEKS * WEEK
SOURCES = tuple(f"invented-{number}" for number in range(4))
READ = ("chronicle", *SOURCES)  # every hour
KINDS = ("protest", "riot", "arrest", "force", "attack", "restriction", "election", "dialogue")
AT_ONCE = 100_000  # rows
_BIG = 2_654_435_761  # spreads numbers evenly (Knuth's multiplicative hash)
# Stored as they are: a bulk insert keeps converted values, and lists cannot be kept.
_DRIVERS = orjson.Fragment(
    orjson.dumps(
        [
            {
                "signal": f"{SOURCES[0]}:{kind}",
                "first_week": FIRST,
                "last_week": FIRST,
                "contribution": 0.4,
                "count": 3,
                "event_ids": ["2001-1", "2001-2"],
            }
            for kind in KINDS[:3]
        ]
    )
)
_FOOTING = orjson.Fragment(
    orjson.dumps([{"source": SOURCES[0], "health": "ok", "completeness": 1.0}])
)
_NO_MEMBERS = orjson.Fragment(b"{}")


def fill(service: Service, versions: int, scores: int, alerts_opened: int) -> None:
    """Store so many versions of events, scores of the newest runs, and alerts."""
    regions = service.places.regions()
    with service.store.write() as connection:
        for table in (event_version, score):
            for index in table.indexes:  # faster to build at the end
                index.drop(connection)
    _load(service, ingest_run, _readings())
    _load(service, event_version, _events(regions, versions))
    _runs(service, regions, scores)
    _load(service, score, _scores(regions, scores))
    _alerts(service, regions, alerts_opened)
    with service.store.write() as connection:
        for table in (event_version, score):
            for index in table.indexes:
                index.create(connection)
    with service.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as opened:
        opened.execute(text("ANALYZE"))


def _load(service: Service, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    names = [column.name for column in table.c if column.name != "id"]
    while True:
        columns: dict[str, list[Any]] = {name: [] for name in names}
        for row, _ in zip(rows, range(AT_ONCE), strict=False):
            for name in names:
                columns[name].append(row.get(name))
        if not columns[names[0]]:
            return
        with service.store.write() as connection:
            BulkInsert(connection).rows(table, columns)


def _readings() -> Iterator[dict[str, Any]]:
    """Yield a run of each read source for every hour; each twentieth failed."""
    for hour in range(WEEKS * 7 * 24):
        at = midnight(FIRST) + timedelta(hours=hour)
        for source in READ:
            is_good = hour % 20 > 0
            yield {
                "source": source,
                "recorded_at": at,
                "health": "ok" if is_good else "broken",
                "reason": "read" if is_good else "no answer",
                "accepted": 3,
                "versions": 1,
                "unchanged": 0,
                "tombstones": 0,
                "rejected": 0,
                "skipped": orjson.Fragment(b"{}"),
                "read_until": at if is_good else None,
                "published_at": at,
                "payload_name": f"{source}-{hour}",
            }


def _events(regions: Sequence[Region], versions: int) -> Iterator[dict[str, Any]]:
    number = versions * 4 // 5
    for event in range(number):
        region = regions[event * _BIG % len(regions)]
        day = FIRST + timedelta(days=event * WEEKS * 7 // number)
        known = midnight(day + timedelta(days=1 + event % 9)) + timedelta(seconds=event % 86_400)
        first = {
            "source": SOURCES[event % len(SOURCES)],
            "source_event_id": f"{day:%Y}-{event}",
            "kind": KINDS[event * 7 % len(KINDS)],
            "occurred_on": day,
            "ended_on": day,
            "date_precision": "day",
            "country": region.country,
            "region": region.id,
            "location_precision": "admin1",
            "tags": "",
            "deleted": False,
            "content_hash": hashlib.sha256(f"{event}".encode()).hexdigest(),
            "known_at": known,
            "known_at_estimated": False,
            "recorded_at": known,
        }
        yield first
        if event % 4 == 0:
            later = known + timedelta(days=30)
            again = hashlib.sha256(f"{event} again".encode()).hexdigest()
            yield first | {"content_hash": again, "known_at": later, "recorded_at": later}


def _origins(regions: Sequence[Region], scores: int) -> list[date]:
    number = -(-scores // len(regions))
    return [LAST - (number - 1 - each) * WEEK for each in range(number)]


def _scored_at(origin: date) -> datetime:
    return midnight(origin) + timedelta(hours=6)


def _runs(service: Service, regions: Sequence[Region], scores: int) -> None:
    countries = sorted({region.country for region in regions})
    with service.store.write() as connection:
        for id_, origin in enumerate(_origins(regions, scores), start=1):
            at = _scored_at(origin)
            run = {"source": SOURCES[0], "origin": origin, "as_of": midnight(origin)}
            run |= {"id": id_, "recorded_at": at, "inputs": f"{origin}", "interim": False}
            connection.execute(insert(score_run).values(run))
            standing = [
                {"run_id": id_, "country": each, "digest": f"{origin}", "since_run": id_}
                for each in countries
            ]
            connection.execute(insert(score_standing), standing)


def _scores(regions: Sequence[Region], scores: int) -> Iterator[dict[str, Any]]:
    origins = _origins(regions, scores)
    for number in range(scores):
        run, place = divmod(number, len(regions))
        region = regions[place]
        origin = origins[run]
        yield {
            "run_id": run + 1,
            "region": region.id,
            "country": region.country,
            "target": "force",
            "horizon_weeks": 4,
            "origin": origin,
            "model": "invented@1",
            "basis": "calibrated",
            "band": "low",
            "probability": (number * _BIG % 1000) / 2000,
            "low": 0.01,
            "high": 0.6,
            "completeness": 1.0,
            "sources": _FOOTING,
            "drivers": _DRIVERS,
            "members": _NO_MEMBERS,
            "as_of": midnight(origin),
            "interim": False,
            "recorded_at": _scored_at(origin),
        }


def _alerts(service: Service, regions: Sequence[Region], number: int) -> None:
    """Open alerts evenly over time; all but the last hundred were acknowledged and closed."""
    rule = next(each for each in service.rulebook.rules if each.level is Level.ADMIN1)
    changes: list[Change] = []
    for each in range(number):
        day = FIRST + timedelta(days=each * WEEKS * 7 // number)
        opened = alert_of(rule, regions[each * _BIG % len(regions)], f"bench-{each}", day)
        at = midnight(day)
        changes.append(Change(ChangeKind.OPENED, opened, at, "invented"))
        if each < number - 100:
            taken = replace(opened, state=AlertState.ACKNOWLEDGED)
            closed = replace(opened, state=AlertState.CLOSED, closed_on=day + 4 * WEEK)
            changes.append(Change(ChangeKind.ACKNOWLEDGED, taken, at + WEEK, "invented"))
            changes.append(Change(ChangeKind.CLOSED, closed, at + 4 * WEEK, "invented"))
    changes.sort(key=lambda change: change.at)
    for first in range(0, len(changes), 1000):
        with service.store.write() as connection:
            alerts.record(connection, changes[first : first + 1000], {})
