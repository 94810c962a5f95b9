"""Routes to sign in with a name and an API key, and to sign out."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.pages.forms import SentValues
from api.pages.page import WebPage
from api.pages.told_problem import told_problem
from api.routes.pages.page_route import CurrentPage, OpenPage, PageRoute, SentForm, SignedInRoute
from api.serving.access import proven_key
from api.serving.browser_sessions import end, session_of, start
from api.serving.problems import Problem
from ewarn.domain.key import IDLE_FOR
from ewarn.errors import UsageError

router = APIRouter(tags=["page"], route_class=PageRoute)
signed_in = APIRouter(tags=["page"], route_class=SignedInRoute)


@router.get("/sign-in", response_class=Response, include_in_schema=False)
async def show_sign_in(page: OpenPage) -> Response:
    """Return the page to sign in."""
    return _form(page, page.asked("next", "/"))


@router.post("/sign-in", response_class=Response, include_in_schema=False)
async def sign_in(page: OpenPage, form: SentForm) -> Response:
    """Begin a session of a person with a name and a valid key."""
    following = _local(form.text("next"))
    answer = page.redirect(following)
    try:
        key = await proven_key(page.request, form.text("key"))
        before = await session_of(page.request)
        await run_in_threadpool(start, page.state, key.prefix, form.text("person"), answer, before)
    except Problem as problem:
        return _form(page, following, _refusal(page, problem), form)
    except UsageError as error:
        refused = told_problem(Problem("invalid-parameter", f"{error}."), page.language)
        return _form(page, following, refused.detail, form)
    return answer


@signed_in.post("/sign-out", response_class=Response, include_in_schema=False)
async def sign_out(page: CurrentPage, _form: SentForm) -> Response:
    """End the session, and let the browser forget the pages that it cached.

    Those that the service worker stored it deletes itself, at the page to sign in. With `"storage"`
    the browser would also erase reports of observers that wait there for a line.
    """
    answer = page.redirect("/sign-in")
    answer.headers["Clear-Site-Data"] = '"cache"'
    if page.reader is not None and page.reader.session is not None:
        await run_in_threadpool(end, page.state, page.reader.session, answer)
    return answer


def _refusal(page: WebPage, problem: Problem) -> str:
    """Return why a key does not open the pages."""
    if problem.status != HTTPStatus.UNAUTHORIZED:
        return told_problem(problem, page.language).detail
    return page.gettext("This key is unknown, expired or revoked. Look whether it is whole.")


def _form(
    page: WebPage, following: str, wrong: str = "", form: SentValues | None = None
) -> Response:
    context = {
        "section": "",
        "wrong": wrong,
        "following": _local(following),
        "name": form.text("person") if form else "",
        "idle_hours": int(IDLE_FOR.total_seconds() // 3600),
    }
    return page.render("sign_in.html.j2", context, status=422 if wrong else 200, fresh=False)


def _local(path: str) -> str:
    """Return an address of this service: never that of another one."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_local else "/"
