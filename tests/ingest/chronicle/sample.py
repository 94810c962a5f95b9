"""The embedded chronicle as a payload."""

from datetime import UTC, datetime, timedelta

from ewarn.domain.source import Payload
from ingest.chronicle.source import ChronicleSource

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    (payload,) = ChronicleSource().fetch(NOW - timedelta(days=28), NOW)
    assert isinstance(payload, Payload)
    return payload, payload.body.count(b"\nchronicle,")


NOT_ASKED = "comes with the package"
