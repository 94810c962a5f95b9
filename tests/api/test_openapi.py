"""The OpenAPI document does not change by accident."""

import json
import os
from pathlib import Path

from tests.api.client import Client

SNAPSHOT = Path(__file__).with_name("openapi.json")


def test_the_document_is_the_one_agreed_on(client: Client) -> None:
    """Renew it on purpose: `RENEW_OPENAPI=1 python -m pytest tests/api/test_openapi.py`."""
    document = client.get("/openapi.json").json()
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("RENEW_OPENAPI"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8"), (
        "the OpenAPI document changed; if that is meant, renew it with "
        "RENEW_OPENAPI=1 python -m pytest tests/api/test_openapi.py and say so in the CHANGELOG"
    )


def test_the_version_is_three_one(client: Client) -> None:
    assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
