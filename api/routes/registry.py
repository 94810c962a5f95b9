"""The routers of the API, one per line."""

from api.routes import (
    acts,
    alerts,
    briefs,
    deliveries,
    deployments,
    events,
    forecasts,
    offices,
    probes,
    push,
    recommendations,
    regions,
    rule_trials,
    rules,
    scores,
    series,
    service,
    silences,
    subscriptions,
)
from api.routes.feeds import alerts_atom, alerts_cap, stream
from api.routes.pages.registry import PAGE_ROUTERS
from api.routes.reports import outside, submission, verification

ROUTERS = (
    regions.router,
    series.router,
    offices.router,
    events.router,
    scores.router,
    forecasts.router,
    alerts_cap.router,  # before the alerts, whose ids may end in anything
    alerts_atom.router,
    stream.router,
    alerts.router,
    acts.router,
    silences.router,
    rule_trials.router,
    rules.router,
    subscriptions.router,
    deliveries.router,
    deployments.router,
    recommendations.router,
    briefs.router,
    submission.router,
    verification.router,
    outside.router,
    service.router,
    push.router,
    probes.router,
    *PAGE_ROUTERS,
)
