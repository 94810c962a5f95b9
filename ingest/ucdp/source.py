"""UCDP: deadly organised violence, coded by people at Uppsala University.

Fetching vintages is here, reading their rows in `ucdp_rows`. A vintage is a release as it was: the
yearly one (`26.1`, all years up to 2025) or the candidate of a month (`26.0.8`, August 2026). Each
is merged over what was read before it: corrections make versions, and events that are gone from
the days it holds are deleted. Source: UCDP API documentation, UCDP dataset download centre.
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
from ingest.shared.web import NotThere, Web
from ingest.ucdp.rows import NAME, read_vintage

API_URL = "https://ucdpapi.pcr.uu.se/api"
FILES_URL = "https://ucdp.uu.se/downloads"
SINCE = 2015
PAGE = 1_000  # events; the most the API gives at once
MOST_PAGES = 1_000
# A vintage that is not there yet is waited for so long; then it is passed over.
PATIENCE = timedelta(days=45)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Vintage:
    """A yearly release, or the candidate release of a month."""

    year: int
    month: int | None = None

    @property
    def version(self) -> str:
        """As the API calls it."""
        tail = "1" if self.month is None else f"0.{self.month}"
        return f"{self.year % 100}.{tail}"

    @property
    def file(self) -> str:
        """Where its file lies."""
        if self.month is None:
            return f"ged/ged{self.year % 100}1-csv.zip"
        return f"candidateged/GEDEvent_v{self.version.replace('.', '_')}.csv"

    @property
    def known_at(self) -> datetime:
        """When it became known, as nobody records it: a candidate on the 20th of the month after
        its own, a yearly release (which comes in June) at the latest on the first of July.
        """
        if self.month is None:
            return midnight(date(self.year, 7, 1))
        return midnight((self.last_day + DAY).replace(day=20))

    @property
    def first_day(self) -> date:
        """The first day it holds; a yearly release goes back to 1989."""
        return date(1989, 1, 1) if self.month is None else date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day it holds."""
        if self.month is None:
            return date(self.year - 1, 12, 31)
        return (self.first_day + 31 * DAY).replace(day=1) - DAY


class UcdpSource:
    """Events of organised violence with at least one death, anywhere, since 1989.

    Terms: CC BY 4.0, fitting included. Cadence: a month. Lag: three weeks after a month's end,
    estimated: a candidate release counts as known on the 20th of the month after, a yearly one on
    the first of July. Revisions: large; every release corrects the ones before it, and the yearly
    one moves a year's deaths by up to a fifth. Geography: the world, most rows at a place. Deadly
    events only: where nobody died there is none, which is no peace. Sides, conflicts and headlines
    are dropped where rows are read; of who killed civilians it is kept whether it was a state, and
    of the dead the bounds and the best estimate.
    """

    name = NAME
    cadence = timedelta(days=30)
    lag = timedelta(weeks=9)  # of the newest week, right before the next month is out
    retention = timedelta(0)  # sides and headlines stand in it, and it can be had again
    obstacle = None  # without a token its files are read
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
        """Vintages that became known after `since`, oldest first, each one payload; at first the
        newest yearly release and the candidates from its year on. Raises SourceError.

        What cannot be out by `now` is not asked for. A vintage that is late is waited for, and
        those after it with it, so that none is passed over for good.
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
        """Every row as an event, skipped or rejected; raises RecordRejected on another file."""
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
        except NotThere:
            return None
        if answer.is_page:
            raise SourceRefused(f"{url} is a web page where a file was: see whether it has moved.")
        return answer.body

    def _page_by_page(self, client: Web, vintage: Vintage) -> bytes | None:
        """The pages as they came, one a line, as gzip; None where there is no such version."""
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
            except NotThere:
                if pages:
                    raise
                return None
            total, number, events = _counted(answer.body, url)
            if total == 0:
                return None
            found += events
            # A page is put on one line: in JSON an end of line is as good as a blank.
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
    """The vintages that become known after `since` and by `now`, in that order."""
    found = [
        Vintage(year, month)
        for year in range(since.year - 1, now.year + 1)
        for month in (None, *range(1, 13))
    ]
    found = [vintage for vintage in found if since < vintage.known_at <= now]
    return sorted(found, key=lambda vintage: vintage.known_at)


def _beginning(now: datetime) -> datetime:
    """Before the first candidate that the newest yearly release, if surely out, does not hold."""
    year = (now - PATIENCE).year
    if Vintage(year).known_at > now - PATIENCE:
        year -= 1
    return midnight(date(year, 2, 1))


def _covered(payload: Payload) -> tuple[Coverage, ...]:
    """Weeks that ended by the last day of a vintage. A month begins in the middle of one, whose
    other days were read with the month before; before the years of a release nothing was read.
    """
    if payload.first_day is None or payload.last_day is None:
        return ()
    is_month = payload.last_day - payload.first_day < 31 * DAY
    first = week_of(payload.first_day if is_month else payload.first_day + WEEK - DAY)
    last = week_of(payload.last_day + DAY) - WEEK
    return (Coverage(NAME, "*", first, last),) if first <= last else ()


def _counted(body: bytes, url: str) -> tuple[int, int, int]:
    """Events in all, pages in all, events on this page; raises SourceRefused."""
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
