"""Answers: JSON or files, pages with links, entity tags and 304."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeVar, get_args
from urllib.parse import urlencode

import orjson
from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from api.formats.document import Document, Record
from api.formats.registry import JSON, MEDIA_TYPES, SAVED, WRITERS, columns_in
from api.serving.access import Reader
from api.serving.problems import shown, wrong_parameters
from api.serving.queries import Paged
from api.serving.requests import HEAD, format_of
from api.serving.state import ApiState
from ewarn.egress.alerts import UnhealthySourceRecord
from ewarn.egress.definition.shapes import Shape, outbound
from ewarn.notify.messages.source_notices import joined
from ewarn.pipeline.intake.footing import Footing
from ewarn.ports import WholeGazetteer

Chosen = TypeVar("Chosen")

_VARY = "Accept, Authorization, Cookie, X-API-Key"
POLLED = {"Cache-Control": "private, max-age=60", "Vary": _VARY}
_OF_EACH_ROW = "the column notice says more of each row"
FRESH = {"Cache-Control": "private, no-cache", "Vary": _VARY}


def json_answer(body: Any, headers: Mapping[str, str] = FRESH) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(body), media_type="application/json", headers=dict(headers))


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, or a whole file of its records.

    Attributes:
        cursor: The cursor of the next page; None on the last page.
        footing: The sources that the items depend on; None for a list that depends on none.
        later: The items of the pages after this one, which only a whole file reads.
        last: Items at the end of the last page.
    """

    items: Sequence[Record]
    as_of: datetime | None
    cursor: str | None = None
    notice: str = ""
    footing: Footing | None = None
    later: Iterable[Record] = ()
    last: Sequence[Record] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: FRESH)

    def answer(self, request: Request, asked: Paged | None = None) -> Response:
        """Return the page in the format that the request asks for, with a link to the next page.

        A file is whole if the request `asked` for no size of a page.
        """
        format_ = format_of(request)
        is_whole = asked is not None and not asked.is_page(format_)
        following = None if is_whole else self._next(request)
        headers = dict(self.headers)
        if following is not None:
            headers["Link"] = f'<{following}>; rel="next"'
        rows = chain(self.items, self.later if is_whole else (), () if following else self.last)
        notice = joined((self.notice, "" if self.footing is None else self.footing.notice()))
        if format_ != JSON:
            goes_on = is_whole and self.cursor is not None
            document = self._document(request, notice, goes_on, getattr(asked, "hxl", False))
            return file_answer(document, rows, format_, headers)
        shape = _shape_of(request)
        names = _selected(request, _json_names(shape))
        body = {
            "items": [*rows] if len(names) == len(shape.model_fields) else _only(names, rows),
            "next": following,
            "as_of": self.as_of,
            "notice": notice,
        }
        if self.footing is not None:
            body["unwell"] = unwell_records(self.footing)
        return json_answer(body, headers)

    def _document(self, request: Request, notice: str, goes_on: bool, hxl: bool) -> Document:
        """Return what is said about a file.

        Args:
            goes_on: Whether there are pages that are not read yet, so that `notice` may lack what
                it would say of them.
        """
        known = columns_in(format_of(request), _shape_of(request))
        columns = _selected(request, {each.name: each for each in known})
        if goes_on and "notice" in columns:
            notice = joined((notice, _OF_EACH_ROW))
        return Document(
            name=request.url.path.rpartition("/")[2],
            columns=list(columns.values()),
            as_of=self.as_of,
            notice=notice,
            hxl=hxl,
            point=partial(_point, request.app.state.ewarn.places),
        )

    def _next(self, request: Request) -> str | None:
        if self.cursor is None:
            return None
        others = [(name, value) for name, value in request.query_params.multi_items()]
        kept = [(name, value) for name, value in others if name != "cursor"]
        return f"{request.url.path}?{urlencode([*kept, ('cursor', self.cursor)])}"


def file_answer(
    document: Document, rows: Iterable[Record], format_: str, headers: Mapping[str, str]
) -> Response:
    """Return an answer that is written while it is sent.

    An error on the way aborts the answer, so that the client sees that it is not whole.
    """
    headers = dict(headers)
    if document.notice:
        headers["X-Notice"] = document.notice
    if format_ in SAVED:
        headers["Content-Disposition"] = f'attachment; filename="{document.name}.{format_}"'
    written = WRITERS[format_](document, rows)
    return WithoutBodyForHead(written, media_type=MEDIA_TYPES[format_], headers=headers)


class WithoutBodyForHead(StreamingResponse):
    """A streamed answer that writes nothing if only its headers are asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        if scope.get(HEAD):
            await Response(headers=dict(self.headers))(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def _shape_of(request: Request) -> type[Shape]:
    """Return the shape of the items of the list that a request asks for."""
    listed: type[BaseModel] = request.scope["route"].response_model
    (shape,) = get_args(listed.model_fields["items"].annotation)
    found: type[Shape] = shape
    return found


def _json_names(shape: type[Shape]) -> dict[str, str]:
    return {name: name for name in (each.alias or key for key, each in shape.model_fields.items())}


def _selected(request: Request, known: Mapping[str, Chosen]) -> dict[str, Chosen]:
    """Return the fields or columns that a request names with `fields`, or all of them.

    Raises:
        Problem: 422 if there is no such field in this format.
    """
    given = ",".join(request.query_params.getlist("fields"))
    named = dict.fromkeys(name.strip() for name in given.split(",") if name.strip())
    unknown = [shown(name) for name in named if name not in known]
    if unknown:
        reason = f"there is no {', '.join(unknown)}; there are {', '.join(known)}"
        raise wrong_parameters(("fields", reason))
    return {name: each for name, each in known.items() if not named or name in named}


def _only(names: Collection[str], rows: Iterable[Record]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names if name in row} for row in rows]


def _point(places: WholeGazetteer, record: Record) -> tuple[float, float] | None:
    """Return the position of a record, or of a point in its region; None if it is not known."""
    if "latitude" in record:
        known = record["latitude"] is not None and record["longitude"] is not None
        return (record["latitude"], record["longitude"]) if known else None
    return places.get(record["region"]).centre


def unwell_records(footing: Footing) -> list[dict[str, Any]]:
    """Return the records of the sources that are not healthy."""
    return [outbound(UnhealthySourceRecord, each) for each in footing.unwell]


def tag(request: Request, reader: Reader, version: str, *parts: object) -> str:
    """Return a strong entity tag of what an answer depends on, who asks, and the format.

    Without the secret of the API, a client could find out by trying what else it depends on, such
    as how many changes of alerts there are in all countries.
    """
    accept = request.headers.get("accept", "")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    shape = (str(request.url.query), accept, packed, reader.key.reach, version)
    state: ApiState = request.app.state.ewarn
    return f'"{state.digest(repr((request.url.path, shape, parts)).encode()).hex()[:32]}"'


def unchanged(request: Request, etag: str) -> Response | None:
    """Return a 304 if the client already has this answer, else None."""
    if not has_tag(request, etag):
        return None
    return Response(status_code=304, headers={**POLLED, "ETag": etag})


def has_tag(request: Request, etag: str) -> bool:
    """Return whether the client says that it has this answer (RFC 9110, weak comparison)."""
    said = request.headers.get("if-none-match", "")
    known = [part.strip().removeprefix("W/") for part in said.split(",")]
    return etag in known or "*" in known
