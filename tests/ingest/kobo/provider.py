"""A KoboToolbox server on this machine, with invented reports: nothing in them ever happened."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ewarn.protect.conditions import Conditions
from ewarn.protect.sealing import AesSealer
from ingest.kobo.source import KoboSource
from ingest.shared.web import Web
from tests.provider import Provider, Reply, Request

ASSET, TOKEN = "aInventedForm", "invented-token"
KEY = bytes(range(32))
PATH = f"/api/v2/assets/{ASSET}/data/"
APPROVED_AT = datetime(2024, 2, 7, 9, tzinfo=UTC)
CONDITIONS = Conditions(AesSealer(KEY), 30, "An invented office, data@office.example")


def status(uid: str, at: datetime | None = APPROVED_AT) -> dict[str, Any]:
    """What a verifier made of a submission."""
    made: dict[str, Any] = {"uid": f"validation_status_{uid}", "label": uid, "by_whom": "verifier"}
    return made if at is None else made | {"timestamp": int(at.timestamp())}


def submission(id_: int, **answers: Any) -> dict[str, Any]:
    """An invented report as the server holds it, approved unless told otherwise."""
    return {
        "_id": id_,
        "_uuid": f"00000000-0000-0000-0000-{id_:012}",
        "_submission_time": "2024-02-06T10:00:00",
        "_submitted_by": "field-team",
        "_validation_status": status("approved"),
        "_attachments": [],
        "_geolocation": [None, None],
        "kind": "arrest",
        "day": "2024-02-05",
        "country": "TGO",
        "admin1": "Maritime",
    } | answers


@dataclass
class KoboServer:
    """Serves `submissions` page by page as the API v2 does, at most `most` at once."""

    submissions: list[dict[str, Any]] = field(default_factory=list)
    most: int = 1000
    obeys_fields: bool = True

    def __call__(self, request: Request) -> Reply:
        if request.path != PATH:
            return Reply(b'{"detail":"Not found."}', 404)
        if request.headers.get("authorization") != f"Token {TOKEN}":
            return Reply(b'{"detail":"Invalid token."}', 401)
        assert json.loads(request.query["sort"]) == {"_id": 1}
        start, beyond = int(request.query["start"]), json.loads(request.query["query"])["_id"]
        held = sorted(self.submissions, key=lambda item: int(item["_id"]))
        held = [item for item in held if item["_id"] > beyond["$gt"]]
        page = held[start : start + min(int(request.query["limit"]), self.most)]
        if self.obeys_fields:
            page = [self._with_fields(item, json.loads(request.query["fields"])) for item in page]
        more = start + len(page) < len(held)
        onward = "https://elsewhere.example.org/steal?start=1" if more else None
        content = {"count": len(held), "next": onward, "previous": None, "results": page}
        return Reply(json.dumps(content).encode(), headers={"content-type": "application/json"})

    def _with_fields(self, item: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
        return {name: item[name] for name in fields if name in item}


def source_at(provider: Provider, web: Web, **others: Any) -> KoboSource:
    """A source that reads the form of a provider."""
    settings: dict[str, Any] = {
        "url": provider.url,
        "token": TOKEN,
        "asset": ASSET,
        "protection": CONDITIONS,
    }
    return KoboSource(web, **(settings | others))
