"""How grave a score is on the ladder of levels, with a probability or without one. Pure."""

from ewarn.domain.score import Score
from ewarn.domain.target import Band

# Without a probability: the share of mistaken alarms to expect if all that are as surprising
# alarm (Benjamini and Hochberg's adjusted p-value), and how many times the bound was seen.
CRITICAL_SHARE, CRITICAL_EXCESS = 0.001, 2.0
HIGH_SHARE = 0.01
ELEVATED_SHARE = 0.1


def severity(score: Score) -> Band:
    """The level of a score: the band of its probability, else what its detector found.

    A detector's level is no probability, and is never shown as one. It is `uncalibrated` where the
    week was not observed or nothing bounds it.
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
