"""The first questions of a process, asked before anybody else asks.

The first request of each list connects to the database and compiles its statements, which takes a
quarter of a second under load. It is done while the process is not ready yet.
"""

from datetime import datetime, timedelta

import structlog
from fastapi import FastAPI

from api.pages.own_api import OwnApi
from api.serving.access import Reader
from api.serving.problems import Problem
from api.serving.state import ApiState
from ewarn.domain.key import EVERYWHERE, READ_SCOPES, ApiKey
from ewarn.errors import StoreError

_LISTS = ("events", "scores", "scores/history", "alerts")


async def warm_up(app: FastAPI) -> None:
    """Ask each list for its first row, now and as of yesterday.

    What fails is no reason not to start: the database may come back later.
    """
    state: ApiState = app.state.ewarn
    now = state.clock()
    api = OwnApi(app, Reader(_nobody(now)))
    try:
        for name in _LISTS:
            await api.get(f"/v1/{name}", limit=1)
            await api.get(f"/v1/{name}", limit=1, as_of=(now - timedelta(days=1)).date())
    except (StoreError, Problem) as error:
        structlog.get_logger("ewarn.api").warning("not warmed up", reason=str(error))


def _nobody(now: datetime) -> ApiKey:
    """Return a key that is in no store. It has no secret, so no request can prove to have it."""
    return ApiKey("", "", "warm-up", READ_SCOPES, (EVERYWHERE,), now)
