"""Tests of the sentences that say why a request was refused."""

from collections.abc import Callable
from datetime import date, time

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from api.pages.told_problem import TELLERS, told_fault, told_problem
from api.schemas.acts import AssessmentBody, Closing, SilenceBody
from api.schemas.response import DeploymentBody, RecommendationBody, StatusQuery, StepBody
from api.schemas.rules import DryRunBody
from api.schemas.subscriptions import SubscriptionBody, VerificationCodeBody
from api.serving.problems import Problem, of_validation, wrong_fields
from ewarn.domain.persons import require_no_contact, require_role
from ewarn.domain.recipient import QuietHours
from ewarn.domain.text import entered
from ewarn.domain.time import parse_clock, parse_day, require_zone, stated_day
from ewarn.errors import UsageError
from ewarn.languages.field_faults import FAULTS
from ewarn.languages.problem_details import DETAILS, told_detail
from ewarn.languages.refused_acts import REFUSALS
from ewarn.languages.sentences import Sentence

EVERY = [*DETAILS.known, *REFUSALS.known, *FAULTS.known]
BODIES: tuple[type[BaseModel], ...] = (
    AssessmentBody,
    Closing,
    DeploymentBody,
    DryRunBody,
    RecommendationBody,
    SilenceBody,
    StatusQuery,
    StepBody,
    SubscriptionBody,
    VerificationCodeBody,
)
# What a form can send: a text, several texts, numbers, hours, and nothing.
SENT: tuple[object, ...] = (
    "",
    "x",
    "a\nb",
    "a\x07b",
    "x" * 6000,
    "1800-01-01",
    [],
    ["x"],
    ["x", "x"],
    -1,
    0,
    1.5,
    10**9,
)
NESTED = ({"begins": "late"}, {"begins": "22:00", "ends": ""}, True, None)
# Forms send no value of these types, so pydantic's words about them reach nobody.
NEVER_SENT = ("should be a valid dictionary", "Value should have at least 1 item after")


def gaps(sentence: Sentence) -> set[str]:
    return set(sentence.read(_filled(sentence)) or ())


def _filled(sentence: Sentence) -> str:
    return sentence(**dict.fromkeys(TELLERS, "1"))


@pytest.mark.parametrize("sentence", EVERY, ids=lambda each: each.one)
def test_every_gap_has_a_teller(sentence: Sentence) -> None:
    assert gaps(sentence) <= TELLERS.keys()


@pytest.mark.parametrize("sentence", EVERY, ids=lambda each: each.one)
def test_each_sentence_is_read_by_itself_and_by_none_before_it(sentence: Sentence) -> None:
    (known,) = [each.known for each in (DETAILS, REFUSALS, FAULTS) if sentence in each.known]
    text = _filled(sentence)
    first = next(each for each in known if each.read(text) is not None)
    assert first is sentence


@pytest.mark.parametrize(
    "value",
    [
        "2020-99-99",
        "9" * 400,
        "%(code)s",
        "a stands at b: what can follow is c, not d",
        "x is empty",
    ],
)
def test_what_a_person_wrote_stays_as_it_is(value: str) -> None:
    for sentence in EVERY:
        text = sentence(**dict.fromkeys(TELLERS, "1") | dict.fromkeys(("code", "text"), value))
        assert isinstance(told_detail(text, "fr", TELLERS), str)
        assert isinstance(told_fault(text, "fr"), str)
    hostile = Problem("unknown-region", f"There is no region {value!r} for this key.")
    assert repr(value) in told_problem(hostile, "fr").detail


def _refused(check: Callable[[], object]) -> str:
    with pytest.raises((ValueError, UsageError)) as refused:
        check()
    return str(refused.value)


@pytest.mark.parametrize(
    "check",
    [
        lambda: entered("a\x07b", at_most=9),
        lambda: entered("a\nb", at_most=9),
        lambda: entered("x" * 10, at_most=9),
        lambda: parse_day("soon"),
        lambda: stated_day("1800-01-01"),
        lambda: parse_clock("late"),
        lambda: require_zone("Mars/Olympus"),
        lambda: QuietHours(time(22), time(22), "UTC"),
    ],
)
def test_what_the_domain_refuses_in_a_field_is_a_known_sentence(
    check: Callable[[], object],
) -> None:
    said = _refused(check)
    assert any(each.read(said) is not None for each in FAULTS.known), said


@pytest.mark.parametrize(
    "check",
    [
        lambda: require_role("Mme Example", "the owner"),
        lambda: require_no_contact("desk@example.org", "the reference"),
    ],
)
def test_what_the_domain_refuses_of_persons_is_a_known_sentence(
    check: Callable[[], object],
) -> None:
    said = _refused(check)
    assert any(each.read(said) is not None for each in REFUSALS.known), said


def _faults(error: ValidationError) -> list[str]:
    """Return what the API says of wrong fields of a body."""
    found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
    errors = of_validation(RequestValidationError(found)).members["errors"]
    return [str(each["detail"]) for each in errors]


@pytest.mark.parametrize("body", BODIES, ids=lambda each: each.__name__)
def test_what_pydantic_refuses_in_a_form_is_a_known_sentence(body: type[BaseModel]) -> None:
    said = set()
    for name in body.model_fields:
        for value in (*SENT, *NESTED):
            try:
                body.model_validate({name: value})
            except ValidationError as error:
                said |= set(_faults(error))
    unknown = {
        text
        for text in said
        if not any(each.read(text) is not None for each in FAULTS.known)
        and not any(part in text for part in NEVER_SENT)
    }
    assert unknown == set()


def test_a_problem_is_told_with_its_fields_and_without_changing_it() -> None:
    problem = wrong_fields(("on", "Field required"), ("step", "of our own wording"))
    told = told_problem(problem, "fr")
    assert told.detail == "À revoir\u00a0: on, step."
    assert told.members["errors"][0] == {"field": "on", "detail": "Ce champ doit être rempli."}
    assert told.members["errors"][1]["detail"] == "of our own wording"
    assert (told.status, told.language) == (problem.status, "fr")
    assert problem.members["errors"][0]["detail"] == "Field required"
    assert told_problem(told, "fr") is told
    assert told_problem(problem, "en") is problem


def test_what_no_sentence_says_stays_english_and_says_so() -> None:
    told = told_problem(Problem("internal", "An invented failure of 2020-99-99."), "fr")
    assert (told.detail, told.language) == ("An invented failure of 2020-99-99.", "en")


def test_codes_and_days_are_told_in_words() -> None:
    detail = f"the step is of {date(2020, 1, 1)}, before the last one of {date(2020, 2, 24)}."
    told = told_problem(Problem("not-possible", detail), "fr").detail
    assert told == "l’étape est du 1 janv. 2020, avant la dernière, du 24 févr. 2020."
