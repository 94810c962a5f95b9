"""What people send when they act on alerts, or silence them."""

from pydantic import BaseModel, ConfigDict

from api.serving.texts import Codes, GivenWords, Moment, Names, Targets, Words
from ewarn.domain.alert import Assessment


class Acknowledgement(BaseModel):
    """Who saw it is whose key it is; a note may say what happens next."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "Calling the country team."}}
    )

    note: Words = ""


class Judgement(BaseModel):
    """What an alert proved to be, and what that rests on. Names of people do not belong here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"finding": "true alarm", "comment": "Two weeks later force was used."}
        },
    )

    finding: Assessment
    comment: GivenWords


class Closing(BaseModel):
    """Why an alert is ended by hand."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "A copy of another one."}}
    )

    reason: GivenWords


class SilenceAsked(BaseModel):
    """Whose news is held back until when, and why. What is left empty leaves nothing out, but
    something must be named: one that covers every alert is refused.

    Regions must lie in the countries that are named, and rules be in force. `offices` stand for
    the countries they watch. A key that covers some countries only speaks of these where it names
    none. Without `starts_at` it begins at once; an end is always needed.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "reason": "The source is being repaired.",
                "ends_at": "2020-03-09T00:00:00+00:00",
                "countries": ["TGO"],
            }
        },
    )

    reason: GivenWords
    starts_at: Moment | None = None
    ends_at: Moment
    countries: Codes = []
    regions: Codes = []
    offices: Names = []
    targets: Targets = []
    rules: Names = []
