"""The routers of the pages, one per line."""

from api.routes.pages import (
    alerts,
    assets,
    mail_links,
    models,
    recommendation,
    region,
    response,
    rules,
    sign_in,
    situation,
    sources,
    subscriptions,
)
from api.routes.reports import report_page

PAGE_ROUTERS = (
    mail_links.router,
    report_page.router,
    sign_in.router,
    sign_in.signed_in,
    situation.router,
    region.router,
    alerts.router,
    rules.router,
    response.router,
    recommendation.router,
    subscriptions.router,
    sources.router,
    models.router,
    assets.router,
)
