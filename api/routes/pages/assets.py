"""The files of the pages, and the pages that are the same for everybody."""

import hashlib
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from api.pages.page import WebPage
from api.routing.route import Route
from api.serving.problems import KINDS, Problem
from ewarn.languages import problem_details

router = APIRouter(tags=["page"], route_class=Route)
_REVALIDATED = "no-cache"  # cached, but revalidated each time: a 304 is small on a bad line
# The page for field reports stores its files itself, where one tap erases them.
_NEVER_CACHED = "report"  # the beginning of their names


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page."""

    body: bytes
    media_type: str
    etag: str
    caching: str = _REVALIDATED


@cache
def assets() -> Mapping[str, Asset]:
    """Return every file of the page by name. The files are read once."""
    folder = files("api").joinpath("static")
    return {item.name: _asset(item.name, item.read_bytes()) for item in folder.iterdir()}


@router.get("/page/{name}", response_class=Response, include_in_schema=False)
async def show_asset(request: Request, name: Annotated[str, Path()]) -> Response:
    """Return one of the page's files."""
    asset = assets().get(name)
    if asset is None:
        raise Problem("not-found", problem_details.NO_FILE(name=repr(name[:60])))
    return _served(request, asset)


@router.get("/worker.js", response_class=Response, include_in_schema=False)
async def show_worker(request: Request) -> Response:
    """Return the service worker, which may store every page."""
    return _served(request, assets()["worker.js"])


@router.get("/problems", response_class=Response, include_in_schema=False)
async def explain_problems(request: Request) -> Response:
    """Return the page that explains each kind of problem and what to do about it."""
    return _served(request, _problems())


@router.get("/offline", response_class=Response, include_in_schema=False)
async def show_offline(request: Request) -> Response:
    """Return the page that stands for one that was never read, when the line is down."""
    return WebPage(request, None).render("offline.html.j2", {})


def _asset(name: str, body: bytes) -> Asset:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    text = kind.startswith("text/") or kind.endswith("javascript")
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    caching = "no-store" if name.startswith(_NEVER_CACHED) else _REVALIDATED
    return Asset(body, f"{kind}; charset=utf-8" if text else kind, etag, caching)


def _served(request: Request, asset: Asset) -> Response:
    headers = {"ETag": asset.etag, "Cache-Control": asset.caching}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.body, media_type=asset.media_type, headers=headers)


@cache
def _problems() -> Asset:
    entries = "\n".join(
        f'<dt id="{name}">{kind.status} {html.escape(kind.title)} <code>{name}</code></dt>'
        f"<dd>{_with_code(html.escape(kind.explanation))}</dd>"
        for name, kind in KINDS.items()
    )
    template = assets()["problems.html"].body.decode()
    return _asset("problems.html", template.replace("<!-- problems -->", entries).encode())


def _with_code(text: str) -> str:
    """Return HTML with the text between backquotes marked as code."""
    parts = text.split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
