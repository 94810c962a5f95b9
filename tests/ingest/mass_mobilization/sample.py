"""An invented payload of Mass Mobilization."""

from datetime import UTC, datetime

from ewarn.domain.source import Payload
from tests.ingest.mass_mobilization.provider import file_of, original, quiet_year

NOW = datetime(2018, 1, 1, tzinfo=UTC)


def sample() -> tuple[Payload, int]:
    """An invented file: a protest, a year without one, and a row of no country."""
    body = file_of(original(1), quiet_year(2004), original(2, country="Atlantis"))
    return Payload("mass-mobilization", "sample", body, NOW), 3


NOT_ASKED = "a file that is read once, by hand"
