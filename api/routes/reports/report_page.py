"""Routes of the page for observers, which needs no key, and of its service worker."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api.pages.report_page import (
    FILES,
    PATH,
    WORKER_PATH,
    Notice,
    report_page,
    service_worker,
)
from api.routes.pages.assets import assets
from api.routing.route import Route
from api.serving.access import State
from api.serving.queries import NoParameters
from api.serving.state import ApiState
from api.serving.texts import CompleteLanguage
from ewarn.languages.catalogues import preferred_language
from ewarn.pipeline.reports.desk import ReportsDisabled, desk_of


class _UnloggedRoute(Route):
    """A route of which no log says when somebody opened the form."""

    is_logged = False


router = APIRouter(tags=["page"], route_class=_UnloggedRoute)


class _PageQuery(NoParameters):
    lang: CompleteLanguage | None = Field(None, description="Default: that of the browser.")


@router.get(PATH, response_class=Response, include_in_schema=False)
def show_report_page(
    request: Request, state: State, asked: Annotated[_PageQuery, Query()]
) -> Response:
    """Return the page. While field reports are not accepted, it says so, with status 503."""
    notice = _notice(state)
    language = asked.lang or preferred_language(request.headers.get("accept-language", ""))
    return Response(
        report_page(notice, language),
        200 if notice.is_open else 503,
        {"Cache-Control": "no-store", "Vary": "Accept-Language", "X-Robots-Tag": "noindex"},
        media_type="text/html; charset=utf-8",
    )


@router.get(WORKER_PATH, response_class=Response, include_in_schema=False)
def show_worker(state: State) -> Response:
    """Return the service worker of the page. It may store the page at `/report` and no other."""
    files = {name: assets()[name].body for name in FILES}
    return Response(
        service_worker(assets()["report_worker.js"].body, files, _notice(state)),
        headers={"Cache-Control": "no-store", "Service-Worker-Allowed": PATH},
        media_type="text/javascript; charset=utf-8",
    )


def _notice(state: ApiState) -> Notice:
    try:
        desk = desk_of(state.service)
    except ReportsDisabled:
        return Notice(is_open=False)
    return Notice(True, desk.controller, desk.retention.days)
