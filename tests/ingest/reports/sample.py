"""An invented payload of verified field reports."""

import json
from datetime import UTC, datetime
from typing import Any

from ewarn.domain.source import Payload

NOT_ASKED = "observers send reports to the service itself"
AT = datetime(2024, 2, 8, tzinfo=UTC)


def verified(id_: str, **others: Any) -> dict[str, Any]:
    """A verified report as the pipeline writes it."""
    report = {
        "id": id_,
        "kind": "arrest",
        "week": "2024-01-29",
        "country": "TGO",
        "region": "TG-M",
        "participants": None,
        "injured": 2,
        "arrests": 3,
        "fatalities": None,
        "known_at": AT.isoformat(),
    }
    return report | others


def payload_with(*reports: Any) -> Payload:
    """A payload of reports."""
    body = json.dumps({"reports": reports}).encode()
    return Payload("reports", "verified", body, AT, protected=True)


def sample() -> tuple[Payload, int]:
    """Invented reports: one that counts, one of an unknown kind, one elsewhere, and no report."""
    others = (verified("2", kind="picnic"), verified("3", region="GH-AA"), "none")
    return payload_with(verified("1"), *others), 4
