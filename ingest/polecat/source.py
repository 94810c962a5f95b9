"""POLECAT: events that software extracts from news in seven languages, coded by PLOVER.

This module fetches; rows are parsed in `ingest.polecat.rows`. Source: Halterman and others,
doi:10.7910/DVN/AJGVIT.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from ewarn.domain.source import Payload, Terms, Unread
from ewarn.domain.time import require_utc
from ewarn.errors import SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.languages import source_reasons
from ewarn.ports import Places
from ingest.polecat.rows import NAME, read_rows
from ingest.shared.dataverse import BASE_URL, Dataverse, DataverseFile
from ingest.shared.web import AddressNotFound, Web

DOI = "doi:10.7910/DVN/AJGVIT"
AT_FIRST = timedelta(days=92)
# A listing gives only the day of a file. The files of a day are complete when that day is over in
# the time zone of the publisher.
DAY_IS_OVER = timedelta(hours=30)
_TABLES = (".txt", ".tab", ".tsv", ".zip", ".gz")
_MOMENT = timedelta(seconds=1)


class PolecatSource:
    """Events that software extracts from news in seven languages, each with a type and a mode.

    Terms: research and education only; no model is fitted on them. If the operator states
    `EWARN_POLECAT_LICENCE=own-desk`, detectors compare each region with its own past, and rows,
    scores and alerts are shown to holders of the licence `polecat` only; otherwise to nobody.
    Cadence: a week. Lag: known when its story was published, up to two weeks before a file has it.
    Revisions: none; a story that is reported again is the same event. Geography: the world, most
    rows at a place. It needs an account at Harvard Dataverse. Names of persons are dropped when
    rows are read, and files are not stored.
    """

    name = NAME
    cadence = timedelta(days=7)
    lag = timedelta(weeks=4)  # of the newest whole week, if a file is a week late
    retention = timedelta(0)  # its files name persons, and can be fetched again
    terms = Terms(
        attribution="POLECAT Weekly Data (Harvard Dataverse)",
        licence="research and education only",
        redistribute=False,
        train=False,
        url="https://doi.org/10.7910/DVN/AJGVIT",
    )

    def __init__(
        self, web: Web | None = None, *, key: str = "", url: str = BASE_URL, licence: str = ""
    ) -> None:
        self.terms = self.terms.stated(NAME, licence)
        self._web = web
        self._key = key
        self._url = url.rstrip("/")

    @property
    def not_scored(self) -> str | None:
        """The reason why its events are not scored, or None if the stated licence allows it."""
        return self.terms.unscored_for("EWARN_POLECAT_LICENCE")

    @property
    def obstacle(self) -> str | None:
        """The reason why the source cannot be read: no key is set."""
        if self._key:
            return None
        return source_reasons.NO_POLECAT_KEY()

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Yield the files published after `since` (at first of the last 92 days), oldest first.

        A file that cannot be fetched completely is `Unread`.

        Raises:
            SourceError: If Dataverse cannot be read.
        """
        now = require_utc(now)
        client = self._dataverse()
        begin = now - AT_FIRST if since is None else require_utc(since)
        new = [
            file
            for file in _tables(client)
            if begin < file.published_at and now >= file.published_at + DAY_IS_OVER
        ]
        for file, marked in zip(new, _marks(new), strict=True):
            yield self._had(client, file, now, marked)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """Return one file by its name.

        Raises:
            SourceError: If it is no longer there, or Dataverse cannot be read.
        """
        client = self._dataverse()
        file = next((file for file in _tables(client) if file.name == name), None)
        if file is None:
            raise AddressNotFound(f"{DOI} has no file {name} any more.")
        return self._had(client, file, require_utc(now), file.published_at)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Return the batches of a file, in which every row is an event, skipped or rejected.

        Raises:
            RecordRejected: If it is another file.
        """
        return read_rows(payload.body, places)

    def _dataverse(self) -> Dataverse:
        assert self._web is not None  # only a source that is never fetched has none
        return Dataverse(self._web, self._url, self._key)

    def _had(
        self, client: Dataverse, file: DataverseFile, now: datetime, marked: datetime
    ) -> Payload | Unread:
        try:
            body = client.body(file)
        except SourceRefused as error:
            return Unread(NAME, file.name, str(error), marked)
        return Payload(NAME, file.name, body, now, published_at=marked)


def _tables(client: Dataverse) -> list[DataverseFile]:
    """Return the files of events, oldest first.

    Raises:
        SourceRefused: If there are none.
    """
    listed = client.files(DOI)
    tables = [file for file in listed if file.name.lower().endswith(_TABLES)]
    if not tables:
        raise SourceRefused(
            f"{DOI} lists no file of events but {', '.join(file.name for file in listed) or 'none'}"
            ": check whether a new version was published."
        )
    return tables


def _marks(files: list[DataverseFile]) -> list[datetime]:
    """Return the position of the cursor after each file: only the last one completes its day."""
    marks = [
        file.published_at - _MOMENT
        if file.published_at == after.published_at
        else file.published_at
        for file, after in pairwise(files)
    ]
    return [*marks, files[-1].published_at] if files else []
