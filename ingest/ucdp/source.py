"""UCDP: deadly organised violence, coded by people at Uppsala University.

This module fetches vintages; their rows are parsed in `ingest.ucdp.rows`. A vintage is a release as
it was published: the yearly one (`26.1`, all years up to 2025) or the candidate of a month
(`26.0.8`, August 2026). Each is merged with what was read before it: corrections create versions,
and events that are missing in its days are deleted. Source: UCDP API documentation, UCDP dataset
download centre.
"""

import gzip
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import orjson

from ewarn.domain.source import Coverage, Payload, Span, Terms
from ewarn.domain.time import DAY, WEEK, midnight, require_utc, week_of
from ewarn.errors import SourceRefused, SourceUnreachable
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.shared.web import AddressNotFound, Web
from ingest.ucdp.rows import NAME, read_vintage

API_URL = "https://ucdpapi.pcr.uu.se/api"
FILES_URL = "https://ucdp.uu.se/downloads"
SINCE = 2015
PAGE = 1_000  # events; the most that the API gives at once
MOST_PAGES = 1_000
PATIENCE = timedelta(days=45)  # a missing vintage is skipped after this time

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Vintage:
    """A yearly release, or the candidate release of a month."""

    year: int
    month: int | None = None

    @property
    def version(self) -> str:
        """The version number that the API uses."""
        tail = "1" if self.month is None else f"0.{self.month}"
        return f"{self.year % 100}.{tail}"

    @property
    def file(self) -> str:
        """The path of its file, relative to the address of the files."""
        if self.month is None:
            return f"ged/ged{self.year % 100}1-csv.zip"
        return f"candidateged/GEDEvent_v{self.version.replace('.', '_')}.csv"

    @property
    def known_at(self) -> datetime:
        """When it became known, which is an estimate, because nobody records it.

        A candidate counts as known on the 20th of the month after its own. A yearly release, which
        comes in June, counts as known on the first of July at the latest.
        """
        if self.month is None:
            return midnight(date(self.year, 7, 1))
        return midnight((self.last_day + DAY).replace(day=20))

    @property
    def first_day(self) -> date:
        """The first day of its data; a yearly release goes back to 1989."""
        return date(1989, 1, 1) if self.month is None else date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day of its data."""
        if self.month is None:
            return date(self.year - 1, 12, 31)
        return (self.first_day + 31 * DAY).replace(day=1) - DAY


class UcdpSource:
    """Events of organised violence with at least one death, anywhere, since 1989.

    Terms: CC BY 4.0, also for fitting models. Cadence: a month. Lag: three weeks after a month's
    end, estimated: a candidate release counts as known on the 20th of the month after, a yearly
    one on the first of July. Revisions: large; every release corrects the ones before it, and the
    yearly one changes a year's deaths by up to a fifth. Geography: the world, most rows at a
    place. It has deadly events only: where nobody died there is no event, which does not mean
    peace. Sides, conflicts and headlines are dropped when rows are read. For those who killed
    civilians it is stored whether they were a state, and for deaths the bounds and the best
    estimate.
    """

    name = NAME
    cadence = timedelta(days=30)
    lag = timedelta(weeks=9)  # of the newest week, just before the next month is published
    retention = timedelta(0)  # releases name sides and headlines, and can be fetched again
    obstacle = None  # without a token the files are read instead of the API
    terms = Terms(
        attribution="Uppsala Conflict Data Program, UCDP GED and UCDP Candidate (ucdp.uu.se)",
        licence="CC BY 4.0",
        redistribute=True,
        train=True,
        url="https://ucdp.uu.se/downloads/",
    )

    def __init__(
        self,
        web: Web | None = None,
        *,
        token: str = "",
        since: int = SINCE,
        url: str = API_URL,
        files_url: str = FILES_URL,
    ) -> None:
        self._web = web
        self._token = token
        self._first_day = date(since, 1, 1)
        self._api = url.rstrip("/")
        self._files = files_url.rstrip("/")

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Yield the vintages that became known after `since`, oldest first, one per payload.

        At first these are the newest yearly release and the candidates from its year on. A vintage
        that cannot be published by `now` is not requested. If a vintage is late, the ones after it
        wait too, so that it is not skipped for ever.

        Raises:
            SourceError: If UCDP cannot be read, or has none of the vintages that it should have.
        """
        assert self._web is not None  # only a source that is never fetched has none
        now = require_utc(now)
        missing: list[str] = []
        for vintage in vintages(since or _beginning(now), now):
            body = self._page_by_page(self._web, vintage) if self._token else self._file(vintage)
            if body is not None:
                missing.clear()
                yield self._payload(vintage, body, now)
            elif now - vintage.known_at < PATIENCE:
                break
            else:
                _log.warning("ucdp has published no version %s", vintage.version)
                missing.append(vintage.version)
        if missing:
            raise SourceRefused(
                f"{self._api if self._token else self._files} has no version "
                f"{', '.join(missing)} of UCDP's events: see whether they have moved."
            )

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield batches in which every row is an event, skipped or rejected.

        Raises:
            RecordRejected: If it is another file.
        """
        known_at = payload.published_at or payload.fetched_at
        coverage = _covered(payload)
        for batch in read_vintage(payload.body, places, known_at, self._first_day):
            yield replace(batch, coverage=coverage)
            coverage = ()

    def _file(self, vintage: Vintage) -> bytes | None:
        assert self._web is not None
        url = f"{self._files}/{vintage.file}"
        try:
            answer = self._web.get(url)
        except AddressNotFound:
            return None
        if answer.is_page:
            raise SourceRefused(f"{url} is a web page where a file was: see whether it has moved.")
        return answer.body

    def _page_by_page(self, client: Web, vintage: Vintage) -> bytes | None:
        """Return the pages, one per line, as gzip, or None if there is no such version."""
        url = f"{self._api}/gedevents/{vintage.version}"
        params: dict[str, str | int] = {"pagesize": PAGE}
        if vintage.month is None:
            params["StartDate"] = self._first_day.isoformat()
        pages: list[bytes] = []
        found, total, number = 0, 0, 1
        while len(pages) < number:
            try:
                answer = client.get(
                    url,
                    params=params | {"page": len(pages)},
                    headers={"x-ucdp-access-token": self._token},
                )
            except AddressNotFound:
                if pages:
                    raise
                return None
            total, number, events = _counted(answer.body, url)
            if total == 0:
                return None
            found += events
            # A page is written on one line: in JSON a line end can be replaced by a blank.
            one_line = answer.body.replace(b"\r", b" ").replace(b"\n", b" ")
            pages.append(gzip.compress(one_line + b"\n", mtime=0))
        if found != total:
            raise SourceUnreachable(
                f"{url} gave {found} of {total} events: it changed meanwhile; it will be tried "
                "again."
            )
        return b"".join(pages)

    def _payload(self, vintage: Vintage, body: bytes, now: datetime) -> Payload:
        first_day = max(vintage.first_day, self._first_day)
        form = "json.gz" if self._token else vintage.file.rsplit(".", 1)[1]
        return Payload(
            source=NAME,
            name=f"gedevents-{vintage.version}.{form}",
            body=body,
            fetched_at=now,
            first_day=first_day,
            last_day=vintage.last_day,
            published_at=vintage.known_at,
            whole=(Span("*", first_day, vintage.last_day, vintage.known_at),),
        )


def vintages(since: datetime, now: datetime) -> list[Vintage]:
    """Return the vintages that become known after `since` and by `now`, in this order."""
    found = [
        Vintage(year, month)
        for year in range(since.year - 1, now.year + 1)
        for month in (None, *range(1, 13))
    ]
    found = [vintage for vintage in found if since < vintage.known_at <= now]
    return sorted(found, key=lambda vintage: vintage.known_at)


def _beginning(now: datetime) -> datetime:
    """Return a moment before the first candidate that the newest yearly release does not contain.

    Only a yearly release that certainly is published is considered.
    """
    year = (now - PATIENCE).year
    if Vintage(year).known_at > now - PATIENCE:
        year -= 1
    return midnight(date(year, 2, 1))


def _covered(payload: Payload) -> tuple[Coverage, ...]:
    """Return the coverage: the weeks that ended by the last day of a vintage.

    The first week of a month is included, because its other days were read with the month before.
    The first week of a yearly release must be whole, because nothing was read before it.
    """
    if payload.first_day is None or payload.last_day is None:
        return ()
    is_month = payload.last_day - payload.first_day < 31 * DAY
    first = week_of(payload.first_day if is_month else payload.first_day + WEEK - DAY)
    last = week_of(payload.last_day + DAY) - WEEK
    return (Coverage(NAME, "*", first, last),) if first <= last else ()


def _counted(body: bytes, url: str) -> tuple[int, int, int]:
    """Return the number of all events, of all pages, and of the events on this page.

    Raises:
        SourceRefused: If it is not a page of events, or there are too many pages.
    """
    try:
        page = orjson.loads(body)
        total, pages, events = int(page["TotalCount"]), int(page["TotalPages"]), len(page["Result"])
    except (ValueError, KeyError, TypeError) as error:
        raise SourceRefused(
            f"{url} gave no page of events ({type(error).__name__}: {error}): see whether UCDP has "
            "changed its answers."
        ) from error
    if pages > MOST_PAGES:
        raise SourceRefused(f"{url} has {pages} pages: too many; set EWARN_UCDP_SINCE later.")
    return total, pages, events
