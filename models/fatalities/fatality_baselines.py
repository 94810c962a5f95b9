"""Simple forecasts of monthly deaths that a model must beat: zero, last month, own past year.

They are those of the VIEWS prediction challenges (Hegre, Vesco & Colaresi 2022; Hegre et al. 2025),
where no entry had a lower CRPS than conflictology-12 over true future months. They are not fitted
and give the same forecast for every step.
"""

import numpy as np
from scipy.stats import poisson

from ewarn.frames.country_months import CountryMonths
from ewarn.frames.predictions import FloatArray
from models.fatalities.country_months import lags, mean_of
from models.numeric.crps import levels

DRAWS = 1_000


def zero(months: CountryMonths) -> FloatArray:
    """Return zero deaths for every country: one atom at 0, float64 (countries, 1)."""
    return np.zeros((len(months.countries), 1))


def last_poisson(months: CountryMonths) -> FloatArray:
    """Return 1,000 quantiles of a Poisson with the last observed month's mean (countries, 1000)."""
    last = lags(months.counts)[:, :1]
    return np.asarray(poisson.ppf(levels(DRAWS), np.nan_to_num(last)) + 0 * last)


def conflictology(months: CountryMonths, seed: int, window: int = 12) -> FloatArray:
    """Return 1,000 draws with replacement from each country's last months (countries, 1000).

    A country's draws depend only on `seed`, its name and the month, not on the other countries.
    """
    past = lags(months.counts[-window:], window)
    made = [
        np.random.default_rng([seed, len(months.names), *country.encode()]).choice(
            own[~np.isnan(own)] if (~np.isnan(own)).any() else own, DRAWS
        )
        for country, own in zip(months.countries, past, strict=True)
    ]
    return np.asarray(made).reshape(len(made), DRAWS)


def half_last(months: CountryMonths) -> FloatArray:
    """Return the average of last value and twelve-month mean, both of log(1 + y), (countries,).

    It is a point forecast on that scale, which a published forecast of log deaths should beat.
    """
    past = np.log1p(lags(months.counts, 12))
    return np.asarray((past[:, 0] + mean_of(past)) / 2)
