"""Wire shapes of scorecards: what scores proved to be worth."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.polled import Listed, example
from ewarn.domain.region import Level
from ewarn.domain.target import Target


class ReliabilityBin(BaseModel):
    """Scores whose probability lay in one bin, and the share of them that came true."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    lower: float = Field(alias="from")
    upper: float = Field(alias="to")
    scores: int
    mean_probability: float
    share: float


class RulePromise(BaseModel):
    """False alarms of a rule: what its threshold promised, and what came."""

    model_config = ConfigDict(extra="forbid")

    threshold: float
    country_years: float
    promised: float | None = Field(description="Null where the model's card cannot say.")
    delivered: int
    low: float = Field(description="With `high`: 90% interval of what delivered stands for.")
    high: float
    verdict: str


class ScorecardRecord(BaseModel):
    """Scores of one purpose that have matured, of the origins of a month or of all.

    Only scores that were written in the week of their origin count. An outcome is what was known 26
    weeks after the horizon's end, and unobserved where nobody looked. Figures are null where they
    have no meaning: no outcome, say, or nothing else.
    """

    model_config = example(
        model="invented",
        source="invented",
        target="force",
        level="country",
        horizon_weeks=4,
        month="2019-12",
        as_of="2020-07-06T00:00:00+00:00",
        recorded_at="2020-07-07T00:00:00+00:00",
        origins=5,
        models={"invented@1+1a2b3c4d": 20},
        unobserved=0,
        rows=20,
        positives=2,
        base_rate=0.1,
        mean_probability=0.08,
        calibration_in_the_large=-0.02,
        brier=0.08,
        brier_skill=0.11,
        log_score=-0.29,
        auc=0.8,
        average_precision=0.4,
        calibration_slope=0.9,
        calibration_intercept=-0.1,
        reliability=[
            {"from": 0.05, "to": 0.1, "scores": 20, "mean_probability": 0.08, "share": 0.1}
        ],
        deployed=None,
        rules={},
    )

    model: str
    source: str
    target: Target
    level: Level
    horizon_weeks: int
    month: str | None = Field(description="Month of the origins, `YYYY-MM`; null for all of them.")
    as_of: datetime = Field(description="The knowledge that the outcomes rest on.")
    recorded_at: datetime
    origins: int
    models: dict[str, int] = Field(
        description="Scores by model and version; after the plus sign the hash of its parameters."
    )
    unobserved: int
    rows: int | None = None
    positives: int | None = None
    base_rate: float | None = None
    mean_probability: float | None = None
    calibration_in_the_large: float | None = Field(
        None, description="Mean probability less the share that came true."
    )
    brier: float | None = None
    brier_skill: float | None = None
    log_score: float | None = None
    auc: float | None = None
    average_precision: float | None = None
    calibration_slope: float | None = None
    calibration_intercept: float | None = None
    reliability: list[ReliabilityBin] = Field(default_factory=list)
    deployed: int | None = Field(
        None, description="Scores of regions under a deployment; null where that is not recorded."
    )
    rules: dict[str, RulePromise] = Field(
        default_factory=dict, description="By rule; only with all months."
    )


class ScorecardList(Listed):
    """The rows of a scorecard."""

    items: list[ScorecardRecord]
