"""POLECAT: events that software reads out of news in seven languages, coded as PLOVER says.

Fetching is here, reading the rows in `polecat_rows`. Halterman and others,
doi:10.7910/DVN/AJGVIT.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from ewarn.domain.source import Payload, Terms, Unread
from ewarn.domain.time import require_utc
from ewarn.errors import SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.polecat.rows import NAME, read_rows
from ingest.shared.dataverse import BASE_URL, Dataverse, DataverseFile
from ingest.shared.web import NotThere, Web

DOI = "doi:10.7910/DVN/AJGVIT"
AT_FIRST = timedelta(days=92)
# A listing dates files by the day; a day's files are complete once it is over where they are
# published.
DAY_IS_OVER = timedelta(hours=30)
_TABLES = (".txt", ".tab", ".tsv", ".zip", ".gz")
_MOMENT = timedelta(seconds=1)


class PolecatSource:
    """Events that software reads out of news in seven languages, each with a type and a mode.

    Terms: research and education only; never fitted on. Where the operator states
    `EWARN_POLECAT_LICENCE=own-desk`, detectors hold each region against its own past, and rows,
    scores and alerts go to holders of the licence `polecat` alone; else to nobody. Cadence: a
    week. Lag: known when its story was published, up to two weeks before a file holds it.
    Revisions: none; a story told again is another telling of the same event. Geography: the
    world, most rows at a place. It needs an account at Harvard Dataverse. Names of persons are
    dropped where rows are read, and files are not kept.
    """

    name = NAME
    cadence = timedelta(days=7)
    lag = timedelta(weeks=4)  # of the newest whole week, where a file is a week late
    retention = timedelta(0)  # its files name persons, and can be had again
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
        """That its terms keep it, where nobody stated otherwise."""
        return self.terms.unscored_for("EWARN_POLECAT_LICENCE")

    @property
    def obstacle(self) -> str | None:
        """That there is no key, where there is none."""
        if self._key:
            return None
        return (
            "polecat needs the API token of an account at Harvard Dataverse: set EWARN_POLECAT_KEY"
        )

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Files published after `since` (at first of the last 92 days), oldest first; raises
        SourceError. A file that cannot be had whole is told as such.
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
        """One file by its name; raises SourceError."""
        client = self._dataverse()
        file = next((file for file in _tables(client) if file.name == name), None)
        if file is None:
            raise NotThere(f"{DOI} has no file {name} any more.")
        return self._had(client, file, require_utc(now), file.published_at)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Every row as an event, skipped or rejected; raises RecordRejected on another file."""
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
    """Files of events, oldest first; raises SourceRefused where there is none."""
    listed = client.files(DOI)
    tables = [file for file in listed if file.name.lower().endswith(_TABLES)]
    if not tables:
        raise SourceRefused(
            f"{DOI} lists no file of events but {', '.join(file.name for file in listed) or 'none'}"
            ": see whether it was published anew."
        )
    return tables


def _marks(files: list[DataverseFile]) -> list[datetime]:
    """How far a fetch has come after each file: only the last of a day completes its day."""
    marks = [
        file.published_at - _MOMENT
        if file.published_at == after.published_at
        else file.published_at
        for file, after in pairwise(files)
    ]
    return [*marks, files[-1].published_at] if files else []
