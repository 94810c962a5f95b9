"""A folder of exchange files: what `ewarn import` does by hand, done by the worker."""

from collections.abc import Iterator

from ewarn.domain.source import Payload
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.exchange.format import read_exchange
from ingest.shared.folder import TABLE_ENDINGS, FolderSource


class ExchangeFolder(FolderSource):
    """Files in the event-exchange format, read as they appear in a folder.

    Terms: whoever puts a file there answers for it; each source named in it has its own. Cadence:
    the folder is looked at every 15 minutes; nobody says when a file comes, so its silence says
    nothing, neither of the folder nor of the world. Lag: as the files say (`known_on`). Revisions:
    an edited file, or another with the same ids, adds versions. Geography: as the files say.
    """

    name = "exchange"
    endings = TABLE_ENDINGS
    setting = "EWARN_EXCHANGE_FOLDER"
    not_scored = "it is a folder: its files are scored under the sources that they name"

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Events of a file, of one source or several; raises RecordRejected."""
        yield read_exchange(payload.body, places, payload.fetched_at)
