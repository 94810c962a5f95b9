"""What is asked of the rules in a dry run."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.serving.texts import Code, Moment, Number, Whole
from ewarn.domain.target import Basis, Target


def _events(value: object) -> object:
    """`true`: the week was observed, no event is told of; `false`: it was not observed."""
    if isinstance(value, bool):
        return 0 if value else None
    return value


class DryRunAsked(BaseModel):
    """A score to suppose. `observed` is the number of events of the last week, or whether it was
    observed at all; `at` lies from now on. Rules on a detector's bound look at `observed`, `upper`
    and `false_discovery`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "region": "TG-M",
                "target": "force",
                "horizon_weeks": 4,
                "probability": 0.12,
                "observed": True,
            }
        },
    )

    region: Code
    target: Target
    horizon_weeks: Whole = Field(4, ge=1, le=520)
    probability: Annotated[Number, Field(ge=0, le=1)] | None = None
    observed: Annotated[
        Annotated[Whole, Field(ge=0, le=10**9)] | None,
        BeforeValidator(_events, json_schema_input_type=bool | int | None),
    ] = 0
    source: Code = ""
    at: Moment | None = None
    basis: Basis | None = Field(
        None, description="Without it: calibrated with a probability, else uncalibrated."
    )
    upper: Annotated[Number, Field(ge=0, le=10**9)] | None = None
    false_discovery: Annotated[Number, Field(ge=0, le=1)] | None = None
    relative_risk: Annotated[Number, Field(ge=0, le=10**4)] | None = Field(
        None, description="Of a quiet region. Without it: the region is not quiet."
    )
