"""Coverage of the 90% interval and verdicts for simulated deployments with a known effect."""

import math
from collections import Counter

from benchmarks.deployments import study
from benchmarks.rows import Row
from ewarn.domain.effect import Effect, Verdict
from models.effect.effect import estimate

FIRST_SEED = 1_000  # the method was developed on other seeds
EFFECTS = (0.0, math.log(0.5), math.log(1.8))
SWINGS = {
    "moderate swings": {"shared": 0.3, "own": 0.25, "memory": 0.9},
    "strong swings": {"shared": 0.6, "own": 0.5, "memory": 0.9},
    "slow swings": {"shared": 0.5, "own": 0.4, "memory": 0.97},
}


def main(simulations: int = 400) -> list[Row]:
    """Return a row for each kind of swings and effect, with and without donors."""
    return [
        _row(name, effect, donors, simulations)
        for name in SWINGS
        for effect in EFFECTS
        for donors in (0, 10)
    ]


def _row(swings: str, effect: float, donors: int, simulations: int) -> Row:
    found = [
        estimate(study(seed, effect=effect, donors=donors, **SWINGS[swings]))
        for seed in range(FIRST_SEED, FIRST_SEED + simulations)
    ]
    answered = [each for each in found if each.estimates]
    said = Counter(each.verdict for each in found)
    share = sum(_holds(each, effect) for each in answered) / len(answered)
    error = math.sqrt(0.9 * 0.1 / len(answered))
    words = ", ".join(f"{verdict} {said[verdict] / simulations:.0%}" for verdict in Verdict)
    return Row(
        f"effect {math.exp(effect):.2f} times, {donors} donors, {swings}",
        f"coverage {share:.3f} of {len(answered)}",
        f"0.9; Monte-Carlo error {error:.3f}",
        words,
    )


def _holds(found: Effect, effect: float) -> bool:
    return found.estimates[0].low <= math.exp(effect) <= found.estimates[0].high
