"""The kind of every page route: it asks people to sign in, and answers problems as pages."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.pages.forms import SentValues
from api.pages.own_api import address
from api.pages.page import WebPage
from api.pages.problem_page import problem_page
from api.routing.key_first import KeyFirst
from api.serving.access import Reader, RequiredScope
from api.serving.browser_sessions import check_same_site, cookie_name, record_use, start
from api.serving.problems import Problem
from api.serving.state import ApiState
from ewarn.domain.key import SCOPES

FORM_FIELD = "form_token"  # the name of the hidden field against forgery
_PERSON = RequiredScope(*SCOPES)


class PageRoute(KeyFirst):
    """A route that answers with a page, also when something is wrong."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, whose problems become pages."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except Problem as problem:
                return problem_page(request, problem)

        return handle


class SignedInRoute(PageRoute):
    """A page of a person who signed in. Others are asked to sign in first.

    An endpoint that changes something must depend on `SentForm`, which checks the form's token.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, preceded by the check of the session."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            state: ApiState = request.app.state.ewarn
            request.state.is_page = True
            try:
                reader = await _PERSON.admit(request)
            except Problem as problem:
                if problem.status != 401:
                    return problem_page(request, problem)
                if state.is_replay and state.page_key and request.method == "GET":
                    return await run_in_threadpool(_begin_visit, request, state, state.page_key)
                return WebPage(request, None).redirect(_to_sign_in(request))
            if reader.session is not None and "part" not in request.query_params:
                await run_in_threadpool(record_use, state, reader.session)
            return await handler(request)

        return handle


def page_of(request: Request) -> WebPage:
    """Return the page of a request whose person signed in."""
    reader: Reader = request.state.reader
    return WebPage(request, reader)


async def form_of(request: Request) -> SentValues:
    """Return the form of a request.

    Raises:
        Problem: 403 if the form was not sent by a page of this session.
    """
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    reader: Reader | None = getattr(request.state, "reader", None)
    form = SentValues(values)
    check_same_site(request, form.text(FORM_FIELD), reader.session if reader else None)
    return form


def _open_page(request: Request) -> WebPage:
    return WebPage(request, None)


CurrentPage = Annotated[WebPage, Depends(page_of)]
OpenPage = Annotated[WebPage, Depends(_open_page)]  # one that needs no session
SentForm = Annotated[SentValues, Depends(form_of)]


def _to_sign_in(request: Request) -> str:
    """Return where to sign in. If a session ended, the page says what became of a sent form."""
    if request.url.path == "/sign-out":
        return "/sign-in"
    had_session = cookie_name(request.app.state.ewarn) in request.cookies
    ended = "" if not had_session else "sent" if request.method != "GET" else "read"
    return address("/sign-in", next=_local(request), ended=ended)


def _local(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _begin_visit(request: Request, state: ApiState, key: str) -> Response:
    """Sign a visitor of a demonstration in, and load the same page again."""
    answer = WebPage(request, None).redirect(_local(request))
    start(state, key.partition(".")[0], "Visitor", answer)
    return answer
