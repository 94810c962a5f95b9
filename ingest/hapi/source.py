"""HDX HAPI: how many events of a kind ACLED counted in a month, by country or district.

This module fetches; rows are parsed in `ingest.hapi.rows`. Source: HDX HAPI documentation
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
from ingest.shared.web import RequestNotAccepted, Web

BASE_URL = "https://hapi.humdata.org/api/v2"
CONFLICT_EVENTS = "coordination-context/conflict-events"
RESOURCES = "metadata/resource"
LIMIT = 10_000  # rows of an answer: HAPI cuts longer ones without saying so
MAX_PAGES = 100  # of one month, which has about two
MONTHS = 3  # months read at each release: ACLED revises the newest ones most
MONTHS_AT_FIRST = 24
READINGS = 3  # of a month whose rows change while they are read
SETTLED_AFTER = timedelta(days=10)  # after its end a month needs so long to be counted completely

# The datasets from which the two groups of events that are used are counted.
_STUBS = ("civilian-targeting", "demonstration")

Question = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Release:
    """When ACLED last counted the events, and when HAPI imported the counts."""

    counted_at: datetime
    known_at: datetime


NAME = "hapi"
LICENCE = "acled"  # its counts are made of ACLED's events


class HapiSource:
    """Monthly counts of demonstrations and of attacks on civilians, made from ACLED's events.

    Terms: ACLED's: no model is fitted on them, and rows are shown to holders of the licence
    `acled` only, if the operator states it. They belong to no week, so they are never scored.
    Cadence: a month, when the month before has been counted completely. Lag: known when HAPI
    imported the count, ten days to six weeks after the month. Revisions: the last three months are
    read again with each new one, and counts that have disappeared are deleted. Geography: the
    world; subdivisions where there is a humanitarian plan, elsewhere countries. A count of five is
    five events of that month without a day. Deaths are known only as a total, so those of each
    event are left unknown.
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
        """The reason why the source cannot be read: HAPI needs a name and an e-mail address."""
        if self._app_name and self._email:
            return None
        return (
            "EWARN_HAPI_EMAIL must hold an address that HAPI may write to, and EWARN_HAPI_APP_NAME "
            "a name for this service"
        )

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Yield the counts of a new complete month and of the months before it, oldest first.

        Nothing is yielded if there is no new one. Each payload has one whole month, and only the
        last one moves the cursor.

        Raises:
            SourceUnreachable: If HAPI does not answer, or renewed the counts during the reading.
            SourceDenied: If HAPI refuses access.
            SourceRefused: If its answer cannot be used.
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
        """Yield one batch, in which a count of n is n events, skipped or rejected.

        Raises:
            RecordRejected: If the payload is not one of HAPI.
        """
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
        """Return when ACLED last counted the used events, and when HAPI imported the counts."""
        question: Question = {"dataset_hdx_provider_stub": "acled", "limit": LIMIT, "offset": 0}
        rows = _rows(self._asked(RESOURCES, question))
        used = [row for stub in _STUBS for row in _of_dataset(rows, stub)]
        return Release(
            counted_at=min(_moment(row, "update_date") for row in used),
            known_at=max(_moment(row, "hapi_updated_date") for row in used),
        )

    def _month(self, month: date) -> bytes:
        """Return all pages of a month, unchanged, as one JSON list.

        The month is read again if a row is on two pages, because then another row is on none.
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
        """Yield the pages of a month up to an empty one; a short page need not be the last."""
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
                # The e-mail address is sent in a header, because the web address may be logged.
                headers={"x-hdx-hapi-app-identifier": identifier},
            )
        except RequestNotAccepted as error:
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
    """Return the first day of the newest month that was counted completely at a moment."""
    settled = (counted_at - SETTLED_AFTER).date()
    return months_before(settled.replace(day=1), 1)


def months_to_read(read: date | None, newest: date) -> list[date]:
    """Return the months to read, oldest first: the new ones and those that may be revised.

    Return [] if there is no new month.

    Args:
        read: The newest month that was read before, or None at first.
        newest: The newest complete month.
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
    """Return the rows of an answer.

    Raises:
        SourceUnreachable: If it is cut off.
        SourceRefused: If it has no rows.
    """
    try:
        document, _ = read_json(body)
    except RecordRejected as error:
        raise SourceUnreachable(f"HAPI's answer cannot be used: {error}") from error
    rows = document.get("data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise SourceRefused("HAPI's answer holds no list called `data`: see its API.")
    return rows


def _of_dataset(rows: list[Any], stub: str) -> Sequence[Mapping[str, Any]]:
    """Return the metadata of the resources of a dataset.

    Raises:
        SourceRefused: If there are none.
    """
    found = [
        row
        for row in rows
        if isinstance(row, dict) and str(row.get("dataset_hdx_stub", "")).startswith(stub)
    ]
    if not found:
        raise SourceRefused(f"HAPI lists no dataset {stub!r} of ACLED any more: see its metadata.")
    return found


def _moment(row: Mapping[str, Any], name: str) -> datetime:
    """Return a moment in HAPI's metadata, which is in UTC although this is not stated.

    Raises:
        SourceRefused: If it is missing or wrong.
    """
    try:
        moment = datetime.fromisoformat(str(row.get(name)))
    except ValueError:
        raise SourceRefused(f"HAPI's metadata do not say {name}: see its API.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else require_utc(moment)
