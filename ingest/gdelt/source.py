"""GDELT events: what the world's news says happened, every 15 minutes since 2015 and every day
before it.

Asking for files is here; their names, lists and archives are in `gdelt_files`, their rows in
`gdelt_rows`. Sources: The GDELT Project, Event Codebook 2.0 and Data Format Codebook 1.03.
"""

import hashlib
import heapq
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from tempfile import TemporaryFile

from ewarn.domain.source import ListedPayload, Payload, Terms, Unread
from ewarn.domain.time import require_utc
from ewarn.errors import RecordRejected, SourceDenied, SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.gdelt import rows as gdelt_rows
from ingest.gdelt.editions import VERSION_2
from ingest.gdelt.files import (
    SLOT,
    TRANSLATED,
    described,
    listed_days,
    listed_in,
    slot_before,
    slot_name,
)
from ingest.shared.decompress import check_zip, opened
from ingest.shared.web import NotThere, Web

BASE_URL = "http://data.gdeltproject.org/gdeltv2"
HISTORY_URL = "http://data.gdeltproject.org/events"
BEGIN = date(2015, 2, 19)  # from this day on 2.0 is read, before it 1.0
SLOTS_AT_ONCE = 7 * 96  # of a longer gap the next call reads on
MOST_AHEAD = timedelta(hours=1)  # of our clock, before one of the two must be wrong

_LISTING_LENGTH = 64 * 1024  # bytes of lastupdate.txt worth reading: it has three lines
_MASTER_LENGTH = 1024**3  # bytes: the list of all files had some 130 MB after ten years
_ARCHIVE_LENGTH = 512 * 1024**2  # bytes: a year of 1.0 has up to 200 MB


