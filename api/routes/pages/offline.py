"""Route of the page that a browser shows without a line in place of one that it never read."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.routes.pages.page_route import OpenPage, PageRoute

router = APIRouter(tags=["page"], route_class=PageRoute)


@router.get("/offline", response_class=Response, include_in_schema=False)
async def show_offline(page: OpenPage) -> Response:
    """Return the page, which the service worker stores. It holds no data."""
    return page.render("offline.html.j2", {})
