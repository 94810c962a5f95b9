"""The FastAPI application: its routes, errors and headers."""

import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from api.admission import admitted
from api.openapi import DESCRIPTION, TAGS, document, flat
from api.pages.problem_page import answer_to_problem
from api.routes.feeds.change_feed import ChangeFeed
from api.routes.registry import ROUTERS
from api.routing.access_log import AccessLog
from api.routing.guard import Guard, Head
from api.routing.limited import Limited
from api.routing.polled import GZIP_FROM, KeptAnswers
from api.routing.route import Section
from api.serving import problems
from api.serving.footings import Footings
from api.serving.known_keys import KeyUses, KnownKeys
from api.serving.metrics import Metrics
from api.serving.problems import Problem, store_unavailable
from api.serving.state import ApiState
from api.warm_up import warm_up
from ewarn.errors import StoreError
from ewarn.store.database.revision import RevisionReader


def create_app(state: ApiState, brought: Mapping[str, APIRouter] | None = None) -> FastAPI:
    """Return the API and its page over `state`. Nothing is started.

    Args:
        brought: Routers of other packages, by name.

    Raises:
        SettingsError: A router of another package must not be served.
    """
    app = FastAPI(
        title="ewarn",
        version=state.version,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        routes=[Section(router) for router in ROUTERS],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.ewarn = state
    app.state.metrics = Metrics(state)
    app.state.revisions = RevisionReader(state.store)
    app.state.known_keys = KnownKeys()
    app.state.footings = Footings(state)
    app.state.key_uses = KeyUses(state.store)
    app.state.answers = KeptAnswers(state)
    app.state.changes = ChangeFeed(state)
    app.state.is_stopping = is_stopping = threading.Event()  # the server sets it
    for router in admitted(brought or {}):
        app.include_router(router)
    _answer_problems(app)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM)
    if state.limits is not None:
        app.add_middleware(Limited, limits=state.limits, answer=_answer)
    log = None if state.access_log is None else AccessLog(state.access_log, state.clock)
    app.add_middleware(
        Guard, metrics=app.state.metrics, access_log=log, is_stopping=is_stopping, answer=_answer
    )
    app.add_middleware(Head)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await warm_up(app)
    yield


def _allowed(app: FastAPI, path: str) -> str:
    """Return the methods that an address allows, of all its routes."""
    routes = (each for each in flat(app.routes) if isinstance(each, APIRoute))
    found = [each.methods or () for each in routes if each.path_regex.match(path)]
    return ", ".join(sorted(set().union(*found)))


def _answer(request: Request, problem: Problem) -> Response:
    try:
        return answer_to_problem(request, problem)
    except Exception:  # what failed may be what every page needs
        return problem.answer()


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def _(request: Request, problem: Problem) -> Response:
        return _answer(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        return _answer(request, problems.of_validation(error))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        headers, path = error.headers, request.scope["path"]
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = {"Allow": _allowed(app, path)}
        problem = problems.of_status(error.status_code, request.url.path, headers)
        if problem.status != error.status_code:
            return problem.answer(error.status_code)
        return _answer(request, problem)

    @app.exception_handler(StoreError)
    async def _(request: Request, _error: StoreError) -> Response:
        return _answer(request, store_unavailable())
