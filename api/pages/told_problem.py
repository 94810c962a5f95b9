"""A problem of the API in the language of a page."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from api.serving.problems import Problem
from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.recommendation import Status
from ewarn.domain.target import Band, Target
from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.languages.field_faults import FAULTS
from ewarn.languages.problem_details import told_detail
from ewarn.languages.sentences import Teller, as_it_is, told_day, told_moment
from ewarn.notify.messages.labels import band_words, target_words
from ewarn.response.labels import role_words, stage_words, state_words, status_words, step_words

_Code = TypeVar("_Code", bound=StrEnum)
_OR, _AND = " or ", " and "
# Values that stand in a sentence as they were sent, or that are names, codes and numbers.
_AS_THEY_ARE = (
    "alert bound channel channels code column count country deployment domain hash host id key "
    "known line most name names number office path playbook port ports region regions scheme "
    "seconds size text value year years"
)


def told_problem(problem: Problem, language: str) -> Problem:
    """Return a problem with its detail, and what is wrong with each field, in a language.

    What none of the known sentences says stays in English.
    """
    if language in (ENGLISH, problem.language):
        return problem
    detail = told_detail(problem.detail, language, TELLERS)
    members = dict(problem.members)
    if "errors" in members:
        members["errors"] = [_told_error(each, language) for each in members["errors"]]
    return Problem(
        problem.kind,
        detail,
        members=members,
        headers=problem.headers,
        language=problem.language if detail == problem.detail else language,
    )


def told_fault(text: str, language: str) -> str:
    """Return what is wrong with a field, in a language."""
    return FAULTS.told(text, language, TELLERS)


def _told_error(error: dict[str, Any], language: str) -> dict[str, Any]:
    return error | {"detail": told_fault(str(error["detail"]), language)}


def _of(codes: type[_Code], words: Callable[[_Code, str], str]) -> Teller:
    """Return a teller of codes. What is no code stays as it is: a person may have written it."""

    def told(text: str, language: str) -> str:
        return words(codes(text), language) if text in list(codes) else text

    return told


def _each(told: Teller, joint: str) -> Teller:
    """Return a teller of several values that are joined by a word."""

    def told_all(text: str, language: str) -> str:
        first, found, last = text.rpartition(joint)
        if not found:
            return told(text, language)
        gettext = translation(language).gettext
        either, both = gettext("%(first)s or %(last)s"), gettext("%(first)s and %(last)s")
        message = either if joint == _OR else both
        return message % {"first": told_all(first, language), "last": told(last, language)}

    return told_all


def _word(text: str, language: str) -> str:
    return translation(language).gettext(text)


_step = _of(StepKind, step_words)
TELLERS: dict[str, Teller] = {
    **dict.fromkeys(_AS_THEY_ARE.split(), as_it_is),
    **dict.fromkeys(("day", "given", "last", "first", "begins", "ends", "status_day"), told_day),
    **dict.fromkeys(("moment", "now"), told_moment),
    "choices": _each(as_it_is, _OR),
    "fault": told_fault,
    "level": _of(Band, band_words),
    "party": role_words,
    "scopes": _each(_each(as_it_is, _AND), _OR),
    "stage": _of(Stage, stage_words),
    "state": _of(AlertState, state_words),
    "status": _of(Status, status_words),
    "step": _step,
    "steps": _each(_step, _OR),
    "target": _of(Target, target_words),
    "targets": _each(_of(Target, target_words), _AND),
    "what": _word,
}
