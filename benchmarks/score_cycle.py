"""Time of a score cycle over all subdivisions and countries, and of a bare insert of its scores."""

import resource
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, insert, select, text

from benchmarks.rows import Row, timed
from benchmarks.stores import service_on, sqlite
from ewarn.domain.kinds import source_signals
from ewarn.domain.region import Level, Region
from ewarn.domain.rule import Rule
from ewarn.domain.source import Coverage, Health
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, known_after, midnight
from ewarn.frames.events import EVENT_COLUMNS, event_frame
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.alerts.corrections import correct
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.events import events, volumes
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.tables.events import count_delta

SOURCE = "gdelt"
ORIGIN = date(2024, 1, 1)
WEEKS = 104
WEEKS_OF_EVENTS = 5  # drivers list events of the last weeks only, so older events need no rows
RECORDS = 20  # of all kinds a week in each region
RATE = 0.2  # events a week of each kind in each region
BUDGET = "bar 10 s and 1 GiB"
COUNTRY, COUNTRY_WEEKS, COUNTRY_BUDGET = "TGO", 884, "budget 2 s"


def main() -> list[Row]:
    """Measure seconds and memory of a cycle on two years of invented counts."""
    with sqlite() as url, service_on(url, sources=(SOURCE,)) as service:
        regions = fill(service)
        report = None

        def cycle() -> None:
            nonlocal report
            report = score(service, SOURCE, midnight(ORIGIN))

        seconds = timed(cycle)
        assert report is not None
        again = timed(lambda: score(service, SOURCE, midnight(ORIGIN)))
        interim = _interim(service)
        correcting, held = _corrections(service)
        bare = _bare(service)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    one, parts = _one_country()
    return [
        Row(
            f"score cycle, {regions:,} regions × {WEEKS} weeks, {report.scores:,} scores, SQLite",
            f"{seconds:.1f} s, {memory:.2f} GiB at most ({BUDGET})",
            f"executemany of the same scores: {bare:.2f} s",
            f"{seconds / bare:.1f} times the time",
        ),
        Row(
            "the same cycle again, nothing new",
            f"{again:.1f} s",
            f"the first: {seconds:.1f} s",
            f"{again / seconds:.2f} times the time",
        ),
        Row(
            "an interim run after it: nine events in one country, scored and decided",
            f"{interim:.2f} s (bar 1.5 s)",
            f"the first cycle: {seconds:.1f} s",
            f"{interim / seconds:.2f} times the time",
        ),
        Row(
            f"a revision, and {held} alerts of one origin held against it",
            f"{correcting:.1f} s",
            f"the first cycle: {seconds:.1f} s",
            f"{correcting / seconds:.2f} times the time",
        ),
        Row(
            f"one country, {parts} regions × {COUNTRY_WEEKS} weeks",
            f"{one:.2f} s ({COUNTRY_BUDGET})",
            f"all countries: {seconds:.1f} s",
            f"{one / seconds:.2f} times the time",
        ),
    ]


def _interim(service: Service) -> float:
    """Measure scoring and deciding in the middle of the week, after events in one country."""
    now = midnight(ORIGIN) + timedelta(hours=30)
    lome = {"country": COUNTRY, "region": "TG-M", "location_precision": "admin1"}
    rows = [_event(f"i{number}", "force", now.date(), now, **lome) for number in range(9)]
    with service.store.write() as connection:
        events.append(connection, event_frame(rows), now)
    report = None

    def run() -> None:
        nonlocal report
        report = score(service, SOURCE, now)
        alert(service, now)

    seconds = timed(run)
    assert report is not None
    assert report.raised
    return seconds


def _corrections(service: Service) -> tuple[float, int]:
    """Measure scoring the newest origin again on today's data, and the alerts that it opened."""
    detecting = Rule("bench", Target.FORCE, Level.ADMIN1, 4, 1.0, 0.0, detector=True)
    ruled = replace(service, rulebook=replace(service.rulebook, rules=(detecting,)))
    opened = len(alert(ruled, midnight(ORIGIN)).changes)
    later = midnight(ORIGIN + WEEK)
    with service.store.write() as connection:
        row = connection.execute(select(count_delta).limit(1)).one()._asdict()
        del row["id"]
        connection.execute(
            insert(count_delta), [row | {"delta": -row["delta"], "recorded_at": later}]
        )
    report = None

    def held() -> None:
        nonlocal report
        report = correct(ruled, later)

    seconds = timed(held)
    assert report is not None
    assert report.scored == 1
    return seconds, opened


