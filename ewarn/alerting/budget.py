"""Find a threshold for a budget of false alarms, from the results of a rolling test. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from ewarn.errors import UsageError


def threshold_within(alarms: Sequence[Mapping[str, Any]], allowed: float) -> float:
    """Return the lowest threshold that stays within a budget, as do all higher thresholds.

    Of two tested thresholds around the budget the upper one is used. A low threshold at which
    alarms stay open for years has few alarms, and so few false ones. That is why all higher
    thresholds must be within the budget too.

    Args:
        alarms: The rows of the rolling test on a model's card.
        allowed: False alarms per country and year.

    Raises:
        UsageError: The test cannot answer the question.
    """
    tested = _tested(alarms)
    within = len(tested)
    while within > 0 and tested[within - 1][1] <= allowed:
        within -= 1
    highest, rate = tested[-1]
    if within == len(tested):
        raise UsageError(
            f"even the highest tested threshold, {highest:g}, cost {rate:g} false alarms in a "
            f"country and year, where {allowed:.3g} are allowed; allow more"
        )
    lowest, most = tested[0][0], max(cost for _, cost in tested)
    if allowed > most:
        raise UsageError(
            f"no tested threshold cost more than {most:g} false alarms in a country and year, and "
            f"{allowed:.3g} are allowed: the test does not say what a threshold below {lowest:g} "
            "would cost; allow fewer, or give 'raise_at'"
        )
    return tested[within][0]


def rate_at(alarms: Sequence[Mapping[str, Any]], threshold: float) -> float | None:
    """Return the false alarms per country and year at a threshold.

    That is the rate of the highest tested threshold at or below it, or more if a higher one had
    more.

    Returns:
        The rate, or None if the threshold is below all tested ones.
    """
    below = [place for place, (at, _) in enumerate(_tested(alarms)) if at <= threshold]
    if not below:
        return None
    return max(rate for _, rate in _tested(alarms)[below[-1] :])


def _tested(alarms: Sequence[Mapping[str, Any]]) -> list[tuple[float, float]]:
    """Return the tested thresholds with their false alarms per country and year, ascending."""
    found = sorted((row["threshold"], row["false_per_country_year"]) for row in alarms)
    if not found:
        raise UsageError("its card holds no rolling test of thresholds; give 'raise_at' instead")
    return found
