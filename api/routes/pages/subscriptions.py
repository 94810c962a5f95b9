"""Routes of the pages of subscriptions: list, create, verify, test, rotate, end, send again."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.own_api import address
from api.pages.page import WebPage
from api.pages.places import chosen_places
from api.pages.views.subscription_form import SubscriptionForm, body_of
from api.pages.views.subscriptions import (
    PATH,
    SCOPE,
    channel_words,
    in_words,
    outcome_words,
    state_words,
    subscription_view,
    subscriptions_view,
)
from api.routes.pages.page_route import CurrentPage, SentForm, SignedInRoute
from api.serving.problems import Problem
from api.serving.texts import Asked

router = APIRouter(prefix=PATH, tags=["page"], route_class=SignedInRoute)
Id = Annotated[Asked, Path()]


@router.get("", response_class=Response, include_in_schema=False)
async def show_subscriptions(page: CurrentPage) -> Response:
    """Return the list of subscriptions."""
    gettext = page.gettext
    may = page.can(SCOPE)
    found = await subscriptions_view(page) if may else ()
    links = [("JSON", "/v1/subscriptions"), (gettext("messages as JSON"), "/v1/deliveries")]
    context = {"may": may, "seen": found, "links": links if may else []}
    return _page(page, "subscriptions", context)


@router.get("/new", response_class=Response, include_in_schema=False)
async def show_new(page: CurrentPage) -> Response:
    """Return the form for a new subscription."""
    if not page.can(SCOPE):
        return await show_subscriptions(page)
    return await _form(page, SubscriptionForm(page))


@router.post("", response_class=Response, include_in_schema=False)
async def subscribe(page: CurrentPage, sent: SentForm) -> Response:
    """Create a subscription, and show its secret if it has one."""
    try:
        made = await page.api.post("/v1/subscriptions", body_of(sent.values))
    except Problem as problem:
        form = SubscriptionForm(page).refused(sent.values, problem)
        return await _form(page, form, problem.status)
    return _after_secret(page, made, "created")


@router.get("/{id}", response_class=Response, include_in_schema=False)
async def show_subscription(page: CurrentPage, id: Id) -> Response:
    """Return the page of one subscription."""
    if not page.can(SCOPE):
        return await show_subscriptions(page)
    return await _shown(page, id)


@router.post("/{id}/verify", response_class=Response, include_in_schema=False)
async def verify(page: CurrentPage, sent: SentForm, id: Id) -> Response:
    """Verify the address by the code that was sent to it."""
    return await _act(page, id, "verify", {"code": sent.text("code")}, typed=sent.text("code"))


@router.post("/{id}/code", response_class=Response, include_in_schema=False)
async def send_code(page: CurrentPage, _sent: SentForm, id: Id) -> Response:
    """Send a new code to the address."""
    return await _act(page, id, "code")


@router.post("/{id}/test", response_class=Response, include_in_schema=False)
async def send_test(page: CurrentPage, _sent: SentForm, id: Id) -> Response:
    """Send a test message, and show what becomes of it."""
    return await _act(page, id, "test")


@router.post("/{id}/rotate", response_class=Response, include_in_schema=False)
async def rotate(page: CurrentPage, _sent: SentForm, id: Id) -> Response:
    """Replace the signing secret, and show the new one."""
    try:
        turned = await page.api.post(_api(id, "rotate"), {})
    except Problem as problem:
        return await _shown(page, id, "rotate", problem)
    return _after_secret(page, turned, "rotate")


@router.post("/{id}/end", response_class=Response, include_in_schema=False)
async def end(page: CurrentPage, sent: SentForm, id: Id) -> Response:
    """End a subscription, if the person confirms it."""
    gettext = page.gettext
    if not sent.text("sure"):
        unsure = gettext("Tick the box if you are sure. The subscription still runs.")
        return await _shown(page, id, "end", Problem("invalid-body", unsure))
    await page.api.post(_api(id, "end"), {})
    return page.redirect(address(PATH, done="end"))


@router.post("/{id}/replay", response_class=Response, include_in_schema=False)
async def replay(page: CurrentPage, sent: SentForm, id: Id) -> Response:
    """Send a dead message again."""
    delivery = sent.text("delivery")
    try:
        await page.api.post(f"/v1/deliveries/{quote(delivery, safe='')}/replay", {})
    except Problem as problem:
        return await _shown(page, id, "replay", problem)
    return page.redirect(address(f"{PATH}/{id}", done="replay", delivery=delivery))


async def _act(
    page: WebPage, id_: str, act: str, body: Mapping[str, Any] | None = None, typed: str = ""
) -> Response:
    """Do one thing with a subscription, and return to its page."""
    try:
        answer = await page.api.post(_api(id_, act), body or {})
    except Problem as problem:
        return await _shown(page, id_, act, problem, typed)
    delivery = answer.get("delivery")
    return page.redirect(address(f"{PATH}/{id_}", done=act, delivery=delivery))


async def _shown(
    page: WebPage, id_: str, act: str = "", problem: Problem | None = None, typed: str = ""
) -> Response:
    """Return the page of a subscription.

    Args:
        act: What was tried and refused, with its `problem`; `typed` is kept in its form.
    """
    gettext = page.gettext
    seen, sent = await subscription_view(page, id_)
    links = [
        ("JSON", _api(id_)),
        (gettext("messages as JSON"), address("/v1/deliveries", subscription=id_)),
    ]
    context = {
        "seen": seen,
        "sent": sent,
        "wrong": {act: _first(problem)} if problem else {},
        "typed": typed,
        "links": links,
    }
    name = "subscription_fresh" if page.asked("part") == "fresh" else "subscription"
    return _page(page, name, context, problem.status if problem else 200)


async def _form(page: WebPage, form: SubscriptionForm, status: int = 200) -> Response:
    choice = await chosen_places(page)
    context = {"form": form, "countries": choice.countries, "links": []}
    return _page(page, "subscription_new", context, status)


def _after_secret(page: WebPage, record: Mapping[str, Any], done: str) -> Response:
    """Return the secret, which is shown this once and never stored, or else the subscription."""
    if record["secret"] is None:
        return page.redirect(address(f"{PATH}/{record['id']}", done=done))
    context = {"seen": in_words(page, record), "secret": record["secret"], "done": done}
    return page.render("subscription_secret.html.j2", _context(page) | context, fresh=False)


def _page(page: WebPage, name: str, context: Mapping[str, Any], status: int = 200) -> Response:
    done = page.asked("done") if status == 200 else ""
    whole = {**_context(page), "done": done, **context}
    return page.render(f"{name}.html.j2", whole, status=status, fresh=status == 200)


def _context(page: WebPage) -> dict[str, Any]:
    return {
        "section": "subscriptions",
        "channel_words": partial(channel_words, page),
        "state_words": partial(state_words, page),
        "outcome_words": partial(outcome_words, page),
    }


def _first(problem: Problem) -> str:
    """Return what is wrong: the reason of the first field, or that of the whole request."""
    errors = problem.members.get("errors")
    return str(errors[0]["detail"]) if errors else problem.detail


def _api(id_: str, act: str = "") -> str:
    path = f"/v1/subscriptions/{quote(id_, safe='')}"
    return f"{path}/{act}" if act else path