def _one_country() -> tuple[float, int]:
    """Measure scoring of a source of one country that is as long as panels reach back."""
    with sqlite() as url, service_on(url, sources=(SOURCE,)) as service:
        regions = fill(service, COUNTRY, COUNTRY_WEEKS)
        return timed(lambda: score(service, SOURCE, midnight(ORIGIN))), regions


def fill(service: Service, country: str = "*", weeks: int = WEEKS) -> int:
    """Fill in some weeks of the ledger and the events of the last ones, for one country or all."""
    regions = service.places.regions(countries=None if country == "*" else [country])
    signals = [name for name in source_signals(SOURCE) if name.count(":") == 1]
    first = ORIGIN - weeks * WEEK
    random = np.random.default_rng(1)
    recorded = midnight(first)
    old = weeks - WEEKS_OF_EVENTS
    with service.store.write() as connection:
        for signal in signals[:5]:
            drawn = random.poisson(RATE, (old, len(regions)))
            connection.execute(insert(count_delta), ledger_rows(signal, drawn, regions, first))
        kinds = [signal.partition(":")[2] for signal in signals[:5]]
        events.append(connection, event_frame(_events(regions, kinds, random)), recorded)
        covered = [Coverage(SOURCE, country, first, ORIGIN - WEEK)]
        run = runs.Run(SOURCE, recorded, Health.OK, "invented", Appended(), 0, {}, None)
        run_id = runs.record_run(connection, runs.Reading(run, covered=covered))
        _tell(connection, run_id, regions, first, weeks)
    return len(regions)


def _tell(
    connection: Connection, run_id: int, regions: Sequence[Region], first: date, weeks: int
) -> None:
    """Fill in numbers of records of all kinds, known when each week ended."""
    for number in range(weeks):
        week = first + number * WEEK
        told = {(region.id, week): RECORDS for region in regions}
        parents = {region.id: region.country for region in regions}
        known = midnight(week + WEEK)
        volumes.add(connection, run_id, SOURCE, told, known, parents=parents)


def ledger_rows(
    signal: str, drawn: npt.NDArray[np.int64], regions: Sequence[Region], first: date
) -> list[dict[str, object]]:
    """Return ledger rows for counts of a signal (weeks, regions), known when each week ended."""
    recorded = midnight(first)
    return [
        {
            "region": regions[region].id,
            "week": (week := first + int(at) * WEEK),
            "last_week": week,
            "signal": signal,
            "known_at": midnight(week + WEEK),
            "recorded_at": recorded,
            "delta": int(drawn[at, region]),
        }
        for at, region in np.argwhere(drawn)
    ]


def _events(
    regions: Sequence[Region], kinds: list[str], random: np.random.Generator
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for region in regions:
        for kind in kinds:
            for week in range(1, WEEKS_OF_EVENTS + 1):
                for _ in range(random.poisson(RATE)):
                    day = ORIGIN - week * WEEK
                    place = {
                        "country": region.country,
                        "region": region.id,
                        "location_precision": "admin1" if region.parent else "country",
                    }
                    known = known_after(day)
                    rows.append(_event(f"e{len(rows)}", kind, day, known, **place))
    return rows


def _event(name: str, kind: str, day: date, known_at: datetime, **place: str) -> dict[str, object]:
    return {
        **dict.fromkeys(EVENT_COLUMNS),
        "source": SOURCE,
        "source_event_id": name,
        "kind": kind,
        "occurred_on": day,
        "ended_on": day,
        "date_precision": "day",
        "known_at": known_at,
        "known_at_estimated": True,
        "tags": "",
        "deleted": False,
        **place,
    }


def _bare(service: Service) -> float:
    """Return the seconds of inserting the scores again with the driver alone."""
    with service.store.read() as connection:
        cursor = connection.connection.cursor()
        cursor.execute("SELECT * FROM score")
        rows = cursor.fetchall()
    marks = ", ".join("?" * len(rows[0]))

    def insert_rows() -> None:
        with service.store.write() as connection:
            cursor = connection.connection.cursor()
            cursor.executemany(f"INSERT INTO score VALUES ({marks})", rows)

    with service.store.write() as connection:
        connection.execute(text("DELETE FROM score"))
    return timed(insert_rows)
