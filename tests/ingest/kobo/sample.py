"""An invented payload of field reports, and how the fault tests read its server."""

import json
from datetime import UTC, datetime

from ewarn.domain.source import Payload
from tests.ingest.kobo.provider import KoboServer, source_at, submission
from tests.provider import Provider
from tests.speaking import Speaking


def sample() -> tuple[Payload, int]:
    """Invented reports: one approved, one not yet, one of an unknown kind, and no report."""
    unread = submission(2, _validation_status={})
    content = {"results": [submission(1), unread, submission(3, kind="picnic"), "none"]}
    at = datetime(2024, 2, 8, tzinfo=UTC)
    return Payload("kobo", "kobo-form.json", json.dumps(content).encode(), at, protected=True), 4


def serve(provider: Provider, *, more: bool) -> None:
    server = KoboServer(most=2)
    server.submissions = [submission(number) for number in range(1, 5)]
    if more:  # one is withdrawn, one corrected, three are new
        server.submissions = [submission(number) for number in (1, 3, 4, 5, 6, 7)]
        server.submissions[1]["kind"] = "force"
    provider.otherwise = server


SPEAKING = {
    "kobo": Speaking(
        serve_first=lambda provider: serve(provider, more=False),
        serve_more=lambda provider: serve(provider, more=True),
        make=lambda web, url: source_at(Provider(url), web),
        first_at=datetime(2024, 2, 8, tzinfo=UTC),
        then_at=datetime(2024, 2, 9, tzinfo=UTC),
        requests=3,
    ),
}
