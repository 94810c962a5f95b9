"""All tables at once, for whoever compares or makes a whole schema."""

from ewarn.store.tables import (
    access,
    alerts,
    base,
    delivery,
    events,
    forecasts,
    intake,
    jobs,
    models,
    scores,
)

# Each puts its tables into the one metadata.
FILES = (access, alerts, delivery, events, forecasts, intake, jobs, models, scores)
METADATA = base.metadata
