"""Counts by country and calendar month, and forecasts of the months that follow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ewarn.errors import InputError
from ewarn.frames.predictions import FloatArray


@dataclass(frozen=True, slots=True)
class CountryMonths:
    """A count per month and country, up to the last known month.

    `counts` is float64 (months, countries), NaN where a month was not observed (such as before the
    country's independence): missing is not zero. `names` are the names of the months.

    Raises:
        InputError: If the shape is wrong, or a count is negative or infinite; the message names
            the country and the month.
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
        """Return the first `months` months: what was known at the end of the last of them."""
        return CountryMonths(self.countries, self.names[:months], self.counts[:months])

    def of(self, countries: Sequence[str]) -> "CountryMonths":
        """Return the same months for some countries, in the order of `countries`."""
        where = {country: index for index, country in enumerate(self.countries)}
        chosen = [where[country] for country in countries]
        return CountryMonths(tuple(countries), self.names, self.counts[:, chosen])


@dataclass(frozen=True, slots=True)
class MonthlyForecast:
    """A model's forecast for the months after the last known one.

    `quantiles` (steps, countries, number) are ascending counts of equal probability mass. `point`
    (steps, countries) is the expected log(1 + count). `low` and `high` (steps, countries) bound 90%
    of the outcomes; they are None if the model does not calibrate them, and `high` may be infinite.
    All are NaN for a country that was never observed.
    """

    countries: tuple[str, ...]
    quantiles: FloatArray
    point: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None
