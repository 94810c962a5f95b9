"""Route for trials: what other rules would have done with past scores."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.routing.key_first import KeyFirst, takes_at_most
from api.schemas.rules import TrialBody
from api.serving.access import Reader, State, TriesRules
from api.serving.answers import json_answer
from api.serving.problems import Problem, as_problems, wrong_fields
from api.serving.queries import NoParameters
from api.serving.state import ApiState
from ewarn.domain.rule import Rule
from ewarn.egress.rules import RuleTrialRecord
from ewarn.errors import SettingsError
from ewarn.languages import field_faults, problem_details
from ewarn.pipeline.alerts.rule_trial import TrialReport, try_rules
from ewarn.pipeline.alerts.trial_record import trial_record
from ewarn.pipeline.service import Service
from ewarn.rulebook.offices import check_offices
from ewarn.rulebook.rules import read_rules

router = APIRouter(prefix="/v1/rules", tags=["alerts"], route_class=KeyFirst)

FILE = "rules"  # the name of the text in sentences that say what is wrong with it
MOST_BYTES = 512 * 1024  # of a body or form: a text takes several bytes for some characters
MOST_DAYS = timedelta(days=366)
MOST_RULES = 30
MOST_ALERTS = 10_000
RETRY_AFTER = 30  # seconds


@router.post("/trial", response_model=RuleTrialRecord, responses={409: {}})
@takes_at_most(MOST_BYTES)
def try_on_past(
    state: State, reader: TriesRules, asked: TrialBody, _: Annotated[NoParameters, Query()]
) -> Response:
    """Return what rules would have done with past scores, beside the rules in force.

    Nothing is stored and nobody is notified. It takes seconds, or a minute if the whole world is
    scored, and each process runs one trial at a time. Needs the scopes `scores:read` and
    `alerts:read`, and a key that covers all countries. Errors: 409 if there are no scores of these
    days, or the rules open more than 10,000 alerts; 503 while another trial runs.
    """
    _check(reader, asked.first, asked.last)
    with _alone(state):
        return json_answer(trial_record(_report(state, asked)))


def _check(reader: Reader, first: date, last: date) -> None:
    if not reader.key.is_everywhere:
        raise Problem("countries-required", problem_details.TRIAL_OF_ALL_COUNTRIES())
    if last < first:
        raise wrong_fields(("to", field_faults.BEFORE_FIRST(day=first)))
    if last - first >= MOST_DAYS:
        said = field_faults.TOO_MANY_DAYS(day=first + MOST_DAYS, most=MOST_DAYS.days)
        raise wrong_fields(("to", said))


@contextmanager
def _alone(state: ApiState) -> Iterator[None]:
    """Run one trial at a time.

    Raises:
        Problem: 503 while another trial runs.
    """
    if not state.trial_lock.acquire(blocking=False):
        raise Problem(
            "trial-running",
            "Somebody else is trying rules just now: ask again in half a minute.",
            headers={"Retry-After": str(RETRY_AFTER)},
        )
    try:
        yield
    finally:
        state.trial_lock.release()


def _report(state: ApiState, asked: TrialBody) -> TrialReport:
    service, span = state.service.with_current_rules(), (asked.first, asked.last)
    with as_problems(), _faults_at_the_text():
        rules = _rules(service, asked.rules)
        return try_rules(service, rules, span, state.clock(), most_alerts=MOST_ALERTS)


@contextmanager
def _faults_at_the_text() -> Iterator[None]:
    """Convert what is wrong with rules to a problem of the field that has their text."""
    try:
        yield
    except SettingsError as error:
        raise wrong_fields((FILE, str(error))) from None


def _rules(service: Service, text: str) -> tuple[Rule, ...]:
    """Return the rules of a text.

    Raises:
        Problem: 422 if there are none, or too many.
        SettingsError: A rule is wrong; the text names the line.
    """
    rules = read_rules(text, FILE)
    check_offices(rules, service.rulebook.offices)
    if not rules:
        raise wrong_fields((FILE, field_faults.HOLDS_NO_RULE()))
    if len(rules) > MOST_RULES:
        said = field_faults.TOO_MANY_RULES(number=len(rules), most=MOST_RULES)
        raise wrong_fields((FILE, said))
    return rules
