"""Routes of the page of the rules: what they say, what they would do, trials and silences."""

from collections.abc import Mapping
from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response

from api.pages.alerting import rule_trials
from api.pages.alerting.context import alerting_context
from api.pages.alerting.rule_trials import TrialSeen
from api.pages.alerting.rules import rules_seen
from api.pages.alerting.silences import end_silence, silence_body
from api.pages.forms import SentValues
from api.pages.page import WebPage
from api.pages.refusals import Refusal, refusal_of_act
from api.routes.pages.page_route import CurrentPage, SentForm, SignedInRoute
from api.routes.rule_trials import MOST_BYTES
from api.routing.key_first import takes_at_most
from api.serving.problems import Problem
from ewarn.domain.target import SERVED_TARGETS
from ewarn.languages import problem_details

router = APIRouter(tags=["page"], route_class=SignedInRoute)


@router.get("/rules", response_class=Response, include_in_schema=False)
async def show_rules(page: CurrentPage) -> Response:
    """Return the page of the rules, with a dry run if the address asks for one."""
    return await _rules_page(page, None)


@router.post("/rules", response_class=Response, include_in_schema=False)
@takes_at_most(MOST_BYTES)
async def act_on_rules(page: CurrentPage, form: SentForm) -> Response:
    """Try rules on the past, or begin or end a silence, and show the rules again."""
    act = form.text("act")
    if act == rule_trials.ACT:
        return await _try(page, form)
    try:
        await _change(page, act, form)
    except Problem as problem:
        refused = refusal_of_act(page, act, form.values, problem)
        return await _rules_page(page, refused, status=problem.status)
    return page.redirect(f"/rules?done={act}#silences")


async def _try(page: WebPage, form: SentValues) -> Response:
    try:
        tried = await rule_trials.try_on_past(page, form)
    except Problem as problem:
        refused = rule_trials.trial_refusal(page, form, problem)
        return await _rules_page(page, refused, status=problem.status)
    return await _rules_page(page, Refusal(rule_trials.ACT, values=form.values), tried)


async def _change(page: WebPage, act: str, form: SentValues) -> None:
    if act == "silence":
        await page.api.post("/v1/silences", silence_body(page, form))
    elif act == "end-silence":
        await end_silence(page, form)
    else:
        raise Problem("invalid-parameter", problem_details.NO_ACT(name=repr(act[:40])))


async def _rules_page(
    page: WebPage, refused: Refusal | None, tried: TrialSeen | None = None, status: int = 200
) -> Response:
    seen = await rules_seen(page)
    shown = refused or seen.refused
    context = alerting_context(page) | {
        "section": "rules",
        "seen": seen,
        "refused": shown,
        "tried": tried,
        "faulty_line": rule_trials.faulty_line(shown),
        "rate_words": partial(rule_trials.rate_words, page),
        "lead_words": partial(rule_trials.lead_words, page),
        "done": _done(page),
        "targets": SERVED_TARGETS,
        "links": [
            (page.gettext("rules"), "/v1/rules"),
            (page.gettext("silences"), "/v1/silences"),
        ],
    }
    return page.render("rules.html.j2", context, status=status, fresh=status == 200)


def _done(page: WebPage) -> str:
    """Return what was done, in words."""
    words: Mapping[str, str] = {
        "silence": page.gettext("The silence is in force."),
        "end-silence": page.gettext("The silence is ended."),
    }
    return words.get(page.asked("done"), "")
