"""Route of the page of sources."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.own_api import address
from api.pages.views.sources import SourcesView, sources_view
from api.pages.wording import PageWording
from api.routes.pages.page_route import CurrentPage, SignedInRoute

router = APIRouter(tags=["page"], route_class=SignedInRoute)


@router.get("/sources", response_class=Response, include_in_schema=False)
async def show_sources(page: CurrentPage) -> Response:
    """Return the page of sources."""
    may = page.can("sources:read")
    seen = await sources_view(page) if may else SourcesView(page.moment.isoformat(), ())
    words = PageWording(page.state, page.language)
    context = {
        "section": "sources",
        "seen": seen,
        "place_words": words.place,
        "count": words.count,
        "links": [("JSON", address("/v1/sources", as_of=page.as_of))] if may else [],
    }
    return page.render("sources.html.j2", context)
