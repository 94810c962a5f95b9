"""GDELT: events in the world's news, every 15 minutes since 2015 and every day before.

This module fetches files; their names and lists are in `ingest.gdelt.files`, their rows in
`ingest.gdelt.rows`. Sources: The GDELT Project, Event Codebook 2.0 and Data Format Codebook 1.03.
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
from ingest.shared.web import AddressNotFound, Web

BASE_URL = "http://data.gdeltproject.org/gdeltv2"
HISTORY_URL = "http://data.gdeltproject.org/events"
BEGIN = date(2015, 2, 19)  # GDELT 2.0 is read from this day on, 1.0 before it
SLOTS_AT_ONCE = 7 * 96  # slots per call: if there are more, the next call continues
MOST_AHEAD = timedelta(hours=1)  # if GDELT is further ahead of this clock, one of them is wrong

_LISTING_LENGTH = 64 * 1024  # characters of lastupdate.txt that are read: it has three lines
_MASTER_LENGTH = 1024**3  # bytes: the list of all files had some 130 MB after ten years
_ARCHIVE_LENGTH = 512 * 1024**2  # bytes: a year of 1.0 has up to 200 MB


class GdeltSource:
    """Events that software extracts from the world's news: broad, quick, and noisy.

    Terms: free for any use with citation, also for fitting models. Cadence: 15 minutes; before
    2015-02-19 (GDELT 1.0, by back-fill only) a day. Lag: known when GDELT added the row
    (DATEADDED), minutes to hours after the news; in 1.0 at the end of that day, estimated; in the
    files of the years before April 2013, which were compiled later, the day after the event,
    estimated. Revisions: none are published; a story that is reported again in a later file is a
    new version of the same event, and never counts twice. Geography: the world, most rows at a
    city or subdivision. Its volume grows with the media, so all rows of a region and day are
    counted, and the tracked ones are compared with them. News in English, and news that is
    machine-translated from 65 languages if `EWARN_GDELT_TRANSLATED` is set. Names of actors are
    never read. A code is a guess of software, so each story is classified before it counts
    (`docs/relevance.md`).
    """

    name = "gdelt"
    cadence = SLOT
    retention = timedelta(0)  # its files have names of actors, and can be fetched again
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
        """Yield the files published after `since` (None: only the newest), oldest first.

        A call yields the files of a week at most, and the next one continues. A file that is
        damaged or missing is `Unread`.

        Raises:
            SourceError: If GDELT cannot be read.
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
        """Return one file by its name.

        Raises:
            SourceError: If the name is wrong, or GDELT cannot be read.
        """
        about = described(name)
        if about is None:
            raise SourceRefused(f"{name} is not the name of a GDELT export file.")
        return self._had_if_there(
            ListedPayload(
                name, 0, None, about.published_at, about.first_day, about.last_day, about.span
            ),
            now,
        )

    def listed(self, since: date, until: date, now: datetime) -> Iterator[ListedPayload]:
        """Yield the listed files of the days from `since` to `until`, oldest first.

        They are files of GDELT 1.0 before 2015-02-19, and of 2.0 from then on.

        Raises:
            SourceError: If the lists cannot be read.
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
        """Return one listed file, checked against its MD5.

        Raises:
            SourceError: If GDELT cannot be read.
        """
        return self._had(item, now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield batches in which every row is an event, skipped or rejected.

        They have no coverage: a week is observed if most of its files were read.

        Raises:
            RecordRejected: If the archive is broken.
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
        """Return the newest file of each feed that GDELT lists."""
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
                f"{url} lists {item.name}, which is in the future: check this machine's clock."
            )
        return item

    def _of_slot(
        self, moment: datetime, feed: str, sums: dict[str, ListedPayload], now: datetime
    ) -> Payload | Unread:
        """Return a file of a slot.

        Only the last file of a slot has the slot as its mark, so that the cursor moves only after
        all files of the slot were requested.
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
        """Return a file that may not exist; a missing one is `Unread`.

        GDELT never publishes some slots, and sometimes answers 404 for a file that it has. Only a
        later request can distinguish the two cases.
        """
        try:
            return self._had(item, now)
        except AddressNotFound:
            about = described(item.name)
            when = about.published_at if about else item.published_at
            reason = f"GDELT published no file for {when:%Y-%m-%d %H:%M} UTC."
            return Unread(self.name, item.name, reason, item.published_at)

    def _had(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        """Fetch a file, and once more if it does not have the listed checksum."""
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
        """Yield the items of the list of all files of a feed, read through a temporary file."""
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
