"""What people send when they act on an alert."""

from pydantic import BaseModel, ConfigDict, Field

from ewarn.domain.alert import Assessment

_WORDS = 2000


class Acknowledgement(BaseModel):
    """Who saw it is whose key it is; a note may say what happens next."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"note": "Calling the country team."}}
    )

    note: str = Field("", max_length=_WORDS)


class Judgement(BaseModel):
    """What an alert proved to be, and what that rests on. Names of people do not belong here."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"finding": "true alarm", "comment": "Two weeks later force was used."}
        },
    )

    finding: Assessment
    comment: str = Field(min_length=1, max_length=_WORDS)


class Closing(BaseModel):
    """Why an alert is ended by hand."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"reason": "A copy of another one."}}
    )

    reason: str = Field(min_length=1, max_length=_WORDS)
