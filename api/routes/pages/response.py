"""Routes of the page of the response, and of deployments: to read them, propose one, take steps."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.forms import given
from api.pages.own_api import address
from api.pages.page import WebPage
from api.pages.places import Choice, chosen_places
from api.pages.refusals import Refusal, refusal
from api.pages.response.context import READS, chosen_country, form_page, response_context
from api.pages.response.deployments import (
    DeploymentView,
    alerts_to_answer,
    countries_of,
    deployment_view,
    deployments_of,
    is_review_late,
    playbooks_of,
)
from api.pages.response.recommendations import RecommendationsView, recommendations_of
from api.routes.pages.page_route import CurrentPage, SentForm, SignedInRoute
from api.serving.problems import Problem
from ewarn.domain.deployment import StepKind
from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.languages.catalogues import translation

router = APIRouter(tags=["page"], route_class=SignedInRoute)
Id = Annotated[str, Path()]
_PROPOSAL = ("country", "playbook", "alert_id", "reason", "on")
_STEP = ("step", "reason", "on")


@router.get("/response", response_class=Response, include_in_schema=False)
async def show_response(page: CurrentPage) -> Response:
    """Return the page of the response: deployments by country, and recommendations."""
    where = await chosen_places(page)
    deployments: list[Any] = []
    listed = RecommendationsView((), {}, "")
    if page.can(READS):
        deployments = await deployments_of(page, where)
        listed = await recommendations_of(page, where)
    return page.render(
        "response.html.j2",
        response_context(page)
        | {
            "is_review_late": is_review_late,
            "where": where,
            "deployments": deployments,
            "listed": listed,
            "bodies": Body,
            "themes": Theme,
            "statuses": Status,
            "links": _links(page, where, listed),
        },
    )


@router.get("/response/deployments/{id}", response_class=Response, include_in_schema=False)
async def show_deployment(page: CurrentPage, id: Id) -> Response:
    """Return the page of a deployment."""
    return await _deployment(page, id, Refusal())


@router.post("/response/deployments/{id}", response_class=Response, include_in_schema=False)
async def take_step(page: CurrentPage, id: Id, form: SentForm) -> Response:
    """Record the next step of a deployment, and show the deployment again."""
    typed = {name: form.text(name) for name in _STEP}
    try:
        await page.api.post(f"/v1/deployments/{quote(id, safe='')}/steps", given(typed))
    except Problem as problem:
        refused = refusal(page, typed["step"], form.values, problem)
        return await _deployment(page, id, refused)
    return page.redirect(address(_page_of(id), done=typed["step"]))


@router.get("/response/propose", response_class=Response, include_in_schema=False)
async def show_proposal(page: CurrentPage) -> Response:
    """Return the form that proposes a deployment, filled with the alert or country asked for."""
    asked = {"country": [page.asked("where").upper()], "alert_id": [page.asked("alert")]}
    return await _proposal(page, Refusal(values=asked))


@router.post("/response/propose", response_class=Response, include_in_schema=False)
async def propose(page: CurrentPage, form: SentForm) -> Response:
    """Propose a deployment, and show it."""
    typed = {name: form.text(name) for name in _PROPOSAL}
    try:
        made = await page.api.post("/v1/deployments", given(typed))
    except Problem as problem:
        return await _proposal(page, refusal(page, "propose", form.values, problem))
    return page.redirect(address(_page_of(made["id"]), done="proposed"))


async def _deployment(page: WebPage, id_: str, refused: Refusal) -> Response:
    context = response_context(page, refused)
    if not context["may_read"]:
        return page.render("response_closed.html.j2", context)
    seen = await deployment_view(page, id_)
    done = page.asked("done")
    context |= {
        "seen": seen,
        "is_review_late": is_review_late,
        "done": done if done in list(StepKind) else "",
        "links": _links_of_one(page, seen),
    }
    return form_page(page, "response_deployment.html.j2", context)


async def _proposal(page: WebPage, refused: Refusal) -> Response:
    where = await chosen_places(page)
    context: dict[str, Any] = response_context(page, refused) | {"countries": where.countries}
    if not context["may_write"]:
        return page.render("response_closed.html.j2", context)
    alerts = await alerts_to_answer(page)
    answered = [each for each in alerts if each["id"] == refused.kept(refused.act, "alert_id")]
    chosen = chosen_country(refused, where.countries)
    for alert in answered:
        chosen = chosen or alert["country"]
    context |= {"alerts": alerts, "chosen": chosen, "playbooks": playbooks_of(page)}
    return form_page(page, "response_propose.html.j2", context)


def _page_of(id_: str) -> str:
    return f"/response/deployments/{quote(id_, safe='')}"


def _links(page: WebPage, where: Choice, listed: RecommendationsView) -> list[tuple[str, str]]:
    gettext = translation(page.language).gettext
    of_countries = {"country": countries_of(where), "as_of": page.as_of}
    deployments, recommendations = "/v1/deployments", "/v1/recommendations"
    return [
        (gettext("deployments as JSON"), address(deployments, **of_countries)),
        ("CSV", address(deployments, **of_countries, format="csv")),
        (gettext("recommendations as JSON"), address(recommendations, **listed.asked)),
        ("CSV", address(recommendations, **listed.asked, format="csv")),
        ("XLSX", address(recommendations, **listed.asked, format="xlsx")),
    ]


def _links_of_one(page: WebPage, seen: DeploymentView) -> list[tuple[str, str]]:
    gettext = translation(page.language).gettext
    country, as_of = seen.record["country"], page.as_of
    return [
        (
            gettext("deployment as JSON"),
            address(f"/v1/deployments/{quote(seen.record['id'], safe='')}", as_of=as_of),
        ),
        (
            gettext("series as JSON"),
            address(f"/v1/regions/{country}/series", as_of=as_of),
        ),
        (
            gettext("events as CSV"),
            address("/v1/events", country=country, as_of=as_of, format="csv"),
        ),
    ]
