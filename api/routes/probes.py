"""For machines that watch the service: does it live, can it work, what does it count.

Whether it lives and works is told without a key, and nothing else is.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.serving.access import ReadsSources, State
from api.serving.answers import json_answer
from api.serving.key_first import KeyFirst
from api.serving.metrics import Metrics
from api.serving.problems import Problem
from api.serving.queries import Asking
from ewarn.egress.service import Probe
from ewarn.egress.shapes import outbound
from ewarn.store.database.schema import require_current

router = APIRouter(tags=["probes"], route_class=KeyFirst)
_NEVER_KEPT = {"Cache-Control": "no-store"}


@router.get("/healthz", response_model=Probe)
async def is_alive() -> Response:
    """The process lives. Nothing else is looked at."""
    return json_answer(outbound(Probe, {"status": "ok"}), _NEVER_KEPT)


@router.get("/readyz", response_model=Probe)
def is_ready(state: State) -> Response:
    """The database can be reached and is at the revision this version needs; 503 otherwise."""
    require_current(state.store)
    return json_answer(outbound(Probe, {"status": "ok"}), _NEVER_KEPT)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def show_metrics(request: Request, reader: ReadsSources, _: Annotated[Asking, Query()]) -> Response:
    """Counters and gauges in the Prometheus text format, for a key of all countries: they count
    alerts and name sources wherever they are.
    """
    if not reader.key.is_everywhere:
        raise Problem("countries-required", "The metrics need a key that covers all countries.")
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(reader), media_type=CONTENT_TYPE_LATEST, headers=_NEVER_KEPT)
