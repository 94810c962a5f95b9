"""The embedded chronicle: 566 public facts of 14 countries, for demonstrations and tests.

It was compiled with knowledge of what came later, so it is an illustration: no model is fitted on
it, and no claim of skill is based on it. It covers the weeks from its first row to its last and
none after them, because the end of an archive must not be read as peace.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files

from ewarn.domain.source import Coverage, Payload, Terms
from ewarn.domain.time import DAY, WEEK, midnight, parse_day, require_utc, week_of
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.exchange.format import read_exchange
from ingest.shared.web import Web

NAME = "chronicle"


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """The packaged file: its header, its rows with the moment each became known, and its scope."""

    header: tuple[str, ...]
    rows: tuple[tuple[datetime, tuple[str, ...]], ...]
    countries: tuple[str, ...]
    first_day: date
    last_day: date


@lru_cache(maxsize=1)
def load_archive() -> PackagedFile:
    """Return the packaged file, which is read once per process."""
    text = files("ingest").joinpath("data", "chronicle.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    column = {name: index for index, name in enumerate(header)}
    known = [midnight(parse_day(row[column["known_on"]])) for row in rows]
    first = min(parse_day(row[column["occurred_on"]]) for row in rows)
    return PackagedFile(
        header=tuple(header),
        rows=tuple((moment, tuple(row)) for moment, row in zip(known, rows, strict=True)),
        countries=tuple(sorted({row[column["country"]] for row in rows})),
        first_day=week_of(first),
        last_day=week_of(max(known).date()) + WEEK - DAY,
    )


class ChronicleSource:
    """Facts of protests, force, arrests and talks, compiled from public pages.

    Terms: free to pass on with attribution; no model is fitted on it. Cadence: a week. Lag: a fact
    counts as known on the day after it ended, or when its page appeared. Revisions: only with a
    new version of the package. Geography: Togo 2014-2020 and escalations in thirteen countries of
    West and Central Africa and Burundi, 2014-2021, most rows in a subdivision.
    """

    name = NAME
    cadence = timedelta(days=7)
    not_scored = "it ends in 2021: it is scored in the demonstration, and for past days only"
    retention = timedelta(days=30)
    obstacle = None
    terms = Terms(
        attribution="ewarn chronicle, compiled from public pages",
        licence="facts in our own words; the pages named remain their publishers'",
        redistribute=True,
        train=False,
        url="docs/chronicle.md",
    )

    def __init__(self, web: Web | None = None) -> None:
        """Create the source, which is packaged and sends no requests."""

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Yield the rows that became known after `since`, up to `now`, as one exchange file.

        If there are none, the file has no rows, so that its weeks count as observed. Outside the
        period of the archive nothing is yielded.
        """
        archive, now = load_archive(), require_utc(now)
        began = midnight(archive.first_day) if since is None else require_utc(since)
        first_day = max(began.date(), archive.first_day)
        last_day = min(now.date() - DAY, archive.last_day)
        if first_day > last_day:
            return
        rows = [row for known_at, row in archive.rows if began < known_at <= now]
        yield Payload(
            source=self.name,
            name=f"{self.name}-{first_day}-{last_day}.csv",
            body=_written(archive.header, rows),
            fetched_at=now,
            first_day=first_day,
            last_day=last_day,
        )

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield the events of a payload, which covers the weeks that ended by its last day."""
        batch = read_exchange(payload.body, places, payload.fetched_at, source_name=self.name)
        if payload.first_day is None or payload.last_day is None:
            yield replace(batch, coverage=())
        else:
            yield replace(batch, coverage=_coverage(payload.first_day, payload.last_day))


def _coverage(first_day: date, last_day: date) -> tuple[Coverage, ...]:
    first_week, last_week = week_of(first_day), week_of(last_day + DAY) - WEEK
    if first_week > last_week:
        return ()
    return tuple(
        Coverage(NAME, country, first_week, last_week) for country in load_archive().countries
    )


def _written(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
