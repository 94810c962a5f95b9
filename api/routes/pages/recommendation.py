"""Routes of the pages of recommendations: to read one, move it on, add one, and import a list."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.forms import given
from api.pages.own_api import address
from api.pages.page import WebPage
from api.pages.places import chosen_places
from api.pages.refusals import Refusal, refusal
from api.pages.response.context import chosen_country, form_page, response_context
from api.pages.response.recommendations import recommendation_of
from api.routes.pages.page_route import CurrentPage, SentForm, SignedInRoute
from api.serving.problems import Problem
from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.response.rows import OPTIONAL, REQUIRED
from ewarn.response.sheets import MOST_BYTES, MOST_ROWS

router = APIRouter(tags=["page"], route_class=SignedInRoute)
Id = Annotated[str, Path()]
_STATUS = ("status", "evidence", "on", "review_on")
_ADDED = (
    "country",
    "body",
    "theme",
    "text",
    "reference",
    "addressee",
    "owner",
    "given_on",
    "due_on",
    "review_on",
)


@router.get("/response/recommendations/{id}", response_class=Response, include_in_schema=False)
async def show_recommendation(page: CurrentPage, id: Id) -> Response:
    """Return the page of a recommendation."""
    return await _recommendation(page, id, Refusal())


@router.post("/response/recommendations/{id}", response_class=Response, include_in_schema=False)
async def move_recommendation(page: CurrentPage, id: Id, form: SentForm) -> Response:
    """Record the new status of a recommendation, and show the recommendation again."""
    typed = {name: form.text(name) for name in _STATUS}
    try:
        path = f"/v1/recommendations/{quote(id, safe='')}/status"
        await page.api.post(path, given(typed))
    except Problem as problem:
        return await _recommendation(page, id, refusal(page, "status", form.values, problem))
    return page.redirect(address(_page_of(id), done=typed["status"]))


@router.get("/response/add", response_class=Response, include_in_schema=False)
async def show_adding(page: CurrentPage) -> Response:
    """Return the form that adds a recommendation."""
    return await _adding(page, Refusal(values={"country": [page.asked("where").upper()]}))


@router.post("/response/add", response_class=Response, include_in_schema=False)
async def add_recommendation(page: CurrentPage, form: SentForm) -> Response:
    """Add a recommendation, and show it."""
    typed = {name: form.text(name) for name in _ADDED}
    try:
        made = await page.api.post("/v1/recommendations", given(typed))
    except Problem as problem:
        return await _adding(page, refusal(page, "add", form.values, problem))
    return page.redirect(address(_page_of(made["id"]), done="added"))


@router.get("/response/import", response_class=Response, include_in_schema=False)
async def show_import(page: CurrentPage) -> Response:
    """Return the page that sends a file of recommendations to the API, with a script."""
    context = response_context(page) | {
        "required": REQUIRED,
        "optional": OPTIONAL,
        "megabytes": MOST_BYTES >> 20,
        "rows": f"{MOST_ROWS:,}",
    }
    name = "response_import.html.j2" if context["may_write"] else "response_closed.html.j2"
    return page.render(name, context)


async def _recommendation(page: WebPage, id_: str, refused: Refusal) -> Response:
    context = response_context(page, refused) | {"statuses": Status}
    if not context["may_read"]:
        return page.render("response_closed.html.j2", context)
    done = page.asked("done")
    context |= {
        "item": await recommendation_of(page, id_),
        "done": done if done in ("added", *Status) else "",
        "links": [
            ("JSON", address(f"/v1/recommendations/{quote(id_, safe='')}", as_of=page.as_of))
        ],
    }
    return form_page(page, "response_recommendation.html.j2", context)


async def _adding(page: WebPage, refused: Refusal) -> Response:
    where = await chosen_places(page)
    context: dict[str, Any] = response_context(page, refused) | {"countries": where.countries}
    if not context["may_write"]:
        return page.render("response_closed.html.j2", context)
    chosen = chosen_country(refused, where.countries)
    context |= {"chosen": chosen, "bodies": Body, "themes": Theme}
    return form_page(page, "response_add.html.j2", context)


def _page_of(id_: str) -> str:
    return f"/response/recommendations/{quote(id_, safe='')}"
