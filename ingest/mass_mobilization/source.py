"""Mass Mobilization: protests against governments and the responses of these, 1990-2020.

This module fetches; rows are parsed in `ingest.mass_mobilization.rows`. Source: Clark and Regan,
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
    """Protests against governments in 162 countries and their responses, coded by people.

    Terms: CC0; models may be fitted on it, and the packaged models are. Cadence: closed;
    `ewarn datasets fetch mass-mobilization` reads it. Lag: unknown, estimated as the day after a
    protest ended. Revisions: a new version of the file creates new versions of events. Geography:
    the world without the United States, 1990 to March 2020; places are given by name only, and
    assigned to a subdivision if the gazetteer knows the name.
    """

    name = NAME
    cadence = None
    not_scored = "it ended in March 2020: models learn from it, and past days can be scored"
    retention = timedelta(0)  # the file names movements, and can be fetched again
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
        """Yield the file if a version of it was published after `since`.

        Raises:
            SourceError: If Dataverse cannot be read or has no such file.
        """
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
        """Yield one batch, in which every row gives events, is skipped or rejected.

        Raises:
            RecordRejected: If it is another file.
        """
        yield read_rows(payload.body, places)
