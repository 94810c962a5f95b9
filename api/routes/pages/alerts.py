"""Routes of the inbox of alerts and of the page of one alert, with what people do there."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.alerting.alert import AlertSeen, alert_seen
from api.pages.alerting.alerts import Inbox, days_open, inbox
from api.pages.alerting.context import alerting_context
from api.pages.alerting.rule_words import rule_sentences
from api.pages.alerting.silences import end_silence, silence_body
from api.pages.forms import SentValues
from api.pages.own_api import address
from api.pages.page import WebPage
from api.pages.refusals import Refusal, refusal_of_act
from api.routes.pages.page_route import CurrentPage, SentForm, SignedInRoute
from api.serving.problems import Problem
from ewarn.domain.alert import AlertState, Assessment
from ewarn.domain.target import SERVED_TARGETS
from ewarn.languages import problem_details

router = APIRouter(tags=["page"], route_class=SignedInRoute)


@router.get("/alerts", response_class=Response, include_in_schema=False)
async def show_alerts(page: CurrentPage) -> Response:
    """Return the inbox; only what changes with new data for `part=fresh`."""
    seen, shared = await inbox(page), alerting_context(page)
    name = "alerts_fresh" if page.asked("part") == "fresh" else "alerts"
    context = shared | {
        "section": "alerts",
        "seen": seen,
        "notice": seen.answer["notice"],
        "states": [*AlertState],
        "targets": SERVED_TARGETS,
        "days_open": partial(days_open, day=page.moment.date()),
        "links": _links_of_inbox(page, seen),
    }
    return page.render(f"{name}.html.j2", context)


def _links_of_inbox(page: WebPage, seen: Inbox) -> list[tuple[str, str]]:
    asked = {
        "state": seen.state or "open,acknowledged",
        "target": seen.target,
        "level": seen.level,
        "rule": seen.rule,
        "as_of": page.as_of,
        **seen.where.parameters,
    }
    named = {"CSV": "csv", "XLSX": "xlsx", "GeoJSON": "geojson"}
    files = [(name, address("/v1/alerts", **asked, format=each)) for name, each in named.items()]
    return [("JSON", address("/v1/alerts", **asked)), *files, ("Atom", "/v1/feeds/alerts.atom")]


@router.get("/alerts/{id}", response_class=Response, include_in_schema=False)
async def show_alert(page: CurrentPage, id: str) -> Response:
    """Return the page of one alert."""
    return _alert_page(page, await alert_seen(page, id), Refusal())


@router.post("/alerts/{id}", response_class=Response, include_in_schema=False)
async def act_on_alert(page: CurrentPage, form: SentForm, id: str) -> Response:
    """Do what the form asks for, and show the alert again."""
    act = form.text("act")
    try:
        await _act(page, id, act, form)
    except Problem as problem:
        refused = refusal_of_act(page, act, form.values, problem)
        return _alert_page(page, await alert_seen(page, id), refused, problem.status)
    return page.redirect(address(f"/alerts/{quote(id, safe='')}", done=act))


async def _act(page: WebPage, id_: str, act: str, form: SentValues) -> None:
    """Do one thing to an alert.

    Raises:
        Problem: It is refused, or there is no such act.
    """
    reason = {"reason": form.text("reason")}
    path = f"/v1/alerts/{quote(id_, safe='')}"
    if act == "acknowledge":
        await page.api.post(f"{path}/acknowledge", reason)
    elif act == "assess":
        await page.api.post(f"{path}/assess", reason | {"finding": form.text("finding")})
    elif act == "close":
        await page.api.post(f"{path}/close", reason)
    elif act == "silence":
        await page.api.post("/v1/silences", silence_body(page, form))
    elif act == "end-silence":
        await end_silence(page, form)
    else:
        raise Problem("invalid-parameter", problem_details.NO_ACT(name=repr(act[:40])))


def _alert_page(page: WebPage, seen: AlertSeen, refused: Refusal, status: int = 200) -> Response:
    shared = alerting_context(page)
    alert = seen.alert
    score = seen.newest or seen.score
    context = shared | {
        "section": "alerts",
        "seen": seen,
        "alert": alert,
        "refused": refused,
        "done": _done(page),
        "notice": alert["notice"],
        "story": alert["timeline"][::-1],
        "drivers": [shared["driver_words"](each) for each in (score or {}).get("drivers", ())],
        "rule_words": rule_sentences(page, seen.rule) if seen.rule else (),
        "findings": [*Assessment],
        "office_words": partial(_office, page),
        "links": _links_of_alert(page, alert),
    }
    return page.render("alert.html.j2", context, status=status, fresh=status == 200)


def _done(page: WebPage) -> str:
    """Return what was done, in words."""
    words: Mapping[str, str] = {
        "acknowledge": page.gettext(
            "The alert is acknowledged. Nobody is reminded of it any more."
        ),
        "assess": page.gettext("The assessment is recorded."),
        "close": page.gettext("The alert is closed."),
        "silence": page.gettext("The silence is in force."),
        "end-silence": page.gettext("The silence is ended."),
    }
    return words.get(page.asked("done"), "")


def _office(page: WebPage, office: str | None) -> str:
    """Return the office of a recipient; a subscription has none."""
    return page.gettext("your subscription") if office is None else office


def _links_of_alert(page: WebPage, alert: Mapping[str, Any]) -> list[tuple[str, str]]:
    path = f"/v1/alerts/{quote(alert['id'], safe='')}"
    links = [("JSON", address(path, as_of=page.as_of))]
    if page.reader is not None and page.reader.key.partner is None:
        links.append(("CAP", address(f"{path}.cap", as_of=page.as_of)))
    return links
