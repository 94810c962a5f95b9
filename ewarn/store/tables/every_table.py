"""All tables together, for code that compares or creates a whole schema."""

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
    reports,
    scores,
)

# Importing a module adds its tables to the shared metadata.
FILES = (access, alerts, delivery, events, forecasts, intake, jobs, models, reports, scores)
METADATA = base.metadata
