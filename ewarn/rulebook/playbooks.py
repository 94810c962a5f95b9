"""Reader of the YAML file of playbooks."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import create_model, field_validator, model_validator

from ewarn.domain.playbook import Playbook
from ewarn.domain.target import Band, Target
from ewarn.files.fields import Fields, Role, Text, one_of, read_fields, whole, wrong
from ewarn.files.located import read
from ewarn.languages.catalogues import ENGLISH, LANGUAGES

OPEN_ENDED = "open-ended"
_LONGEST = 1040  # weeks
_OF_A_TEAM = ("length_weeks", "consent_of", "owner", "review_weeks")
_BANDS = tuple(band for band in Band if band is not Band.UNCALIBRATED)


# The fields of a suggestion: English is required, other languages with a catalogue are optional.
_SPOKEN: dict[str, Any] = {
    each: (Text, ...) if each == ENGLISH else (Text | None, None) for each in LANGUAGES
}
if TYPE_CHECKING:
    _SuggestionFields = Fields
else:
    _SuggestionFields = create_model("_SuggestionFields", __base__=Fields, **_SPOKEN)


class _PlaybookFields(Fields):
    id: Text
    name: Text
    suggestion: _SuggestionFields
    targets: tuple[Annotated[Target, one_of(tuple(Target), "a target")], ...] = ()
    level: Annotated[Band, one_of(_BANDS, "a level")] = Band.LOW
    team: tuple[Role, ...] = ()
    length_weeks: Annotated[int, whole(1)] | None = None
    consent_of: Role = ""
    preconditions: tuple[Text, ...] = ()
    owner: Role = ""
    review_weeks: tuple[Annotated[int, whole(1, _LONGEST)], ...] = ()

    @field_validator("length_weeks", mode="before")
    @classmethod
    def _may_be_open_ended(cls, value: Any) -> Any:
        return None if value == OPEN_ENDED else value

    @model_validator(mode="after")
    def _is_told_what_a_team_needs(self) -> Self:
        for name in _OF_A_TEAM:
            if self.team and name not in self.model_fields_set:
                raise ValueError(f"a playbook that sends a team needs the field {name!r}")
            if not self.team and name in self.model_fields_set:
                raise wrong(name, f"{name!r} has no meaning without a team; remove it")
        if any(later <= week for week, later in pairwise(self.review_weeks)):
            raise wrong("review_weeks", "'review_weeks' must be ascending whole numbers")
        return self


def read_playbooks(text: str, file: str = "playbooks.yaml") -> dict[str, Playbook]:
    """Read the playbooks of a YAML list, and return them by id.

    A playbook with a team must state how long the team stays, whose consent is needed, who owns the
    follow-up, and when it is reviewed.

    Raises:
        SettingsError: If the text is wrong, with file and line.
    """
    playbooks: dict[str, Playbook] = {}
    for item in read(text, file).items():
        playbook = _playbook(read_fields(item, _PlaybookFields))
        if playbook.id in playbooks:
            raise item.wrong(f"a playbook called {playbook.id!r} is already defined above")
        playbooks[playbook.id] = playbook
    return playbooks


def _playbook(said: _PlaybookFields) -> Playbook:
    spoken = said.suggestion.model_dump(exclude_none=True)
    return Playbook(**said.model_dump(exclude={"suggestion"}), suggestion=spoken)
