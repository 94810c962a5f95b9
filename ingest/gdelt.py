"""GDELT 2.0 events: what the world's news says happened, every 15 minutes.

Fetching is here, reading the rows in `gdelt_rows`. Source: The GDELT Project, Event Codebook 2.0.
"""

import hashlib
import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ewarn.domain.source import Payload, Terms
from ewarn.domain.time import require_utc
from ewarn.errors import RecordRejected, SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest import gdelt_rows, web
from ingest.records import unpacked
from ingest.web import NotThere, Web

BASE_URL = "http://data.gdeltproject.org/gdeltv2"
SLOT = timedelta(minutes=15)
MAX_SLOTS = 96  # a day: longer gaps are filled by a bulk back-fill
MAX_UNZIPPED = 512 * 1024 * 1024

_LISTING_LENGTH = 4096  # bytes of lastupdate.txt worth reading: it has three lines
_LISTED = re.compile(r"\b(\d{1,15}) ([0-9a-f]{32}) \S*/((\d{14})\.export\.CSV\.zip)", re.IGNORECASE)
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    NotImplementedError,
    EOFError,
    OSError,
    ValueError,
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """The newest file as `lastupdate.txt` lists it."""

    name: str
    moment: datetime
    size: int
    md5: str


class GdeltSource:
    """Events that software reads out of news in 65 languages: broad, quick, and noisy.

    Terms: free for any use with citation, fitting included. Cadence: 15 minutes. Lag: known when
    GDELT added the row (DATEADDED), minutes to hours after the news. Revisions: none; a story told
    again later is another telling of the same event. Geography: the world, most rows at a city or
    subdivision. Its volume grows with the media, one story makes many rows, and names of actors
    are dropped where rows are read.
    """

    name = "gdelt"
    cadence = SLOT
    retention = timedelta(days=30)
    obstacle = None
    terms = Terms(
        attribution="The GDELT Project (gdeltproject.org)",
        licence="free for any use with citation",
        redistribute=True,
        train=True,
        url="https://www.gdeltproject.org/",
    )

    def __init__(self, web: Web | None = None, *, url: str = BASE_URL) -> None:
        self._web = web
        self._base_url = url.rstrip("/")

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """The files published after `since` (only the newest if None), oldest first.

        Of a longer gap the last day is fetched. Raises SourceUnreachable, or SourceRefused where
        what came is not what was listed.
        """
        assert self._web is not None  # only a source that is never fetched has none
        newest = self._newest(self._web)
        if since is not None and newest.moment <= require_utc(since):
            return
        for moment in _slots_between(since, newest.moment):
            body = self._missed(self._web, moment)
            if body is not None:
                yield self._payload(moment, body, now)
        yield self._payload(newest.moment, self._listed(self._web, newest), now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Every row as an event, skipped or rejected; raises RecordRejected on a broken archive.

        No coverage: a file speaks for 15 minutes, and a week is observed when all of it was read.
        """
        yield gdelt_rows.read_rows(unzipped(payload.body), places)

    def _newest(self, client: Web) -> Listed:
        url = f"{self._base_url}/lastupdate.txt"
        body = client.get(url).body[:_LISTING_LENGTH]
        text = body.decode("ascii", errors="replace")
        match = _LISTED.search(text)
        if match is None:
            raise SourceRefused(f"{url} lists no export file: see whether GDELT has moved.")
        try:
            moment = _moment(match[4])
        except ValueError:
            raise SourceRefused(f"{url} lists {match[3]}, which bears no date.") from None
        listed = Listed(match[3], moment, int(match[1]), match[2].lower())
        if listed.size > web.MAX_BYTES:
            raise SourceRefused(f"{listed.name} is listed with {listed.size} bytes: too many.")
        return listed

    def _listed(self, client: Web, listed: Listed) -> bytes:
        """The newest file, fetched once more where its checksum is wrong."""
        for _ in range(2):
            body = client.get(f"{self._base_url}/{listed.name}").body
            if hashlib.md5(body, usedforsecurity=False).hexdigest() == listed.md5:
                return self._checked(listed.name, body)
        raise SourceRefused(
            f"{listed.name} does not have the MD5 it is listed with, twice: fetch it by hand and "
            "compare."
        )

    def _missed(self, client: Web, moment: datetime) -> bytes | None:
        """A file of a slot that was missed; GDELT leaves some out for good."""
        name = _file_name(moment)
        try:
            return self._checked(name, client.get(f"{self._base_url}/{name}").body)
        except NotThere:
            _log.warning("gdelt published no file for %s", moment.isoformat())
            return None

    def _checked(self, name: str, body: bytes) -> bytes:
        try:
            _only_member(body)
        except RecordRejected as error:
            raise SourceRefused(f"{name}: {error}") from error
        return body

    def _payload(self, moment: datetime, body: bytes, now: datetime) -> Payload:
        return Payload(
            source=self.name,
            name=_file_name(moment),
            body=body,
            fetched_at=require_utc(now),
            published_at=moment,
            first_day=moment.date(),
            last_day=moment.date(),
        )


def unzipped(body: bytes) -> bytes:
    """The one file of a zip archive, or a gzip file; raises RecordRejected where it is broken,
    holds another number of files, or would unpack to more than 512 MiB.
    """
    if not body.startswith(b"PK"):
        return unpacked(body)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return archive.read(_only_member(body))
    except _BROKEN_ZIP as error:
        raise RecordRejected(f"The zip archive is damaged ({error}): fetch it again.") from error


def _only_member(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = archive.infolist()
    except _BROKEN_ZIP as error:
        raise RecordRejected(f"The zip archive is damaged ({error}): fetch it again.") from error
    if len(members) != 1:
        raise RecordRejected(f"The zip archive holds {len(members)} files where one is expected.")
    if members[0].file_size > MAX_UNZIPPED:
        raise RecordRejected(
            f"The zip archive would unpack to {members[0].file_size} bytes: too many."
        )
    return members[0].filename


def _slots_between(since: datetime | None, newest: datetime) -> list[datetime]:
    """The 15-minute marks after `since` and before the newest, the last day of them at most."""
    if since is None:
        return []
    since = require_utc(since)
    slots: list[datetime] = []
    moment = newest - SLOT
    while moment > since and len(slots) < MAX_SLOTS:
        slots.append(moment)
        moment -= SLOT
    return slots[::-1]


def _file_name(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}.export.CSV.zip"


def _moment(digits: str) -> datetime:
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
