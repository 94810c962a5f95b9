"""Which question of a form says what: the little that is ever asked of a field report.

A YAML file, in the words of the form:

    fields:                  # ours: the question's full name, `group/question`
      kind: incident/what
      day: incident/day
      admin1: place/region
      injured: harm/injured
    kinds:                   # choices of the form: kinds of ewarn
      arrestation: arrest
    country: TGO             # of all reports; or name a question under `fields`

What is not named here is neither fetched nor kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ewarn.domain.kinds import EventKind
from ewarn.errors import SettingsError
from ewarn.files.located import Located, read

COUNTS = ("participants", "injured", "arrests", "fatalities")
FIELDS = ("kind", "day", "country", "admin1", *COUNTS)
_ALWAYS = ("kind", "day")


@dataclass(frozen=True, slots=True)
class Form:
    """Questions by what they say, choices by the kind they mean, and the country of all reports."""

    questions: Mapping[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    kinds: Mapping[str, EventKind] = field(
        default_factory=lambda: {kind.value: kind for kind in EventKind}
    )
    country: str = ""

    def answer(self, submission: Mapping[str, Any], name: str) -> Any:
        """What a submission answers to the question of `name`; None where it is not asked."""
        return submission.get(self.questions.get(name, ""))


def read_form(path: Path) -> Form:
    """The form described in a file; raises SettingsError with the line of what is wrong.

    Choices and questions are read as they are written: `01` is no 1, and `no` is a word.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path} cannot be used: it is no readable text file") from None
    parts = read(text, str(path)).fields(("fields",), ("kinds", "country"))
    fields = parts.values["fields"].fields(
        _ALWAYS, tuple(name for name in FIELDS if name not in _ALWAYS)
    )
    named = dict(fields.values)
    if "country" not in named and "country" not in parts.values:
        raise parts.at.wrong("name a 'country', or the question that says it under 'fields'")
    for name, item in named.items():
        if fields.text(name).startswith(("_", "meta/")):
            raise item.wrong(f"{name!r} names {item.value!r}, which is no question of a form")
    questions = {name: fields.text(name) for name in named}
    kinds = parts.values["kinds"].entries() if "kinds" in parts.values else {}
    return Form(questions, _kinds(kinds), parts.text("country", ""))


def _kinds(named: Mapping[str, Located]) -> dict[str, EventKind]:
    kinds = {kind.value: kind for kind in EventKind}
    for choice, item in named.items():
        if item.value not in list(EventKind):
            raise item.wrong(
                f"the choice {choice!r} is said to be {item.value!r}, which is not one of "
                f"{', '.join(EventKind)}"
            )
        kinds[choice] = EventKind(item.value)
    return kinds
