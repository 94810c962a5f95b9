"""Routes of the pages of models."""

from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.own_api import address
from api.pages.page import WebPage
from api.pages.views.models import (
    ModelsView,
    figure,
    model_view,
    model_words,
    models_view,
    verdict_words,
)
from api.routes.pages.page_route import CurrentPage, SignedInRoute
from api.serving.texts import Asked

router = APIRouter(tags=["page"], route_class=SignedInRoute)


@router.get("/models", response_class=Response, include_in_schema=False)
async def show_models(page: CurrentPage) -> Response:
    """Return the list of the models in use."""
    gettext = page.gettext
    may = _may_read(page)
    seen = await models_view(page) if may else ModelsView((), (), ())
    links = [
        (gettext("cards as JSON"), address("/v1/models", as_of=page.as_of)),
        (gettext("forecasts as JSON"), address("/v1/forecasts/scorecard", as_of=page.as_of)),
    ]
    context = {"may": may, "seen": seen, "links": links if may else []}
    return page.render("models.html.j2", _context(page) | context)


@router.get("/models/{name}", response_class=Response, include_in_schema=False)
async def show_model(page: CurrentPage, name: Annotated[Asked, Path()]) -> Response:
    """Return the page of one model."""
    gettext = page.gettext
    if not _may_read(page):
        return await show_models(page)
    seen = await model_view(page, name)
    links = [
        (gettext("cards as JSON"), address("/v1/models", as_of=page.as_of)),
        (
            gettext("scorecard as JSON"),
            address(f"/v1/models/{quote(seen.name)}/scorecard", as_of=page.as_of),
        ),
    ]
    return page.render("model.html.j2", _context(page) | {"seen": seen, "links": links})


def _may_read(page: WebPage) -> bool:
    """Return whether the key may read models: they cannot be limited to what a partner may see."""
    is_partner = page.reader is not None and page.reader.key.partner is not None
    return page.can("scores:read") and not is_partner


def _context(page: WebPage) -> dict[str, Any]:
    return {
        "section": "models",
        "number": partial(figure, page),
        "model_words": partial(model_words, page),
        "verdict_words": partial(verdict_words, page),
    }
