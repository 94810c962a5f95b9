"""A folder of exchange files, which the worker imports as `ewarn import` does by hand."""

from collections.abc import Iterator

from ewarn.domain.source import Payload
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.exchange.format import read_exchange
from ingest.shared.folder import TABLE_ENDINGS, FolderSource


class ExchangeFolder(FolderSource):
    """Files in the event-exchange format, read as they appear in a folder.

    Terms: whoever puts a file there is responsible for it; each source named in it has its own
    terms. Cadence: the folder is checked every 15 minutes; files come at no fixed times, so an
    absence of files means nothing, neither about the folder nor about the world. Lag: as the files
    state (`known_on`). Revisions: an edited file, or another with the same ids, adds versions.
    Geography: as the files state.
    """

    name = "exchange"
    endings = TABLE_ENDINGS
    setting = "EWARN_EXCHANGE_FOLDER"
    not_scored = "it is a folder: its files are scored under the sources that they name"

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield the events of a file, which may be of several sources, in one batch.

        Raises:
            RecordRejected: If it is not an exchange file.
        """
        yield read_exchange(payload.body, places, payload.fetched_at)
