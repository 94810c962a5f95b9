"""A folder of exchange files: what `ewarn import` does by hand, done by the worker."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from ewarn.domain.source import Payload, Terms, Unread
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.exchange import read_exchange
from ingest.folder import LOOK_EVERY, Folder
from ingest.web import Web

NAME = "exchange"
ENDINGS = (".csv", ".csv.gz")


class ExchangeFolder:
    """Files in the event-exchange format, read as they appear in a folder.

    Terms: whoever puts a file there answers for it; each source named in it has its own. Cadence:
    the folder is looked at every 15 minutes; nobody says when a file comes, so its silence says
    nothing, neither of the folder nor of the world. Lag: as the files say (`known_on`). Revisions:
    an edited file, or another with the same ids, adds versions. Geography: as the files say.
    """

    name = NAME
    cadence = None
    look_every = LOOK_EVERY
    retention = timedelta(days=30)
    terms = Terms(
        attribution="whoever wrote the file",
        licence="as agreed with them",
        redistribute=True,
        train=False,
        url="docs/format.md",
    )

    def __init__(
        self,
        web: Web | None = None,  # noqa: ARG002 (sources are made alike; this one asks nobody)
        *,
        folder: Path | None = None,
    ) -> None:
        self._folder = folder

    @property
    def obstacle(self) -> str | None:
        """A folder must be named."""
        if self._folder is None:
            return "EWARN_EXCHANGE_FOLDER is not set: name the folder that files are put into"
        return None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        """Files that changed since the last look, each whole; raises SourceRefused."""
        return self._files().fetch(since, now)

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """One file by its name; raises SourceRefused where it is gone."""
        return self._files().fetch_again(name, now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Events of a file, of one source or several; raises RecordRejected."""
        yield read_exchange(payload.body, places)

    def _files(self) -> Folder:
        return Folder(self.name, self._folder or Path(), ENDINGS)
