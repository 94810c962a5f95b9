import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from models.numeric.count_tails import mid_p, tail, upper_bound

MEANS = np.array([1e-12, 0.01, 0.4, 3.0, 27.5, 900.0, 1e6, 1e9])


@pytest.mark.parametrize("alpha", [0.005, 0.05, 0.5, 0.999])
@pytest.mark.parametrize("spread", [1.0, 1.3, 9.0, 4e3])
def test_bounds_are_quantiles(alpha: float, spread: float) -> None:
    found = upper_bound(MEANS, np.full(8, spread), alpha)
    if spread == 1:
        above, at = poisson.sf(found, MEANS), poisson.sf(found - 1, MEANS)
    else:
        size = MEANS / (spread - 1)
        above, at = (nbinom.sf(k, size, 1 / spread) for k in (found, found - 1))
    assert (above <= alpha * (1 + 1e-9)).all()
    assert ((at > alpha * (1 - 1e-9)) | (found == 0)).all()


def test_a_tail_holds_its_own_count_and_a_mid_p_half_of_it() -> None:
    counts, mean, spread = np.array([0.0, 1, 5, 40]), np.full(4, 4.0), np.full(4, 2.5)
    size = 4 / 1.5
    assert tail(counts, mean, spread) == pytest.approx(nbinom.sf(counts - 1, size, 0.4))
    half = nbinom.sf(counts, size, 0.4) + nbinom.pmf(counts, size, 0.4) / 2
    assert mid_p(counts, mean, spread) == pytest.approx(half)


def test_the_unknown_stays_unknown() -> None:
    nothing = np.array([np.nan, 1.0, np.inf])
    assert np.isnan(upper_bound(nothing, np.array([2.0, np.nan, 2.0]), 0.05)).all()
    assert np.isnan(tail(np.ones(2), nothing[:2], np.array([2.0, np.nan]))).all()
