"""Keys of those who send and verify field reports, and a report as it is sent."""

from collections.abc import Callable
from typing import Any

import httpx

from tests.api.client import Client
from tests.api.world import LICENCE

Asker = Callable[..., Client]
ATTEMPT = "0123456789abcdef0123456789abcdef"
BODY: dict[str, Any] = {
    "kind": "arrest",
    "week": "2020-02-19",
    "region": "TG-M",
    "arrests": 4,
    "text": "An invented report.",
}


def observer(asker: Asker, *countries: str) -> Client:
    """Return a client with the key of an observer."""
    return asker(*countries or ("TGO",), scopes=("reports:write",))


def officer(asker: Asker, *countries: str, licences: tuple[str, ...] = (LICENCE,)) -> Client:
    """Return a client with the key of an officer who verifies."""
    return asker(*countries or ("TGO",), scopes=("reports:verify",), licences=licences)


def send(client: Client, attempt: str = ATTEMPT, **others: Any) -> httpx.Response:
    """Send a report; a field that is None is left out."""
    body = {name: value for name, value in (BODY | others).items() if value is not None}
    return client.send("POST", "/v1/reports", {"Idempotency-Key": attempt}, body)


def state_of(client: Client, receipt: str) -> Any:
    """Return what became of a report."""
    answer = client.get("/v1/reports/receipt", {"X-Ewarn-Receipt": receipt})
    return answer.json().get("state", answer.status_code)
