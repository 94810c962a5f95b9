"""An invented payload of calendars."""

from datetime import UTC, datetime

from ewarn.domain.source import Payload

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """Invented entries: a vote, the same again, and one in no country."""
    line = "1,TGO,2017-12-20,vote,election"
    lines = ["source_event_id,country,date,what,topic", line, line, "2,XX,2018-02-01,vote,election"]
    return Payload("calendar", "sample.csv", "\n".join(lines).encode(), NOW), 3


NOT_ASKED = "a folder of the office's own files"
