"""The application: routes, problems, headers and the OpenAPI document, put together."""

from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from api.routes.registry import ROUTERS
from api.schemas.problems import ProblemDocument
from api.serving import problems
from api.serving.guard import Guard, Head
from api.serving.metrics import Metrics
from api.serving.problems import Problem
from api.serving.queries import check_query
from api.serving.state import ApiState
from ewarn.errors import StoreError

GZIP_FROM = 500  # bytes: below, packing costs more than it saves

DESCRIPTION = """
Risk scores, alerts and the events behind them, for human-rights offices.

**Keys.** Send `Authorization: Bearer prefix.secret` or `X-API-Key`. A key has scopes, and covers
countries: what lies outside them is not found.

**As of.** `as_of` gives the answer as it would have been given at that moment. It never changes.

**Polling.** Scores and alerts have a strong `ETag`: send it back as `If-None-Match`.

**Pages.** Follow `next`, or the header `Link`, until there is none. Pages of one list speak of
one moment: nothing is skipped or repeated while rows change.

**Missing is not zero.** A week nobody observed has a count of null.

**Notices.** `notice` says on what footing the items stand, and belongs wherever they are shown.
It names the sources that are not well, with the time of the newest thing read of each, also where
a list is empty; `unwell` lists them for programs, and the header `X-Notice` holds the notice of a
CSV. What is said of sources changes the `ETag`.

Boundaries and names imply no opinion on the legal status of any territory.
"""
TAGS = [
    {"name": "scores", "description": "The risk of harm to people in a region, and what moved it."},
    {"name": "alerts", "description": "What rules made of scores, with every change."},
    {"name": "response", "description": "What is done: deployments, recommendations, briefs."},
    {"name": "events", "description": "What happened, as sources know it; every version."},
    {"name": "places", "description": "Regions and the offices that watch them."},
    {"name": "service", "description": "Sources, models, and how the service stands."},
    {"name": "push", "description": "Where providers tell that something new is there."},
    {
        "name": "probes",
        "description": "For machines that watch the service; the first two need no key.",
    },
]
_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457); `type` leads to its explanation.",
        "content": {
            problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
        },
    }
}


def create_app(state: ApiState) -> FastAPI:
    """The API and its page over what `state` holds. Nothing is started and nothing is global."""
    app = FastAPI(
        title="ewarn",
        version=state.version,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        responses=_PROBLEM,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    app.state.ewarn = state
    app.state.metrics = Metrics(state)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(check_query)])
    _answer_problems(app)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM)
    app.add_middleware(Guard, metrics=app.state.metrics)
    app.add_middleware(Head)
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            openapi_version=app.openapi_version,
            description=app.description,
            tags=app.openapi_tags,
            license_info=app.license_info,
            routes=app.routes,
        )
        problem = ProblemDocument.schema_for_openapi()
        parts = problem.pop("$defs", {})
        made["components"]["schemas"] |= parts | {"ProblemDocument": problem}
        app.openapi_schema = made
    return app.openapi_schema


def _answer_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def _(_request: Request, problem: Problem) -> Response:
        return problem.answer()

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> Response:
        return problems.of_validation(error).answer()

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        return problems.of_status(error.status_code, request.url.path, error.headers)

    @app.exception_handler(StoreError)
    async def _(_request: Request, _error: StoreError) -> Response:
        return Problem("store-unavailable", "The database cannot be used just now.").answer()