class GdeltSource:
    """Events that software reads out of the world's news: broad, quick, and noisy.

    Terms: free for any use with citation, fitting included. Cadence: 15 minutes; before
    2015-02-19 (GDELT 1.0, by back-fill only) a day. Lag: known when GDELT added the row
    (DATEADDED), minutes to hours after the news; in 1.0 at the end of that day, estimated; in the
    files of the years before April 2013, which were compiled later, the day after the event,
    estimated. Revisions: none are published; a story told again in a later file is a new version
    of the same event, and never counts twice. Geography: the world, most rows at a city or
    subdivision. Its volume grows with the media, so all rows of a region and day are counted as
    the measure of those that are tracked. English news, and what is machine-translated from 65
    languages if `EWARN_GDELT_TRANSLATED` is set. Names of actors are never read. Each story is
    judged before it counts (`docs/relevance.md`): a code is the guess of software.
    """

    name = "gdelt"
    cadence = SLOT
    retention = timedelta(0)  # names of actors stand in its files, and they can be had again
    obstacle = None
    terms = Terms(
        attribution="The GDELT Project (gdeltproject.org)",
        licence="free for any use with citation",
        redistribute=True,
        train=True,
        url="https://www.gdeltproject.org/",
    )

    def __init__(
        self,
        web: Web | None = None,
        *,
        url: str = BASE_URL,
        history_url: str = HISTORY_URL,
        translated: bool = False,
    ) -> None:
        self._web = web
        self._url = url.rstrip("/")
        self._history_url = history_url.rstrip("/")
        self._feeds = ("", TRANSLATED) if translated else ("",)

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """The files published after `since` (only the newest if None), oldest first: a week of
        them at most, and the next call goes on. A file that is damaged or not there is `Unread`.
        Raises SourceError where GDELT cannot be asked.
        """
        newest = self._newest(now)
        last = min(item.published_at for item in newest)
        last = min(last, slot_before(require_utc(now)))
        moment = last if since is None else slot_before(require_utc(since)) + SLOT
        sums = {item.name: item for item in newest}
        last = min(last, moment + (SLOTS_AT_ONCE - 1) * SLOT)
        while moment <= last:
            for feed in self._feeds:
                yield self._of_slot(moment, feed, sums, now)
            moment += SLOT

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """One file by its name; raises SourceError."""
        about = described(name)
        if about is None:
            raise SourceRefused(f"{name} is no name of a GDELT export file.")
        return self._had_if_there(
            ListedPayload(
                name, 0, None, about.published_at, about.first_day, about.last_day, about.span
            ),
            now,
        )

    def listed(self, since: date, until: date, now: datetime) -> Iterator[ListedPayload]:
        """The files that hold the days from `since` to `until`, oldest first: of 1.0 before
        2015-02-19, of 2.0 from then on. Raises SourceError.
        """
        if since < BEGIN:
            lists = (self._list(f"{self._history_url}/{name}") for name in ("md5sums", "filesizes"))
            for item in listed_days(*lists):
                if since <= item.last_day and item.first_day <= until and item.first_day < BEGIN:
                    yield item
        if until >= BEGIN:
            feeds = map(self._master, self._feeds)
            for item in heapq.merge(*feeds, key=lambda item: item.published_at):
                if max(since, BEGIN) <= item.first_day <= until and item.published_at <= now:
                    yield item

    def fetch_listed(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        """One listed file, checked against its MD5; raises SourceError."""
        return self._had(item, now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Every row as an event, skipped or rejected; raises RecordRejected on a broken archive.

        No coverage: a week is observed when most of its files were read.
        """
        about = described(payload.name)
        edition, feed = (about.edition, about.feed) if about else (VERSION_2, "")
        with opened(payload.body) as stream:
            yield from gdelt_rows.read_rows(stream, places, edition, feed)

    @property
    def _client(self) -> Web:
        assert self._web is not None  # only a source that is never fetched has none
        return self._web

    def _list(self, url: str) -> str:
        return self._client.get(url).body.decode("ascii", errors="replace")

    def _newest(self, now: datetime) -> list[ListedPayload]:
        """The newest file of each feed as GDELT lists it."""
        return [self._newest_of(feed, now) for feed in self._feeds]

    def _newest_of(self, feed: str, now: datetime) -> ListedPayload:
        url = f"{self._url}/lastupdate{_suffix(feed)}.txt"
        found = filter(None, map(listed_in, self._list(url)[:_LISTING_LENGTH].splitlines()))
        item = next((item for item in found if _is_of(feed, item.name)), None)
        if item is None:
            raise SourceRefused(f"{url} lists no export file: see whether GDELT has moved.")
        if item.size > _ARCHIVE_LENGTH:
            raise SourceRefused(f"{item.name} is listed with {item.size} bytes: too many.")
        if item.published_at > require_utc(now) + MOST_AHEAD:
            raise SourceRefused(
                f"{url} lists {item.name}, which lies in the future: check this machine's clock."
            )
        return item

    def _of_slot(
        self, moment: datetime, feed: str, sums: dict[str, ListedPayload], now: datetime
    ) -> Payload | Unread:
        """A file of a slot. Its mark is its slot once it is the last of the slot, so that the
        cursor moves only when all were asked for.
        """
        name = slot_name(moment, feed)
        mark = moment if feed == self._feeds[-1] else moment - SLOT
        day = moment.date()
        listed = sums.get(name)
        md5 = listed.md5 if listed else None
        try:
            return self._had_if_there(ListedPayload(name, 0, md5, mark, day, day, SLOT), now)
        except SourceDenied:
            raise
        except SourceRefused as error:
            return Unread(self.name, name, str(error), mark)

    def _had_if_there(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        """A file that no list names. GDELT leaves out slots for good, and now and then says 404
        of a file that it has: only asking again tells the one from the other.
        """
        try:
            return self._had(item, now)
        except NotThere:
            about = described(item.name)
            when = about.published_at if about else item.published_at
            reason = f"GDELT published no file for {when:%Y-%m-%d %H:%M} UTC."
            return Unread(self.name, item.name, reason, item.published_at)

    def _had(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        """A file, fetched once more where it is not what was listed."""
        about = described(item.name)
        folder = self._url if about and about.edition is VERSION_2 else self._history_url
        reason = ""
        for _ in range(2):
            body = self._client.get(f"{folder}/{item.name}", max_bytes=_ARCHIVE_LENGTH).body
            if item.md5 in (None, hashlib.md5(body, usedforsecurity=False).hexdigest()):
                return self._checked(item, body, now)
            reason = f"{item.name} does not have the MD5 it is listed with, twice."
        return Unread(self.name, item.name, reason, item.published_at)

    def _checked(self, item: ListedPayload, body: bytes, now: datetime) -> Payload | Unread:
        try:
            check_zip(body)
        except RecordRejected as error:
            return Unread(self.name, item.name, str(error), item.published_at)
        return Payload(
            source=self.name,
            name=item.name,
            body=body,
            fetched_at=require_utc(now),
            published_at=item.published_at,
            first_day=item.first_day,
            last_day=item.last_day,
        )

    def _master(self, feed: str) -> Iterator[ListedPayload]:
        """What the list of all files of a feed holds. It lies in a temporary file meanwhile."""
        url = f"{self._url}/masterfilelist{_suffix(feed)}.txt"
        with TemporaryFile() as file:
            self._client.get(url, into=file, max_bytes=_MASTER_LENGTH)
            file.seek(0)
            for line in file:
                item = listed_in(line.decode("ascii", errors="replace"))
                if item is not None and _is_of(feed, item.name):
                    yield item


def _suffix(feed: str) -> str:
    return "-translation" if feed else ""


def _is_of(feed: str, name: str) -> bool:
    about = described(name)
    return about is not None and about.edition is VERSION_2 and about.feed == feed
