"""HDX HAPI: how many events of a kind ACLED counted in a month, by country or district.

Fetching is here, reading the rows in `hapi_rows`. Source: HDX HAPI documentation
(hdx-hapi.readthedocs.io) and its source code, API version 2.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from ewarn.domain.source import Payload, Span, Terms
from ewarn.domain.time import midnight, require_utc
from ewarn.errors import RecordRejected, SourceRefused, SourceUnreachable
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.hapi import rows as hapi_rows
from ingest.hapi.rows import month_after, months_before
from ingest.shared.json_records import read_json
from ingest.shared.web import NotTaken, Web

BASE_URL = "https://hapi.humdata.org/api/v2"
CONFLICT_EVENTS = "coordination-context/conflict-events"
RESOURCES = "metadata/resource"
LIMIT = 10_000  # rows of an answer: HAPI cuts longer ones without a word
MAX_PAGES = 100  # of one month: it has about two
MONTHS = 3  # read at each release: ACLED revises the newest ones most
MONTHS_AT_FIRST = 24
READINGS = 3  # of a month whose rows move while they are read
SETTLED_AFTER = timedelta(days=10)  # from its end until a month is counted to its last day

# The resources that the two groups of events we take are counted from.
_STUBS = ("civilian-targeting", "demonstration")

Question = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Release:
    """When ACLED last counted the events, and when HAPI took the counts in."""

    counted_at: datetime
    known_at: datetime


NAME = "hapi"
LICENCE = "acled"  # its counts are made of ACLED's events


class HapiSource:
    """Monthly counts of demonstrations and of attacks on civilians, made from ACLED's events.

    Terms: ACLED's: nothing is fitted on them, and rows go to holders of the licence `acled`
    alone, where the operator states it. They are of no week, so they are never scored. Cadence:
    a month, when the month before has been counted to its end. Lag: known when HAPI took in the
    count, ten days to six weeks after the month. Revisions: the last three months are read
    again with each new one, and what is gone is a deletion. Geography: the world; subdivisions
    where a humanitarian plan runs, elsewhere countries. A count of five is five events of that
    month without a day; deaths cannot be told apart and are left unknown.
    """

    name = NAME
    cadence = timedelta(days=31)
    not_scored = "it counts whole months, and what is scored are weeks"
    retention = timedelta(days=30)
    terms = Terms(
        attribution="ACLED (acleddata.com), through HDX HAPI (OCHA)",
        licence="ACLED terms of use",
        redistribute=False,
        train=False,
        url="https://acleddata.com/eula",
    )

    def __init__(
        self,
        web: Web | None = None,
        *,
        url: str = BASE_URL,
        app_name: str = "ewarn",
        email: str = "",
        licence: str = "",
    ) -> None:
        self.terms = self.terms.stated(LICENCE, licence)
        self._web = web
        self._base_url = url.rstrip("/")
        self._app_name = app_name
        self._email = email

    @property
    def obstacle(self) -> str | None:
        """That nobody is named to HAPI, if so."""
        if self._app_name and self._email:
            return None
        return (
            "EWARN_HAPI_EMAIL must hold an address that HAPI may write to, and EWARN_HAPI_APP_NAME "
            "a name for this service"
        )

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Once a new month is whole: its counts and those of the months before, oldest first.

        Each payload holds one month wholly; only the last moves the cursor. Raises
        SourceUnreachable (also where the counts were renewed while they were read), SourceDenied
        or SourceRefused.
        """
        now = require_utc(now)
        release = self._release()
        newest = newest_whole_month(release.counted_at)
        months = months_to_read(since and newest_whole_month(require_utc(since)), newest)
        for month in months:
            body = self._month(month)
            is_last = month == newest
            if is_last and self._release() != release:
                raise SourceUnreachable(
                    "HAPI renewed its counts while they were read: they will be read again."
                )
            yield self._payload(
                months[0],
                month,
                body,
                now,
                known_at=min(release.known_at, now),
                mark=release.counted_at if is_last else since or midnight(months[0]),
            )

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Every count as that many events, skipped or rejected; raises RecordRejected."""
        yield hapi_rows.read_month(payload, places)

    def _payload(
        self,
        first_month: date,
        month: date,
        body: bytes,
        now: datetime,
        *,
        known_at: datetime,
        mark: datetime,
    ) -> Payload:
        last_day = month_after(month) - timedelta(days=1)
        return Payload(
            source=self.name,
            name=f"{month:%Y-%m} as of {known_at:%Y-%m-%dT%H:%M:%SZ}",
            body=body,
            fetched_at=now,
            first_day=first_month,
            last_day=last_day,
            published_at=mark,
            whole=(Span("*", month, last_day, known_at),),
        )

    def _release(self) -> Release:
        """When ACLED last counted what we take, and when HAPI took it in."""
        question: Question = {"dataset_hdx_provider_stub": "acled", "limit": LIMIT, "offset": 0}
        rows = _rows(self._asked(RESOURCES, question))
        used = [row for stub in _STUBS for row in _of_dataset(rows, stub)]
        return Release(
            counted_at=min(_moment(row, "update_date") for row in used),
            known_at=max(_moment(row, "hapi_updated_date") for row in used),
        )

    def _month(self, month: date) -> bytes:
        """All pages of a month, untouched, as one JSON list. Read again where a row stands on two
        pages: then another stands on none.
        """
        for _ in range(READINGS):
            pages: list[bytes] = []
            seen: set[bytes] = set()
            doubles = 0
            for page in self._pages(month):
                keys = {orjson.dumps(row, option=orjson.OPT_SORT_KEYS) for row in _rows(page)}
                doubles += len(seen & keys)
                seen |= keys
                pages.append(page)
                if doubles:
                    break
            if not seen:
                raise SourceRefused(
                    f"HAPI holds no count of {month:%Y-%m}, not even zeros: see its data."
                )
            if not doubles:
                return b"[" + b",".join(pages) + b"]"
        raise SourceUnreachable(
            f"HAPI gives rows of {month:%Y-%m} on two pages, {READINGS} times: it is tried again."
        )

    def _pages(self, month: date) -> Iterator[bytes]:
        """The pages of a month, up to the one without rows: a short one may have been cut."""
        offset = 0
        for _ in range(MAX_PAGES):
            page = self._asked(
                CONFLICT_EVENTS,
                {
                    "start_date": month.isoformat(),
                    "end_date": month_after(month).isoformat(),
                    "limit": LIMIT,
                    "offset": offset,
                },
            )
            found = len(_rows(page))
            if not found:
                return
            yield page
            offset += found
        raise SourceRefused(f"HAPI's counts of {month:%Y-%m} do not end: see its data.")

    def _asked(self, path: str, question: Question) -> bytes:
        assert self._web is not None  # only a source that is never fetched has none
        identifier = base64.b64encode(f"{self._app_name}:{self._email}".encode()).decode()
        try:
            answer = self._web.get(
                f"{self._base_url}/{path}",
                params={"output_format": "json", **question},
                # In a header, not in the address: that would be logged, and the e-mail with it.
                headers={"x-hdx-hapi-app-identifier": identifier},
            )
        except NotTaken as error:
            raise SourceRefused(
                f"{error} EWARN_HAPI_APP_NAME and EWARN_HAPI_EMAIL may not be what HAPI takes."
            ) from error
        if answer.is_page:
            raise SourceRefused(
                "HAPI answered with a web page instead of data: see whether it has moved, or is "
                "down."
            )
        return answer.body


def newest_whole_month(counted_at: datetime) -> date:
    """The first day of the newest month that had been counted to its end at a moment."""
    settled = (counted_at - SETTLED_AFTER).date()
    return months_before(settled.replace(day=1), 1)


def months_to_read(read: date | None, newest: date) -> list[date]:
    """The months to read, oldest first, when `read` was the newest one read well before: what is
    new and, with it, what may have been revised. None where nothing is new.
    """
    if read is not None and newest <= read:
        return []
    revised = months_before(newest, MONTHS - 1)
    earliest = months_before(newest, MONTHS_AT_FIRST - 1)
    first = earliest if read is None else max(earliest, min(revised, month_after(read)))
    months = [first]
    while months[-1] < newest:
        months.append(month_after(months[-1]))
    return months


def _rows(body: bytes) -> list[Any]:
    """The rows of an answer; raises SourceUnreachable where it broke off, SourceRefused where it
    is something else."""
    try:
        document, _ = read_json(body)
    except RecordRejected as error:
        raise SourceUnreachable(f"HAPI's answer cannot be used: {error}") from error
    rows = document.get("data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise SourceRefused("HAPI's answer holds no list called `data`: see its API.")
    return rows


def _of_dataset(rows: list[Any], stub: str) -> Sequence[Mapping[str, Any]]:
    """Metadata of the resources of a dataset; raises SourceRefused where there is none."""
    found = [
        row
        for row in rows
        if isinstance(row, dict) and str(row.get("dataset_hdx_stub", "")).startswith(stub)
    ]
    if not found:
        raise SourceRefused(f"HAPI lists no dataset {stub!r} of ACLED any more: see its metadata.")
    return found


def _moment(row: Mapping[str, Any], name: str) -> datetime:
    """A time of HAPI's, which is UTC and does not say so."""
    try:
        moment = datetime.fromisoformat(str(row.get(name)))
    except ValueError:
        raise SourceRefused(f"HAPI's metadata do not say {name}: see its API.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else require_utc(moment)
