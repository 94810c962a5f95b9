"""The level of a score, with or without a probability. Pure."""

from ewarn.domain.score import Score
from ewarn.domain.target import Band

# Thresholds for scores without a probability: the expected share of mistaken alarms among all
# scores that are as surprising (Benjamini and Hochberg's adjusted p-value), and the count as a
# multiple of the bound.
CRITICAL_SHARE, CRITICAL_EXCESS = 0.001, 2.0
HIGH_SHARE = 0.01
ELEVATED_SHARE = 0.1


def severity(score: Score) -> Band:
    """Return the level of a score: the band of its probability, else the level of its detector.

    A detector's level is no probability, and is never shown as one. It is `uncalibrated` if the
    week was not observed or if there is no bound.
    """
    if score.band is not Band.UNCALIBRATED:
        return score.band
    if score.observed is None or score.upper is None:
        return Band.UNCALIBRATED
    share = score.false_discovery
    if not score.exceeds_bound:
        if share is None:
            return Band.UNCALIBRATED
        if share <= ELEVATED_SHARE:
            return Band.ELEVATED
        above = score.expected is not None and score.observed > score.expected
        return Band.GUARDED if above else Band.LOW
    if share is None:
        return Band.ELEVATED
    if share <= CRITICAL_SHARE and score.observed >= CRITICAL_EXCESS * score.upper:
        return Band.CRITICAL
    return Band.HIGH if share <= HIGH_SHARE else Band.ELEVATED
