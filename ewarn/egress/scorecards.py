"""Scorecards: how good past scores were."""

from datetime import datetime

from pydantic import ConfigDict, Field

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.egress.definition.shapes import Shape, shown


class ReliabilityBin(Shape):
    """Scores whose probability was in one bin, and the share of them that came true."""

    model_config = ConfigDict(populate_by_name=True)

    lower: float = shown(0.05, "Lower end of the bin.", alias="from", ge=0, le=1)
    upper: float = shown(0.1, "Upper end of the bin.", alias="to", ge=0, le=1)
    scores: int = shown(20, "Number of scores in the bin.", ge=0)
    mean_probability: float = shown(0.08)
    share: float = shown(0.1, "Share of them that came true.", ge=0, le=1)


class RulePromise(Shape):
    """False alarms of a rule: the number that its threshold promised, and the real number."""

    threshold: float = shown(0.1, "Probability at which the rule opens an alert.", ge=0, le=1)
    country_years: float = shown(0.31, "Years of countries that were watched.", ge=0)
    promised: float | None = shown(
        0.02,
        "False alarms of a country and year that the threshold promised.",
        null="if the card of the model does not give it",
        ge=0,
    )
    delivered: int = shown(0, "False alarms that there were.", ge=0)
    low: float = shown(
        0.0, "Lower bound of the 90% interval of the expected number behind `delivered`.", ge=0
    )
    high: float = shown(
        3.0, "Upper bound of the 90% interval of the expected number behind `delivered`.", ge=0
    )
    verdict: str = shown("too few expected for a test", "Whether the promise was kept, in words.")


class ScorecardRecord(Shape):
    """Scores of one purpose that have matured, of the origins of one month or of all.

    Only scores that were written in the week of their origin count. An outcome is as known 26 weeks
    after the end of the horizon; it is unobserved if no source observed it. Figures are null if
    they have no meaning, for example if all outcomes are the same.
    """

    model: str = shown("ensemble", "Name of the model.")
    source: str = shown("gdelt")
    target: Target = shown("force")
    level: Level = shown("country")
    horizon_weeks: int = shown(4)
    month: str | None = shown("2017-07", null="for all of them")
    as_of: datetime = shown(
        "2018-02-05T00:00:00+00:00", "The outcomes are as known at this moment."
    )
    recorded_at: datetime = shown("2018-02-06T00:00:00+00:00")
    origins: int = shown(5, "Number of origins.", ge=0)
    models: dict[str, int] = shown(
        {"ensemble@1+1a2b3c4d": 20},
        "Number of scores, by model and version; after the plus sign the hash of its parameters.",
    )
    unobserved: int = shown(0, "Scores whose outcome no source observed.", ge=0)
    rows: int | None = shown(
        20, "Scores with a known outcome.", null="if there are none", default=None, ge=0
    )
    positives: int | None = shown(
        2, "Scores that came true.", null="without rows", default=None, ge=0
    )
    base_rate: float | None = shown(
        0.1, "Share of scores that came true.", null="without rows", default=None, ge=0, le=1
    )
    mean_probability: float | None = shown(0.08, default=None)
    calibration_in_the_large: float | None = shown(
        -0.02,
        "Mean probability less the share that came true.",
        null="without rows",
        default=None,
        ge=-1,
        le=1,
    )
    brier: float | None = shown(
        0.08,
        "Brier score: mean squared error of the probabilities; less is better.",
        null="without rows",
        default=None,
        ge=0,
        le=1,
    )
    brier_skill: float | None = shown(
        0.11,
        "Brier skill: 0 is as good as the base rate, 1 is perfect.",
        null="if all outcomes are the same",
        default=None,
        le=1,
    )
    log_score: float | None = shown(
        -0.29,
        "Mean logarithm of the probability of what happened; 0 is perfect.",
        null="without rows",
        default=None,
        le=0,
    )
    auc: float | None = shown(
        0.8,
        "Area under the ROC curve: 0.5 is chance, 1 is perfect.",
        null="if all outcomes are the same",
        default=None,
        ge=0,
        le=1,
    )
    average_precision: float | None = shown(
        0.4,
        "Area under the precision-recall curve; the base rate is chance.",
        null="if nothing came true",
        default=None,
        ge=0,
        le=1,
    )
    calibration_slope: float | None = shown(
        0.9,
        "Slope of the calibration on the logit scale; 1 is perfect.",
        null="if it cannot be fitted",
        default=None,
    )
    calibration_intercept: float | None = shown(
        -0.1,
        "Intercept of the calibration on the logit scale; 0 is perfect.",
        null="if it cannot be fitted",
        default=None,
    )
    reliability: list[ReliabilityBin] = Field(
        default_factory=list,
        description="Scores by bins of their probability.",
    )
    deployed: int | None = shown(
        0,
        "Scores of regions with a deployment.",
        null="if that is not recorded",
        default=None,
        ge=0,
    )
    rules: dict[str, RulePromise] = shown(
        {}, "False alarms of rules, by rule; only in the row of all months.", default_factory=dict
    )
