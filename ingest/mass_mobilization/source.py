"""Mass Mobilization: protests against governments and how these responded, 1990-2020.

Fetching is here, reading the rows in `mass_mobilization_rows`. Clark and Regan,
doi:10.7910/DVN/HTTWYL (CC0).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ewarn.domain.source import Payload, Span, Terms
from ewarn.domain.time import require_utc
from ewarn.errors import SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.mass_mobilization.rows import FIRST_DAY, LAST_DAY, NAME, read_rows
from ingest.shared.dataverse import BASE_URL, Dataverse
from ingest.shared.web import Web

DOI = "doi:10.7910/DVN/HTTWYL"


class MassMobilizationSource:
    """Protests against governments in 162 countries and what these did, coded by people.

    Terms: CC0; models may be fitted on it and those that travel with the project are. Cadence:
    closed; `ewarn datasets fetch mass-mobilization` reads it. Lag: unknown, estimated as the day
    after a protest ended. Revisions: a new version of the file makes new versions of events.
    Geography: the world without the United States, 1990 to March 2020; a place by name only, which
    lies in a subdivision where the gazetteer knows the name.
    """

    name = NAME
    cadence = None
    not_scored = "it ended in March 2020: models learn from it, and past days can be scored"
    retention = timedelta(0)  # movements stand in it, and it can be had again
    obstacle = None
    terms = Terms(
        attribution="Clark, D. and Regan, P., Mass Mobilization Protest Data (Harvard Dataverse)",
        licence="CC0 1.0",
        redistribute=True,
        train=True,
        url="https://doi.org/10.7910/DVN/HTTWYL",
    )

    def __init__(self, web: Web | None = None, *, url: str = BASE_URL) -> None:
        self._web = web
        self._base_url = url.rstrip("/")

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """The file, if a version of it was published after `since`; raises SourceError."""
        assert self._web is not None  # only a source that is never fetched has none
        dataverse = Dataverse(self._web, self._base_url)
        listed = dataverse.files(DOI)
        tables = [file for file in listed if file.is_csv]
        if not tables:
            raise SourceRefused(
                f"{DOI} lists no CSV file but {', '.join(file.name for file in listed) or 'none'}: "
                "see whether it was published anew."
            )
        newest = tables[-1]
        if since is not None and newest.published_at <= require_utc(since):
            return
        yield Payload(
            source=NAME,
            name=newest.name,
            body=dataverse.body(newest),
            fetched_at=require_utc(now),
            first_day=FIRST_DAY,
            last_day=LAST_DAY,
            published_at=newest.published_at,
            whole=(Span("*", FIRST_DAY, LAST_DAY, newest.published_at),),
        )

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Every row as events, skipped or rejected; raises RecordRejected on another file."""
        yield read_rows(payload.body, places)
