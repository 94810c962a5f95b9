"""Routes for monitoring: liveness, readiness and metrics.

Liveness and readiness need no key and reveal nothing else.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.formats.registry import documented_text
from api.routing.key_first import KeyFirst
from api.serving.access import ReadsSources, State
from api.serving.answers import json_answer
from api.serving.metrics import Metrics
from api.serving.problems import Problem
from api.serving.queries import NoParameters
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.service import Probe
from ewarn.errors import StoreError
from ewarn.store.database.schema import current_revision, head_revision

router = APIRouter(tags=["probes"], route_class=KeyFirst)
# Where the database is, and of which version, is told to nobody who has no key.
_UNREACHABLE = "The database does not answer. Is it running? The log of this service says more."
_OTHER_VERSION = "The database is not migrated to this version of ewarn: run `ewarn migrate`."
_STOPPING = "This process is stopping: send requests to another one."
_EXAMPLE = '# TYPE ewarn_alerts gauge\newarn_alerts{state="open"} 3.0\n'
_NEVER_KEPT = {"Cache-Control": "no-store"}


@router.get("/healthz", response_model=Probe)
async def is_alive() -> Response:
    """Return `ok` while the process runs. Nothing else is checked, and no key is needed."""
    return json_answer(outbound(Probe, {"status": "ok"}), _NEVER_KEPT)


@router.get("/readyz", response_model=Probe, responses={503: {}})
def is_ready(request: Request, state: State) -> Response:
    """Return `ok` if requests can be sent here.

    The process is not stopping, and the database can be reached and is migrated to this version. No
    key is needed. Error: 503 otherwise; `detail` says which of them is wrong, and what to do.
    """
    if request.app.state.is_stopping.is_set():
        raise Problem("stopping", _STOPPING)
    try:
        revision = current_revision(state.store)
    except StoreError:
        raise Problem("store-unavailable", _UNREACHABLE) from None
    if revision != head_revision():
        raise Problem("store-unavailable", _OTHER_VERSION)
    return json_answer(outbound(Probe, {"status": "ok"}), _NEVER_KEPT)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: documented_text("text/plain", "Metrics, in the text format.", _EXAMPLE)},
)
def show_metrics(
    request: Request, reader: ReadsSources, _: Annotated[NoParameters, Query()]
) -> Response:
    """Return counters and gauges in the Prometheus text format.

    Needs the scope `sources:read`, and a key that covers all countries, because the metrics count
    alerts and name sources of all of them. Error: 403 otherwise.
    """
    if not reader.key.is_everywhere:
        raise Problem("countries-required", "The metrics need a key that covers all countries.")
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(reader), media_type=CONTENT_TYPE_LATEST, headers=_NEVER_KEPT)
