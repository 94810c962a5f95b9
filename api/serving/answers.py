"""How answers are written: JSON or CSV, pages with links, entity tags and 304."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import Request
from fastapi.responses import Response

from api.serving.access import Reader
from api.serving.exports import table
from api.serving.queries import Format
from ewarn.egress.alerts import UnwellRecord
from ewarn.egress.shapes import outbound
from ewarn.notify.source_notices import together
from ewarn.pipeline.intake.footing import Footing

_VARY = "Accept, Authorization, X-API-Key"
POLLED = {"Cache-Control": "private, max-age=60", "Vary": _VARY}
FRESH = {"Cache-Control": "private, no-cache", "Vary": _VARY}


def json_answer(body: Any, headers: Mapping[str, str] = FRESH) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(body), media_type="application/json", headers=dict(headers))


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list. `cursor` leads to the next page (None: this is the last one).

    `rows` are the items as a table has them, where that differs from how JSON has them. `footing`
    is what the items rest on; a list that rests on no source has none.
    """

    items: Sequence[Mapping[str, Any]]
    as_of: datetime | None
    columns: Sequence[str] = ()
    cursor: str | None = None
    notice: str = ""
    footing: Footing | None = None
    rows: Sequence[Mapping[str, Any]] | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: FRESH)

    def answer(self, request: Request, wanted: Format | None = None) -> Response:
        """The page in the format the request asks for, with its link to the next one."""
        following = self._next(request)
        said = "" if self.footing is None else self.footing.notice()
        notice = together((self.notice, said))
        headers = dict(self.headers)
        if following is not None:
            headers["Link"] = f'<{following}>; rel="next"'
        if self.columns and wants_csv(request, wanted):
            text = table(self.columns, self.items if self.rows is None else self.rows)
            if notice:
                headers["X-Notice"] = notice
            return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
        body = {
            "items": self.items,
            "next": following,
            "as_of": self.as_of,
            "notice": notice,
        }
        if self.footing is not None:
            body["unwell"] = unwell_records(self.footing)
        return json_answer(body, headers)

    def _next(self, request: Request) -> str | None:
        if self.cursor is None:
            return None
        others = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in others if name != "cursor"]
        return f"{request.url.path}?{urlencode([*kept, ('cursor', self.cursor)])}"


def unwell_records(footing: Footing) -> list[dict[str, Any]]:
    """The sources that are not well, for programs."""
    return [outbound(UnwellRecord, each) for each in footing.unwell]


def wants_csv(request: Request, wanted: Format | None) -> bool:
    """Whether the answer is to be CSV: `format` decides, else the header `Accept`."""
    if wanted is not None:
        return wanted is Format.CSV
    accepted = [
        part.partition(";")[0].strip() for part in request.headers.get("accept", "").split(",")
    ]
    return "text/csv" in accepted and "application/json" not in accepted


def tag(request: Request, reader: Reader, version: str, *parts: object) -> str:
    """A strong entity tag: of what the answer rests on, who asks what, and how it is written."""
    accept = request.headers.get("accept", "")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    shape = (str(request.url.query), accept, packed, reader.key.countries, version)
    digest = hashlib.sha256(repr((request.url.path, shape, parts)).encode())
    return f'"{digest.hexdigest()[:32]}"'


def unchanged(request: Request, etag: str) -> Response | None:
    """304 where the asker already has this answer (RFC 9110, weak comparison), else None."""
    known = [
        part.strip().removeprefix("W/")
        for part in request.headers.get("if-none-match", "").split(",")
    ]
    if etag not in known and "*" not in known:
        return None
    return Response(status_code=304, headers={**POLLED, "ETag": etag})
