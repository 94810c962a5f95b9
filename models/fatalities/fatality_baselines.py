"""Forecasts of monthly deaths that every model must beat: zero, last, the own past year.

As in the VIEWS prediction challenges (Hegre, Vesco & Colaresi 2022; Hegre et al. 2025), where no
entry had a lower CRPS than conflictology-12 over true future months. They learn nothing and
answer the same for every step.
"""

import numpy as np
from scipy.stats import poisson

from ewarn.frames.country_months import CountryMonths
from ewarn.frames.predictions import FloatArray
from models.fatalities.country_months import lags, mean_of
from models.numeric.crps import levels

DRAWS = 1_000


def zero(months: CountryMonths) -> FloatArray:
    """Peace everywhere: one atom at 0, float64 (countries, 1)."""
    return np.zeros((len(months.countries), 1))


def last_poisson(months: CountryMonths) -> FloatArray:
    """Poisson around the last observed month, as 1,000 quantiles; float64 (countries, 1000)."""
    last = lags(months.counts)[:, :1]
    return np.asarray(poisson.ppf(levels(DRAWS), np.nan_to_num(last)) + 0 * last)


def conflictology(months: CountryMonths, seed: int, window: int = 12) -> FloatArray:
    """1,000 draws with replacement from the unit's own last months, float64 (countries, 1000).

    A country's draws hang on `seed`, its name and the month alone, not on who else is asked for.
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
    """Half the last value, half the mean of twelve months, of log(1 + y); float64 (countries,).

    A point forecast on that scale: what a published forecast of log deaths has to beat.
    """
    past = np.log1p(lags(months.counts, 12))
    return np.asarray((past[:, 0] + mean_of(past)) / 2)
