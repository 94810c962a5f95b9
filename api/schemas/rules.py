"""Rules as they are answered, and what is asked of them in a dry run."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from api.schemas.polled import Listed, example
from api.serving.texts import Code, Moment, Number, Whole
from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.target import Band, Basis, Target


class QuietRecord(BaseModel):
    """What a rule listens to in a region that was quiet for half a year: a probability of `times`
    the mean of all quiet regions, also without a rise; again after `again_after` weeks."""

    times: float
    again_after: int


class RiseRecord(BaseModel):
    """A rise that a rule listens to: `floor` or more, and `factor` times the lowest of the last
    `weeks`; again after `again_after` weeks, or at `again_factor` times the last warning."""

    floor: float
    factor: float
    weeks: int
    again_after: int
    again_factor: float
    quiet: QuietRecord | None


class RuleRecord(BaseModel):
    """A rule in force. One with a `budget` has a threshold for each source; a detector's has none.
    `hash` names its text, which every change of an alert under it carries."""

    model_config = example(
        id="force-country",
        target="force",
        level="country",
        horizon_weeks=4,
        raise_at=None,
        close_below=0.015,
        thresholds={},
        hold_for=1,
        keep_for=4,
        cool_down=8,
        detector=False,
        false_discovery=None,
        sources=[],
        without_probability=False,
        budget=None,
        acknowledge_within_hours=None,
        offices=["*"],
        playbook="deployment",
        rise={"floor": 0.02, "factor": 1.6, "weeks": 4, "again_after": 6, "again_factor": 1.5},
        hash="c4" * 32,
    )

    id: str
    target: Target
    level: Level
    horizon_weeks: int
    raise_at: float | None
    close_below: float | None
    thresholds: dict[str, float]
    hold_for: int
    keep_for: int
    cool_down: int
    detector: bool
    false_discovery: float | None
    sources: list[str]
    without_probability: bool
    budget: float | None
    acknowledge_within_hours: float | None
    offices: list[str]
    playbook: str | None
    rise: RiseRecord | None
    hash: str


class RuleList(Listed):
    """The rules in force."""

    items: list[RuleRecord]


class RuleVersionRecord(BaseModel):
    """What a rule said, word for word, and when it was first in force."""

    model_config = example(
        hash="c4" * 32,
        rule="force-country",
        text="id: force-country\ntarget: force\nlevel: country\nhorizon_weeks: 4\n",
        recorded_at="2020-01-06T00:05:00+00:00",
    )

    hash: str
    rule: str
    text: str
    recorded_at: datetime


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


class SilenceAbove(BaseModel):
    """A silence that would hold the news back."""

    id: str
    author: str
    reason: str
    until: datetime


class Hearing(BaseModel):
    """Who would be told: an office, or a subscription of the asking key."""

    office: str | None
    subscription: str | None
    channel: str
    tier: int
    leaves_at: datetime


class DryRunChange(BaseModel):
    """A change that would be made. `not_told` says why nobody would hear of it."""

    change: ChangeKind
    alert: str
    state: AlertState
    band: Band
    reason: str
    urgent: bool
    not_told: str | None
    silences: list[SilenceAbove]
    country_alert: str | None
    source_ill: str | None
    told: list[Hearing]


class DryRunRule(BaseModel):
    """What one rule would do. `alert` is the one that stands now."""

    rule: str
    hash: str
    matches: bool
    why_not: list[str]
    alert: str | None
    changes: list[DryRunChange]


class DryRun(BaseModel):
    """What the rules in force would do with a score that was supposed. Nothing was stored."""

    model_config = example(
        region="TG-M",
        origin="2020-03-02",
        at="2020-03-02T12:00:00+00:00",
        band="critical",
        rules=[
            {
                "rule": "force-admin1",
                "hash": "c4" * 32,
                "matches": True,
                "why_not": [],
                "alert": None,
                "changes": [
                    {
                        "change": "opened",
                        "alert": "alert-1",
                        "state": "open",
                        "band": "critical",
                        "reason": "probability 0.120 at or above 0.05 for 1 week",
                        "urgent": True,
                        "not_told": None,
                        "silences": [],
                        "country_alert": None,
                        "source_ill": None,
                        "told": [
                            {
                                "office": "dakar",
                                "subscription": None,
                                "channel": "log",
                                "tier": 1,
                                "leaves_at": "2020-03-02T12:00:00+00:00",
                            }
                        ],
                    }
                ],
            }
        ],
    )

    region: str
    origin: date
    at: datetime
    band: Band
    rules: list[DryRunRule]
