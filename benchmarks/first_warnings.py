"""Messages to an office from GDELT and the packaged rules, in an invented world (`gdelt_world`).

It uses a new SQLite store and the real service with default settings, except for the address of
GDELT: a server on this machine with one file a day. The first year is back-filled. The second is
read day by day under a simulated clock. Scores, decisions and deliveries are made on Mondays and,
by the week so far, on Wednesdays and Saturdays (the service would score in every hour in which
something was read). The service learns that this server publishes one file a day.

`gdelt_verdict` defines which messages count as a warning of a surge, and which as other messages.
"""

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from benchmarks.gdelt_verdict import BAR, SentMessage, Verdict, judged, years_of
from benchmarks.gdelt_world import FIRST_DAY, WEEKS, WEEKS_BEFORE, World, world
from benchmarks.gdelt_world_files import WorldFiles, moment_of
from benchmarks.local_server import serving
from benchmarks.rows import Row
from benchmarks.stores import service_on, sqlite
from ewarn.domain.alert import WARNINGS
from ewarn.domain.source import Payload, Unread
from ewarn.domain.target import Band
from ewarn.domain.time import DAY, WEEK, midnight
from ewarn.notify.messages.payload_fields import CALLS_TO_ACT
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.alerts.remind import remind
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.intake.backfill import back_fill
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.tables.delivery import outbox
from ingest.gdelt.options import GdeltOptions
from ingest.gdelt.source import GdeltSource

SEED = 401
LIVE = FIRST_DAY + WEEKS_BEFORE * WEEK  # the first day after the back-fill
END = FIRST_DAY + WEEKS * WEEK
HOUR = timedelta(hours=1)
SCORED_ON = (0, 2, 5)  # days of the week
_WARNINGS = frozenset(map(str, WARNINGS | CALLS_TO_ACT))


class Daily(GdeltSource):
    """GDELT with a single request a day, for the last slot.

    The server has no files for the other slots, and a year of failed requests would take hours.
    """

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Yield the files of the days after `since`, or of yesterday if it is None."""
        sums = {item.name: item for item in self._newest(now)}
        moment = moment_of(now.date() - DAY) if since is None else since + DAY
        while moment <= now:
            yield self._of_slot(moment, "", sums, now)
            moment += DAY


def main(seed: int = SEED) -> list[Row]:
    """Return the row of one world. A number after `=` on the command line is its seed."""
    begun = time.monotonic()
    planted = world(seed)
    files = WorldFiles(planted, seed, noise=True)
    with (
        serving(files.answer) as address,
        sqlite() as url,
        service_on(url, {"gdelt": GdeltOptions(url=address)}, sources=("gdelt",)) as service,
    ):
        _back_fill(service, files)
        _live(service, files)
        messages = _messages(service)
    found = judged(planted, messages)
    minutes = (time.monotonic() - begun) / 60
    for surge in planted.surges:
        fate = "told" if surge in found.told else "later" if surge in found.later else "missed"
        print(f"{fate}: {surge.region} from {surge.first_day}", file=sys.stderr)
    return [_row(f"seed {seed}, {minutes:.0f} min", planted, found, messages)]


def _row(what: str, planted: World, found: Verdict, messages: list[SentMessage]) -> Row:
    years = years_of(planted)
    whole = sum(message.is_whole for message in found.others)
    parts = len(found.others) - whole
    return Row(
        f"surges told of within one run, by GDELT alone and the packaged rules, {what}",
        f"{len(found.told)} of {len(planted.surges)}, {len(found.later)} later ({BAR})",
        f"{len(messages)} messages and countries, {len(found.others)} of no surge",
        f"{len(found.others) / years:.2f} other messages a country and year "
        f"({whole / years:.2f} of countries, {parts / years:.2f} of subdivisions alone)",
    )


def _back_fill(service: Service, files: WorldFiles) -> None:
    """Back-fill the first year on the day after it."""
    files.publish(LIVE - DAY)
    now = midnight(LIVE) + HOUR
    source = _source(service)
    report = back_fill(service, source, FIRST_DAY, LIVE - DAY, lambda: now)
    assert not report.unread, report.unread[:3]
    print(f"back-filled {report.rows:,} rows, {report.weeks} weeks", file=sys.stderr)


def _live(service: Service, files: WorldFiles) -> None:
    """Run the second year day by day, with weekly scores on Mondays and interim scores between.

    Raises:
        RuntimeError: The file of a day was not read.
    """
    source = _source(service)
    service = replace(service, sources={"gdelt": source})
    for number in range((END - LIVE).days + 1):
        day = LIVE + number * DAY
        now = midnight(day) + HOUR
        files.publish(day - DAY)
        if ingest(service, source, now).payloads != 1:
            raise RuntimeError(f"the file of {day - DAY} was not read")
        if day.weekday() not in SCORED_ON:
            continue
        score(service, "gdelt", now)
        alert(service, now)
        remind(service, now)
        deliver(service, lambda now=now: now)  # type: ignore[misc]
        if not number % 28:
            print(f"{day}", file=sys.stderr)


def _source(service: Service) -> Daily:
    known = service.sources["gdelt"]
    assert isinstance(known, GdeltSource)
    return Daily(known._client, url=known._url)


def _messages(service: Service) -> list[SentMessage]:
    """Return the warnings in the outbox of all recipients, each country once for each day."""
    named: dict[tuple[str, date], list[dict[str, str]]] = {}
    with service.store.read() as connection:
        for row in connection.execute(select(outbox.c.body, outbox.c.created_at)):
            for item in row.body["items"]:
                if item.get("change") in _WARNINGS:
                    named.setdefault((item["country"], row.created_at.date()), []).append(item)
    return [
        SentMessage(
            country,
            day,
            any(item["region"] == country for item in items),
            max((Band(item["level"]) for item in items), key=lambda band: band.rank),
        )
        for (country, day), items in sorted(named.items())
    ]
