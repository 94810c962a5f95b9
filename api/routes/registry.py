"""Every router of the API: one line each."""

from api.routes import (
    acts,
    alerts,
    deliveries,
    events,
    offices,
    page,
    probes,
    push,
    regions,
    scorecards,
    scores,
    series,
    service,
    silences,
    subscriptions,
)

ROUTERS = (
    regions.router,
    series.router,
    offices.router,
    events.router,
    scores.router,
    alerts.router,
    acts.router,
    silences.router,
    subscriptions.router,
    deliveries.router,
    service.router,
    scorecards.router,
    push.router,
    probes.router,
    page.router,
)
