"""A form that was refused: what was wrong, and what the person had written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from api.pages.forms import field_faults
from api.pages.page import WebPage
from api.pages.told_problem import told_problem
from api.serving.problems import Problem


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is shown at a form that was refused; nothing without an `act`.

    Attributes:
        detail: Why, in words, if it is about no single field.
        fields: What is wrong with each field.
        values: What was sent.
    """

    act: str = ""
    detail: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def kept(self, act: str, name: str, default: str = "") -> str:
        """Return what was written in a field of the form of an act, or else a default."""
        return self.values.get(name, [""])[-1] if act == self.act else default

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
    problem = told_problem(problem, page.language)
    fields = field_faults(problem)
    for name, words in missing.items():
        if name in fields and not "".join(values.get(name, [])).strip():
            fields[name] = words
    return Refusal(act, "" if fields else problem.detail, fields, values)


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
