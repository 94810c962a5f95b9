"""Request bodies for a dry run of the rules, and for a trial of other rules on past scores."""

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from api.schemas.request_body import RequestBody
from api.serving.texts import Code, Day, FileText, Moment, Number, ServedTarget, Whole
from ewarn.domain.target import Basis
from ewarn.egress.definition.shapes import shown

_Count = Annotated[Whole, Field(ge=0, le=10**9)]


def _events(value: object) -> object:
    """Convert `true` to 0 and `false` to None.

    `true` means a week that was observed and had no events, `false` a week that was not observed.
    """
    if isinstance(value, bool):
        return 0 if value else None
    return value


class DryRunBody(RequestBody):
    """A hypothetical score for a dry run.

    `observed` is the number of events of the last week, or whether that week was observed at all.
    `at` is the time of the decision, now or later. Rules of a detector use `observed`, `upper` and
    `false_discovery`.
    """

    region: Code = shown("TG-M", "Country or subdivision, by any code or name.")
    target: ServedTarget = shown("force")
    horizon_weeks: Whole = shown(4, default=4, ge=1, le=520)
    probability: Annotated[Number, Field(ge=0, le=1)] | None = shown(0.12, default=None)
    observed: Annotated[
        _Count | None,
        BeforeValidator(_events, json_schema_input_type=bool | _Count | None),
    ] = shown(
        True,
        "Events of the last week, or whether that week was observed.",
        null="if nobody observed the week",
        default=0,
    )
    source: Code = shown("gdelt", "Name of the source; empty if it is none.", default="")
    at: Moment | None = shown(
        "2017-10-02T06:00:00+00:00", "The time of the decision.", null="for now", default=None
    )
    basis: Basis | None = shown(
        "calibrated",
        null="for `calibrated` with a probability, else `uncalibrated`",
        default=None,
    )
    upper: Annotated[Number, Field(ge=0, le=10**9)] | None = shown(2.0, default=None)
    false_discovery: Annotated[Number, Field(ge=0, le=1)] | None = shown(0.04, default=None)
    relative_risk: Annotated[Number, Field(ge=0, le=10**4)] | None = shown(
        3.4, null="if the region is not quiet", default=None
    )


class TrialBody(RequestBody):
    """Rules to try on past scores, and the days of these scores. At most 366 days are tried."""

    model_config = ConfigDict(populate_by_name=True)

    rules: FileText = shown(
        "- {id: one, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.2, "
        "close_below: 0.1}",
        "The text of a file of rules, as YAML: at most 30 rules.",
        min_length=1,
    )
    first: Day = shown("2017-01-01", "The first day.", alias="from")
    last: Day = shown("2017-12-31", "The last day, which is included.", alias="to")
