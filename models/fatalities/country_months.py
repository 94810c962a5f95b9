"""Counts by country and calendar month, and what a forecaster may read of them at an origin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.errors import InputError
from ewarn.frames.predictions import FloatArray

LAGS = 36
LEVEL_MONTHS = 12


@dataclass(frozen=True, slots=True)
class CountryMonths:
    """A count per month and country; the last month is the last one known.

    `counts` float64 (months, countries), NaN where a month was not observed (a country before its
    independence): missing is not zero. `names` are those of the months. Raises InputError, naming
    country and month, for a count that is negative or infinite.
    """

    countries: tuple[str, ...]
    names: tuple[str, ...]
    counts: FloatArray

    def __post_init__(self) -> None:
        if self.counts.shape != (len(self.names), len(self.countries)):
            raise InputError(
                f"counts have the shape {self.counts.shape}, but there are {len(self.names)} "
                f"months and {len(self.countries)} countries"
            )
        wrong = np.argwhere((self.counts < 0) | np.isinf(self.counts))
        for month, country in wrong[:1]:
            raise InputError(
                f"{self.countries[country]} in {self.names[month]}: "
                f"{self.counts[month, country]} is not a count; leave what is unknown empty"
            )

    def until(self, months: int) -> "CountryMonths":
        """The first `months` months: what was known at the end of the last of them."""
        return CountryMonths(self.countries, self.names[:months], self.counts[:months])

    def of(self, countries: Sequence[str]) -> "CountryMonths":
        """The same for some countries, in their order."""
        where = {country: index for index, country in enumerate(self.countries)}
        chosen = [where[country] for country in countries]
        return CountryMonths(tuple(countries), self.names, self.counts[:, chosen])


def lags(counts: FloatArray, number: int = LAGS) -> FloatArray:
    """The last `number` months of (months, countries), newest first; NaN before the first month.

    float64 (countries, number). A month that was not observed takes no part anywhere: later
    observed ones close ranks, so that column 0 is the last observed month.
    """
    recent = counts[-number:][::-1].T
    found = np.full((counts.shape[1], number), np.nan)
    found[:, : recent.shape[1]] = recent
    unseen: npt.NDArray[np.intp] = np.argsort(np.isnan(found), axis=1, kind="stable")
    return np.asarray(np.take_along_axis(found, unseen, axis=1))


def mean_of(values: FloatArray) -> FloatArray:
    """Mean over the last axis of what is not NaN; 0 where all is."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0.0).sum(axis=-1)
    return np.asarray(total / np.maximum(seen.sum(axis=-1), 1))


def level_of(past: FloatArray) -> FloatArray:
    """Mean count of the last twelve months, (countries,), of `lags`."""
    return mean_of(past[:, :LEVEL_MONTHS])
