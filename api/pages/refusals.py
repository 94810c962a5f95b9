"""A form that was refused: what was wrong, and what the person had written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from api.pages.forms import field_faults
from api.pages.page import WebPage
from api.pages.told_problem import told_problem
from api.serving.problems import Problem

# What pydantic says of a field that is missing or empty.
_MISSING = ("Field required", "String should have at least 1 character")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the form of an act holds, and what was wrong with it.

    Attributes:
        act: What the form is for; empty if none was sent.
        detail: Why it was refused, in words, if it is about no single field.
        fields: What is wrong with each field.
        values: What was sent, or what the form holds at first.
    """

    act: str = ""
    detail: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Whether something was wrong."""
        return bool(self.detail or self.fields)

    def kept(self, act: str, name: str, default: str = "") -> str:
        """Return what was written in a field of the form of an act, or else a default."""
        found = self.values.get(name) if act == self.act else None
        return found[-1] if found else default

    def chosen(self, act: str, name: str, value: str, *, default: bool = False) -> bool:
        """Return whether a value was chosen in the form of an act, or else a default."""
        return value in self.values.get(name, []) if act == self.act else default

    def wrong(self, act: str, name: str) -> str:
        """Return what is wrong with a field of the form of an act."""
        return self.fields.get(name, "") if act == self.act else ""


def refusal(
    page: WebPage, act: str, values: Mapping[str, Sequence[str]], problem: Problem
) -> Refusal:
    """Return what to show at the form of an act that the API refused.

    Raises:
        Problem: Other words in the form would not solve it.
    """
    missing = {
        "reason": page.gettext("Write a reason."),
        "finding": page.gettext("Choose one of them."),
    }
    filled = page.gettext("This field must be filled in.")
    told = told_problem(problem, page.language)
    fields = field_faults(told)
    for name, words in field_faults(problem).items():
        if name in missing and not "".join(values.get(name, [])).strip():
            fields[name] = missing[name]
        elif words in _MISSING:
            fields[name] = filled
    return Refusal(act, "" if fields else told.detail, fields, values)


def refusal_of_act(
    page: WebPage, act: str, values: Mapping[str, Sequence[str]], problem: Problem
) -> Refusal:
    """Return what to show at the form of an act on something that is there.

    Raises:
        Problem: It is not there, or other words in the form would not solve the problem.
    """
    if problem.status == HTTPStatus.NOT_FOUND:
        raise problem
    return refusal(page, act, values, problem)
