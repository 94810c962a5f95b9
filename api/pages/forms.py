"""Forms of pages: what a person sent, and what the API finds wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.serving.problems import Problem

_AT_THE_FORM = (404, 409, 422)  # problems that a person can solve by other words in the form


@dataclass(frozen=True, slots=True)
class SentValues:
    """What a person sent with a form."""

    values: dict[str, list[str]]

    def text(self, name: str) -> str:
        """Return the last value of a field, without spaces around it; empty if it was not sent."""
        return self.values.get(name, [""])[-1].strip()

    def untrimmed(self, name: str) -> str:
        """Return the last value of a field as it was sent; empty if it was not sent."""
        return self.values.get(name, [""])[-1]

    def texts(self, name: str) -> list[str]:
        """Return all values of a field that are not empty."""
        return [value.strip() for value in self.values.get(name, []) if value.strip()]


def given(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a request: the fields into which the person typed something."""
    return {name: value for name, value in typed.items() if value}


def field_faults(problem: Problem) -> dict[str, str]:
    """Return what the API finds wrong with each field; empty if it is about no single field.

    Raises:
        Problem: The same problem, if other words in the form would not solve it.
    """
    if problem.status not in _AT_THE_FORM:
        raise problem
    found: dict[str, str] = {}
    for error in problem.members.get("errors", ()):
        name = str(error.get("field") or error.get("parameter")).partition(".")[0]
        found.setdefault(name, str(error["detail"]))
    return found
