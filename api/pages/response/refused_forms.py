"""A form that the API refused: why, at which fields, and what the person typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.pages.forms import field_faults
from api.serving.problems import Problem
from ewarn.languages.catalogues import translation


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """Why a form was refused. Without a message it is a form that nobody sent yet.

    Attributes:
        fields: What is wrong with each field, by its name.
        typed: What the person typed, by the name of the field.
    """

    message: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


def refused_form(problem: Problem, typed: Mapping[str, str], language: str) -> RefusedForm:
    """Return what is shown at the form.

    Raises:
        Problem: The problem is none that other words in the form would solve.
    """
    gettext = translation(language).gettext
    filled = gettext("This field must be filled in.")
    found = field_faults(problem)
    fields = {name: words if typed.get(name) else filled for name, words in found.items()}
    message = gettext("Look at the marked fields.") if fields else problem.detail
    return RefusedForm(message, fields, typed)


def given(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a request: the fields into which the person typed something."""
    return {name: value for name, value in typed.items() if value}
