"""Scorecards: what scores proved to be worth."""

from datetime import datetime

from pydantic import ConfigDict, Field

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.egress.shapes import Shape, shown


class ReliabilityBin(Shape):
    """Scores whose probability lay in one bin, and the share of them that came true."""

    model_config = ConfigDict(populate_by_name=True)

    lower: float = shown(0.05, alias="from")
    upper: float = shown(0.1, alias="to")
    scores: int = shown(20)
    mean_probability: float = shown(0.08)
    share: float = shown(0.1)


class RulePromise(Shape):
    """False alarms of a rule: what its threshold promised, and what came."""

    threshold: float = shown(0.1)
    country_years: float = shown(0.31)
    promised: float | None = shown(0.02, description="Null where the model's card cannot say.")
    delivered: int = shown(0)
    low: float = shown(0.0, description="With `high`: 90% interval of what delivered stands for.")
    high: float = shown(3.0)
    verdict: str = shown("too few expected for a test")


class ScorecardRecord(Shape):
    """Scores of one purpose that have matured, of the origins of a month or of all.

    Only scores that were written in the week of their origin count. An outcome is what was known 26
    weeks after the horizon's end, and unobserved where nobody looked. Figures are null where they
    have no meaning: no outcome, say, or nothing else.
    """

    model: str = shown("invented")
    source: str = shown("invented")
    target: Target = shown("force")
    level: Level = shown("country")
    horizon_weeks: int = shown(4)
    month: str | None = shown(
        "2019-12", description="Month of the origins, `YYYY-MM`; null for all of them."
    )
    as_of: datetime = shown(
        "2020-07-06T00:00:00+00:00", description="The knowledge that the outcomes rest on."
    )
    recorded_at: datetime = shown("2020-07-07T00:00:00+00:00")
    origins: int = shown(5)
    models: dict[str, int] = shown(
        {"invented@1+1a2b3c4d": 20},
        description="Scores by model and version; after the plus sign the hash of its parameters.",
    )
    unobserved: int = shown(0)
    rows: int | None = shown(20, default=None)
    positives: int | None = shown(2, default=None)
    base_rate: float | None = shown(0.1, default=None)
    mean_probability: float | None = shown(0.08, default=None)
    calibration_in_the_large: float | None = shown(
        -0.02, default=None, description="Mean probability less the share that came true."
    )
    brier: float | None = shown(0.08, default=None)
    brier_skill: float | None = shown(0.11, default=None)
    log_score: float | None = shown(-0.29, default=None)
    auc: float | None = shown(0.8, default=None)
    average_precision: float | None = shown(0.4, default=None)
    calibration_slope: float | None = shown(0.9, default=None)
    calibration_intercept: float | None = shown(-0.1, default=None)
    reliability: list[ReliabilityBin] = Field(default_factory=list)
    deployed: int | None = shown(
        None,
        default=None,
        description="Scores of regions under a deployment; null where that is not recorded.",
    )
    rules: dict[str, RulePromise] = shown(
        {}, default_factory=dict, description="By rule; only with all months."
    )
