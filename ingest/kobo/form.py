"""Description of a form: which of its questions hold the few fields of a field report.

It is a YAML file with the names of the form:

    fields:                  # field of a report: full name of the question, `group/question`
      kind: incident/what
      day: incident/day
      admin1: place/region
      injured: harm/injured
    kinds:                   # choice in the form: kind of event in ewarn
      arrestation: arrest
    country: TGO             # of all reports; or name a question under `fields`

What is not named here is neither fetched nor stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ewarn.domain.kinds import EventKind
from ewarn.errors import SettingsError
from ewarn.files.fields import Fields, Text, one_of, read_fields
from ewarn.files.located import read

COUNTS = ("participants", "injured", "arrests", "fatalities")


def _question(name: str, info: ValidationInfo) -> str:
    if name.startswith(("_", "meta/")):
        raise ValueError(f"{info.field_name!r} names {name!r}, which is not a question of a form")
    return name


_Question = Annotated[Text, AfterValidator(_question)]


class _QuestionsFields(Fields):
    kind: _Question
    day: _Question
    country: _Question | None = None
    admin1: _Question | None = None
    participants: _Question | None = None
    injured: _Question | None = None
    arrests: _Question | None = None
    fatalities: _Question | None = None


FIELDS = tuple(_QuestionsFields.model_fields)


@dataclass(frozen=True, slots=True)
class Form:
    """The questions by field, the kinds of events by choice, and the country of all reports."""

    questions: Mapping[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    kinds: Mapping[str, EventKind] = field(
        default_factory=lambda: {kind.value: kind for kind in EventKind}
    )
    country: str = ""

    def answer(self, submission: Mapping[str, Any], name: str) -> Any:
        """Return the answer of a submission for the field `name`, or None if there is none."""
        return submission.get(self.questions.get(name, ""))


class _FormFields(Fields):
    fields: _QuestionsFields
    kinds: dict[str, Annotated[EventKind, one_of(tuple(EventKind), "a kind of event")]] = Field({})
    country: Text = ""

    @model_validator(mode="after")
    def _has_a_country(self) -> Self:
        if self.fields.country is None and not self.country:
            raise ValueError("name a 'country', or the question that says it under 'fields'")
        return self


def read_form(path: Path) -> Form:
    """Read the description of a form.

    Choices and questions are read as they are written: `01` is not 1, and `no` is a word.

    Raises:
        SettingsError: If the file cannot be read or is wrong, with its line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path} cannot be used: it is not a readable text file") from None
    document = read(text, str(path))
    said = read_fields(document, _FormFields)
    return Form(
        said.fields.model_dump(exclude_none=True),
        {kind.value: kind for kind in EventKind} | said.kinds,
        said.country,
    )
