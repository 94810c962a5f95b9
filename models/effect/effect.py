"""Effect of a response, by an interrupted time series and, with donors, a synthetic control.

The verdict is that of the synthetic control where at least five usable donors were named
beforehand, else that of the interrupted time series. There is no estimate if there are reasons why
the data cannot identify an effect.
"""

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson

from ewarn.domain.effect import Effect, Estimate, Study, Verdict
from ewarn.frames.predictions import FloatArray
from models.effect.interrupted import FIRST_PLACEBO, interrupted
from models.effect.synthetic import FEWEST_DONORS, synthetic, usable

FEWEST_BEFORE = 52  # observed weeks
FEWEST_DURING = 8
FEWEST_EXPECTED = 5.0  # events in the deployment if nothing had changed
FEWEST_PERIODS = 3  # placebo periods of the deployment's length that do not overlap
RECENT = 8  # weeks before the start in which a rise is looked for
USUAL = 0.05
SETTLED = 0.97  # share of the deployment's reports that must have arrived


def estimate(study: Study) -> Effect:
    """Estimate the effect of one deployment."""
    counts = _numbers(study.counts)
    donors = {name: _numbers(each) for name, each in study.donors.items()}
    kept = usable(donors, study.weeks_before)
    compared = len(kept) >= FEWEST_DONORS
    reasons = _reasons(study, counts, compared=compared)
    cautions = _cautions(study, len(kept), compared=compared)
    if reasons:
        return Effect(Verdict.NOT_IDENTIFIABLE, reasons, cautions, (), {}, study)
    estimates = [interrupted(counts, study.weeks_before)]
    weights: dict[str, float] = {}
    if compared:
        found, weights = synthetic(counts, kept, study.weeks_before)
        estimates.insert(0, found)
    return Effect(_verdict(estimates[0]), (), cautions, tuple(estimates), weights, study)


def _numbers(counts: tuple[int | None, ...]) -> FloatArray:
    """Return counts as numbers, NaN where a week was not observed."""
    return np.array([np.nan if count is None else count for count in counts], dtype=float)


def _verdict(found: Estimate) -> Verdict:
    if found.high < 1:
        return Verdict.FEWER
    return Verdict.MORE if found.low > 1 else Verdict.CHANCE


def _reasons(study: Study, counts: FloatArray, *, compared: bool) -> tuple[str, ...]:
    """Return sentences on why the data cannot identify an effect, empty if they can."""
    seen = "hold a row of it" if study.in_hindsight else "were observed"
    before, during = counts[: study.weeks_before], counts[study.weeks_before :]
    seen_before, seen_during = (int((~np.isnan(each)).sum()) for each in (before, during))
    found = []
    if study.in_hindsight:
        found.append(
            f"The source {study.source} was compiled by hand by people who knew what came later: "
            "it shows what they wrote down, not what happened week by week."
        )
    if seen_before < FEWEST_BEFORE:
        found.append(
            f"Only {seen_before} of the {len(before)} weeks before the deployment {seen}; "
            f"at least {FEWEST_BEFORE} are needed."
        )
    if seen_during < FEWEST_DURING:
        found.append(
            f"Only {seen_during} of the {len(during)} weeks of the deployment {seen}; "
            f"at least {FEWEST_DURING} are needed."
        )
    if study.share_in is None:
        found.append(
            "Reports of the deployment's last weeks may still come, and nobody knows how many: "
            "what is missing would look like fewer events. Ask again when they are half a year old."
        )
    elif study.share_in < SETTLED:
        found.append(
            f"About {study.share_in:.0%} of the reports of the deployment's weeks are in: what is "
            "missing would look like fewer events. Ask again in a few weeks."
        )
    expected = float(np.nansum(before)) / max(seen_before, 1) * seen_during
    if expected < FEWEST_EXPECTED:
        found.append(
            f"Without any effect {expected:.1f} events of {study.outcome} would be expected in "
            f"those weeks; with fewer than {FEWEST_EXPECTED:.0f} no change could be told from none."
        )
    periods = max(len(before) - FIRST_PLACEBO, 0) // max(len(during), 1)
    if periods < FEWEST_PERIODS:
        found.append(
            f"The time before holds only {periods} periods of the deployment's length to try the "
            f"method on where nothing happened; at least {FEWEST_PERIODS} are needed."
        )
    if not compared and _has_risen(before):
        found.append(
            f"The deployment followed a rise in its last {RECENT} weeks: a mere return to the "
            "usual level would look like its effect, and no donors tell the two apart."
        )
    if not compared and (talks := _talks(study)):
        found.append(
            f"It coincides with {talks} events of dialogue, more than twice what was usual: their "
            "effect and that of the deployment cannot be told apart."
        )
    return tuple(found)


def _cautions(study: Study, usable_donors: int, *, compared: bool) -> tuple[str, ...]:
    if compared:
        dropped = len(study.donors) - usable_donors
        few = f"{dropped} donors had too few events or weeks and were left out."
        return (few,) if dropped else ()
    if not study.donors:
        return ("No donors were named: nothing shows what happened elsewhere in the same weeks.",)
    return (
        f"Only {usable_donors} of {len(study.donors)} donors can be used, fewer than "
        f"{FEWEST_DONORS}: no synthetic control was made.",
    )


def _has_risen(before: FloatArray) -> bool:
    """Return whether the sum of the last weeks is among the highest, and above the mean."""
    seen = np.nan_to_num(before)
    if len(seen) < 3 * RECENT:
        return False
    sums: npt.NDArray[np.float64] = np.convolve(seen, np.ones(RECENT), "valid")
    return bool((sums >= sums[-1]).mean() <= USUAL and sums[-1] > sums.mean())


def _talks(study: Study) -> int:
    """Return the dialogue events from four weeks before the start on, 0 if not unusually many."""
    since = max(study.weeks_before - 4, 1)
    usual, lately = study.talks[:since], study.talks[since:]
    rate = sum(usual) / len(usual)
    many = sum(lately) > 2 * rate * len(lately)
    surprising = float(poisson.sf(sum(lately) - 1, max(rate, 1e-3) * len(lately))) < USUAL
    return sum(lately) if many and surprising else 0
