"""An invented HDX HAPI: metadata of resources and monthly counts, by pages. Nothing is real."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.hapi.rows import month_after
from tests.provider import Provider, Reply, Request

Row = dict[str, Any]
STUBS = (
    "political-violence-events-and-fatalities",
    "civilian-targeting-events-and-fatalities",
    "demonstration-events",
)


def count(month: date, event_type: str = "demonstration", **others: Any) -> Row:
    """A count of Togo for a month, as HAPI writes it."""
    return {
        "resource_hdx_id": "00000000-0000-0000-0000-000000000000",
        "event_type": event_type,
        "events": 1,
        "fatalities": None if event_type == "demonstration" else 2,
        "location_ref": 1,
        "location_code": "TGO",
        "location_name": "Togo",
        "has_hrp": False,
        "in_gho": False,
        "provider_admin1_name": None,
        "provider_admin2_name": None,
        "admin1_ref": 1,
        "admin1_code": None,
        "admin1_name": None,
        "admin2_ref": 1,
        "admin2_code": None,
        "admin2_name": None,
        "admin_level": 0,
        "reference_period_start": f"{month}T00:00:00",
        "reference_period_end": f"{month}T23:59:59",
    } | others


@dataclass
class InventedHapi:
    """Answers as HAPI would, cut to `most` rows. `meddle` may answer in its stead."""

    provider: Provider
    counts: list[Row] = field(default_factory=list)
    counted_at: str = "2025-11-13T10:29:54"
    taken_in_at: str = "2025-11-14T01:33:17.123"
    most: int = 10_000
    meddle: Callable[[Request], Reply | None] = lambda _: None

    def __post_init__(self) -> None:
        self.provider.otherwise = self.answer

    def answer(self, request: Request) -> Reply:
        """What is answered to any request."""
        meddled = self.meddle(request)
        if meddled is not None:
            return meddled
        identifier = base64.b64decode(request.headers.get("x-hdx-hapi-app-identifier", ""))
        if b":" not in identifier or b"@" not in identifier:
            return Reply(b'{"error": "Invalid app identifier"}', 400)
        if request.path == "/metadata/resource":
            return Reply(json.dumps({"data": self.resources}).encode())
        if request.path == "/coordination-context/conflict-events":
            first = date.fromisoformat(request.query["start_date"])
            last = date.fromisoformat(request.query["end_date"])
            assert month_after(first) == last
            wanted = (str(first), str(last))
            return self._page(
                [row for row in self.counts if row["reference_period_start"][:10] in wanted],
                request,
            )
        return Reply(b"no", 404)

    @property
    def resources(self) -> list[Row]:
        """Metadata of ACLED's three resources."""
        return [
            {
                "resource_hdx_id": f"00000000-0000-0000-0000-00000000000{number}",
                "dataset_hdx_stub": stub,
                "dataset_hdx_provider_stub": "acled",
                "update_date": self.counted_at,
                "hapi_updated_date": self.taken_in_at,
            }
            for number, stub in enumerate(STUBS)
        ]

    def _page(self, rows: list[Row], request: Request) -> Reply:
        offset, limit = int(request.query["offset"]), int(request.query["limit"])
        page = rows[offset : offset + min(limit, self.most)]
        return Reply(json.dumps({"data": page}).encode())
