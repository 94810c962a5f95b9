"""An invented payload of exchange files."""

from datetime import UTC, datetime

from ewarn.domain.source import Payload

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """An invented file of one event, said twice, and of a row without its day."""
    row = "exchange,1,force,2017-10-18,TGO"
    lines = ["source,source_event_id,kind,occurred_on,country", row, row, "exchange,2,force,,TGO"]
    return Payload("exchange", "sample.csv", "\n".join(lines).encode(), NOW), 3


NOT_ASKED = "a folder of the office's own files"
