"""Answers: JSON or files, pages with links, entity tags and 304."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
from api.serving.requests import HEAD, format_of, language_of
from api.serving.state import ApiState
from ewarn.egress.alerts import UnhealthySourceRecord
from ewarn.egress.definition.shapes import Shape, outbound
from ewarn.languages import field_faults
from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.notify.messages.source_notices import joined
from ewarn.pipeline.intake.footing import Footing
from ewarn.ports import WholeGazetteer

Chosen = TypeVar("Chosen")

_VARY = "Accept, Accept-Language, Authorization, Cookie, X-API-Key"
POLLED = {"Cache-Control": "private, max-age=60", "Vary": _VARY}
FRESH = {"Cache-Control": "private, no-cache", "Vary": _VARY}
_NOTICE = "notice"

NoticeWriter = Callable[[str], str]  # writes a notice in a language


def json_answer(body: Any, headers: Mapping[str, str] = FRESH) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(body), media_type="application/json", headers=dict(headers))


def answer_in_language(request: Request, body: Any) -> Response:
    """Return a JSON answer that holds a notice or other words in the language of the request."""
    return json_answer(body, {**FRESH, "Content-Language": language_of(request)})


def no_notice(_language: str) -> str:
    """Write no notice."""
    return ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, or a whole file of its records.

    Attributes:
        cursor: The cursor of the next page; None on the last page.
        notice: Writes what must be shown with the items.
        footing: The sources that the items depend on; None for a list that depends on none.
        later: The items of the pages after this one, which only a whole file reads.
        last: Items at the end of the last page.
    """

    items: Sequence[Record]
    as_of: datetime | None
    cursor: str | None = None
    notice: NoticeWriter = no_notice
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
        shape = _shape_of(request)
        if format_ != JSON:
            goes_on = is_whole and self.cursor is not None
            return self._file(request, rows, headers, goes_on, getattr(asked, "hxl", False))
        notice = self._notice(language_of(request))
        if notice or _NOTICE in shape.model_fields:
            headers["Content-Language"] = language_of(request)
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

    def _file(
        self,
        request: Request,
        rows: Iterable[Record],
        headers: dict[str, str],
        goes_on: bool,
        hxl: bool,
    ) -> Response:
        """Return a file of rows.

        Its header `X-Notice` is in English for every reader: a header has only the letters of
        ASCII, and programs read it. Inside of the file, notices are in the reader's language.

        Args:
            goes_on: Whether there are pages that are not read yet, so that the notice may lack what
                it would say of them.
        """
        format_, language = format_of(request), language_of(request)
        known = columns_in(format_, _shape_of(request))
        columns = _selected(request, {each.name: each for each in known})
        refers_to_rows = goes_on and _NOTICE in columns
        document = Document(
            name=request.url.path.rpartition("/")[2],
            columns=list(columns.values()),
            as_of=self.as_of,
            notice=self._notice(language, refers_to_rows),
            hxl=hxl,
            point=partial(_point, request.app.state.ewarn.places),
        )
        if document.notice:
            headers["X-Notice"] = self._notice(ENGLISH, refers_to_rows)
        if document.notice or _NOTICE in columns:
            headers["Content-Language"] = language
        return file_answer(document, rows, format_, headers)

    def _notice(self, language: str, refers_to_rows: bool = False) -> str:
        """Return the notice in a language. It can refer to the column that says more."""
        of_sources = "" if self.footing is None else self.footing.notice(language)
        of_rows = _of_each_row(language) if refers_to_rows else ""
        return joined((self.notice(language), of_sources, of_rows), language)

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
    if format_ in SAVED:
        headers["Content-Disposition"] = f'attachment; filename="{document.name}.{format_}"'
    written = WRITERS[format_](document, rows)
    return WithoutBodyForHead(written, media_type=MEDIA_TYPES[format_], headers=headers)


def _of_each_row(language: str) -> str:
    return translation(language).gettext("the column notice says more of each row")


class WithoutBodyForHead(StreamingResponse):
    """A streamed answer that writes nothing if only its headers are asked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        if scope.get(HEAD):
            answer = Response(headers=dict(self.headers))
            del answer.headers["content-length"]  # the file is not empty; nobody knows its length
            await answer(scope, receive, send)
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
        reason = field_faults.NO_SUCH_FIELDS(names=", ".join(unknown), known=", ".join(known))
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
    """Return a strong entity tag of what an answer depends on, who asks, the format and language.

    Without the secret of the API, a client could find out by trying what else it depends on, such
    as how many changes of alerts there are in all countries.
    """
    accept = request.headers.get("accept", "")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    asked = (str(request.url.query), accept, packed, language_of(request))
    shape = (*asked, reader.key.reach, version)
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
