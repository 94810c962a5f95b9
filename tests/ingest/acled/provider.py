"""An invented ACLED: tokens, lists and deletions like those of its API of 2026, and its faults.

Nothing it serves happened: ids, days and places are computed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from tests.provider import Provider, Reply, Request

USERNAME, PASSWORD = "reader@example.org", "invented-password"
Row = dict[str, Any]


def stamp(day: str) -> int:
    """Seconds since 1970 of a moment in UTC."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def invented(number: int, **others: Any) -> Row:
    """A row of Lomé as ACLED writes it: numbers as text, all fields that are asked for."""
    return {
        "event_id_cnty": f"TGO{number}",
        "event_date": "2025-11-0" + str(1 + number % 9),
        "time_precision": "1",
        "sub_event_type": "Peaceful protest",
        "civilian_targeting": "",
        "country": "Togo",
        "admin1": "Maritime",
        "location": "Lome",
        "latitude": "6.1319",
        "longitude": "1.2228",
        "geo_precision": "1",
        "fatalities": "0",
        "timestamp": str(stamp("2025-11-18") + number),
    } | others


def listed(rows: list[Any], **others: Any) -> bytes:
    """A page of rows in ACLED's envelope."""
    return json.dumps(
        {
            "status": 200,
            "success": True,
            "last_update": 1,
            "messages": [],
            "data": rows,
            "data_query_restrictions": [],
        }
        | others
    ).encode()


@dataclass
class InventedAcled:
    """Answers as ACLED would. `meddle` may answer in its stead (None: it does not)."""

    provider: Provider
    events: list[Row] = field(default_factory=list)
    deletions: list[Row] = field(default_factory=list)
    counts_pages: bool = True  # else it gives cursors
    tells_total: bool = True
    restrictions: Any = field(default_factory=list)
    takes_refresh: bool = True
    takes_password: bool = True
    meddle: Callable[[Request], Reply | None] = lambda _: None
    grants: list[str] = field(default_factory=list)
    tokens: int = 0
    good: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.provider.otherwise = self.answer

    def answer(self, request: Request) -> Reply:
        """What is answered to any request."""
        meddled = self.meddle(request)
        if meddled is not None:
            return meddled
        if request.path == "/oauth/token":
            return self._token(dict(parse_qsl(request.body.decode())))
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer not in self.good:
            return Reply(b'{"message": "unauthorized"}', 401)
        if request.path == "/api/acled/read":
            return self._listing(request, self.events, "timestamp")
        if request.path == "/api/deleted/read":
            return self._listing(request, self.deletions, "deleted_timestamp")
        return Reply(b"no", 404)

    def _token(self, form: dict[str, str]) -> Reply:
        self.grants.append(form["grant_type"])
        is_right = form.get("username") == USERNAME and form.get("password") == PASSWORD
        takes = {
            "password": self.takes_password and is_right,
            "refresh_token": self.takes_refresh and "refresh_token" in form,
        }
        if form.get("client_id") != "acled" or not takes[form["grant_type"]]:
            return Reply(b'{"error": "invalid_grant"}', 400)
        self.tokens += 1
        token = f"invented-token-{self.tokens}"
        self.good = {token}
        given = {
            "token_type": "Bearer",
            "expires_in": 86400,
            "access_token": token,
            "refresh_token": f"invented-refresh-{self.tokens}",
        }
        return Reply(json.dumps(given).encode())

    def _listing(self, request: Request, rows: list[Row], stamped: str) -> Reply:
        query = request.query
        assert query[f"{stamped}_where"] == ">="
        assert query["_format"] == "json"
        found = [
            row
            for row in rows
            if int(row[stamped]) >= int(query[stamped])
            and row.get("event_date", "9999") >= query.get("event_date", "")
        ]
        limit = int(query["limit"])
        start = int(query.get("cursor", (int(query.get("page", "1")) - 1) * limit))
        page = found[start : start + limit]
        others: dict[str, Any] = {"data_query_restrictions": self.restrictions}
        if self.tells_total and query.get("with_total") == "true":
            others |= {"count": len(page), "total_count": len(found)}
        if not self.counts_pages:
            after = start + limit
            others["next_cursor"] = str(after) if after < len(found) else None
        return Reply(listed(page, **others))
