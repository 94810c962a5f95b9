"""Nowcast: estimates of what the counts of recent weeks will be when all reports have arrived.

Reports arrive late, so at an origin only events with short delays are seen of the last weeks, and
a plain mean of delays is too short. The reverse-time hazard g(l) = P(lag = l | lag <= l) does not
have this bias (Lagakos, Barraj & De Gruttola 1988): it is the share of lag l among the events of
weeks that are old enough to show it. The shares of a kind in a country are shrunk to those of the
kind, and these to those of all (a beta-binomial, with a strength chosen by likelihood). The number
of events that are still to be reported is then gamma-Poisson.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaln
from scipy.stats import nbinom

from ewarn.domain.time import WEEK
from ewarn.frames.panel import Arrivals, Panel
from ewarn.frames.predictions import FloatArray
from models.numeric.intervals import LEVEL

LONGEST = 26  # longest delay in weeks: an event that is reported later is ignored
FEWEST = 50  # events with a known delay that are needed for an estimate
FEWEST_OLD = 20  # of them in weeks old enough for the longest delay: else delays look too short
STRENGTHS = np.array([2.0, 8.0, 32.0, 128.0, 512.0])
NO_DELAY = 10.0  # events without delay that are added to the totals of all countries and kinds


@dataclass(frozen=True, slots=True)
class Completed:
    """Estimated final counts of weeks, float64 (weeks, regions) each.

    Attributes:
        seen: Events reported by now.
        expected: Expected final count, never below `seen`.
        variance: Variance of the final count, 0 where all reports have arrived.
        completeness: Share of events reported by now, in (0, 1], NaN where delays are unknown.
    """

    seen: FloatArray
    expected: FloatArray
    variance: FloatArray
    completeness: FloatArray

    def interval(self, level: float = LEVEL) -> tuple[FloatArray, FloatArray]:
        """Return the central predictive interval of the final count.

        It is the seen count plus the interval of a negative binomial.
        """
        missing = np.maximum(self.expected - self.seen, 1e-9)
        extra = np.maximum(self.variance - missing, 1e-9 * missing)
        size = missing**2 / extra
        low, high = (
            nbinom.ppf(at, size, size / (size + missing))
            for at in ((1 - level) / 2, (1 + level) / 2)
        )
        return self.seen + low, self.seen + high


class Nowcast:
    """Model of reporting delays by country and kind.

    Fitting sets `completeness_` and its `variance_`, float64 (countries + 1, kinds + 1, ages). Age
    0 is the week that ended at the origin. The last country and the last kind are the totals.
    `known_` is False if there were too few delays, and then nothing is estimated.
    """

    def fit(self, delays: pd.DataFrame, origin: date) -> Self:
        """Fit on counts (columns country, kind, week, lag, count) as known at `origin`.

        Rows that were not known then, or whose week had not ended, are left out.
        """
        since = pd.Timestamp(origin - WEEK) - pd.to_datetime(delays["week"])
        rows = delays.assign(age=since.dt.days // 7)
        rows = rows[(rows["lag"] <= rows["age"]) & (rows["lag"] <= LONGEST)]
        self.countries_ = tuple(sorted(rows["country"].unique()))
        self.kinds_ = tuple(sorted(rows["kind"].unique()))
        old = rows["age"] >= LONGEST
        enough = rows["count"].sum() >= FEWEST and rows.loc[old, "count"].sum() >= FEWEST_OLD
        self.known_ = bool(enough)
        late, risk = _table(rows, self.countries_, self.kinds_)
        hazard, weight = _pooled(late, risk)
        self.completeness_ = _share_in(np.log1p(-np.minimum(hazard, 1 - 1e-6)))
        spread = hazard / np.maximum(1 - hazard, 1e-6) / weight
        self.variance_ = self.completeness_**2 * _sum_after(spread)
        return self

    def completeness(self, country: str, kind: str | None = None) -> FloatArray:
        """Return the share reported by now of weeks of age 0, 1, …, NaN if delays are unknown."""
        if not self.known_:
            return np.full(LONGEST + 1, np.nan)
        (where,), (what,) = self.positions([country]), self.kinds_at([kind])
        return np.asarray(self.completeness_[where, what])

    def complete(
        self, counts: npt.NDArray[np.int64], countries: Sequence[str], kind: str | None = None
    ) -> Completed:
        """Estimate the final counts of weeks from those seen at the origin that ends the last week.

        Where delays are unknown, nothing is added and completeness is NaN.

        Args:
            counts: Counts seen by now (weeks, regions).
            countries: The country of each region.
            kind: The kind of the events, or None for all.
        """
        seen = counts.astype(np.float64)
        if not self.known_:
            return Completed(seen, seen, np.zeros_like(seen), np.full_like(seen, np.nan))
        where, (what,) = self.positions(countries), self.kinds_at([kind])
        share = _by_week(self.completeness_[where, what], len(seen), 1.0)
        doubt = _by_week(self.variance_[where, what], len(seen), 0.0)
        shape, rate = _prior(seen, share)
        mean = (shape + seen) / (rate + share)
        missing = mean * (1 - share)
        variance = missing * (1 + (1 - share) / (rate + share)) + mean**2 * doubt
        return Completed(seen, seen + missing, variance, share)

    def positions(self, countries: Iterable[str]) -> list[int]:
        """Return the index of countries on the first axis, the last for unknown ones."""
        known = {country: index for index, country in enumerate(self.countries_)}
        return [known.get(country, len(known)) for country in countries]

    def kinds_at(self, kinds: Iterable[str | None]) -> list[int]:
        """Return the index of kinds on the second axis, the last for unknown ones or None."""
        known: dict[str | None, int] = {kind: index for index, kind in enumerate(self.kinds_)}
        return [known.get(kind, len(known)) for kind in kinds]


def arrivals_of(delays: pd.DataFrame, panel: Panel) -> Arrivals:
    """Return the share of recent events reported by the panel's origin, for all its regions.

    The result is empty if too few delays are known.
    """
    nowcast = Nowcast().fit(delays, panel.origin)
    if not nowcast.known_:
        return Arrivals()
    where = nowcast.positions(panel.parents.get(region, region) for region in panel.regions)
    kinds = nowcast.kinds_at(signal.split(":")[1] for signal in panel.signals)
    cells = np.ix_(where, kinds)
    return Arrivals(
        share=np.moveaxis(nowcast.completeness_[cells], 2, 0),
        variance=np.moveaxis(nowcast.variance_[cells], 2, 0),
        overall=nowcast.completeness_[where, -1].T,
    )


def seen_by_now(
    mean: FloatArray, dispersion: FloatArray, share: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean and dispersion of the part of a count that is reported by now.

    The final count has a variance of `dispersion` times its `mean`. Each event is reported or not
    independently of the others, and the law of total variance gives the rest.

    Args:
        share: Expected share that is reported by now.
        variance: Variance of this share.
    """
    doubt = variance / share
    return share * mean, 1 + (dispersion - 1) * (share + doubt) + mean * doubt


def _table(
    rows: pd.DataFrame, countries: Sequence[str], kinds: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Return the events of each lag, and those at risk of it.

    Those at risk have this lag or a shorter one, and are of weeks old enough to show it. Both are
    float64 (countries + 1, kinds + 1, lags), with the sums at the end of the first two axes.
    """
    shape = (len(countries) + 1, len(kinds) + 1, LONGEST + 1)
    country = pd.Index(list(countries), dtype="str").get_indexer(pd.Index(rows["country"]))
    kind = pd.Index(list(kinds), dtype="str").get_indexer(pd.Index(rows["kind"]))
    lag, number = rows["lag"].to_numpy(dtype=int), rows["count"].to_numpy(dtype=float)
    late, risk = np.zeros(shape), np.zeros(shape)
    np.add.at(late, (country, kind, lag), number)
    # A row is at risk at every lag from its own to the greatest that its week is old enough for.
    np.add.at(risk, (country, kind, lag), number)
    last = np.minimum(rows["age"].to_numpy(dtype=int), LONGEST)
    ends = last < LONGEST
    np.add.at(risk, (country[ends], kind[ends], last[ends] + 1), -number[ends])
    risk = np.cumsum(risk, axis=2)
    for held in (late, risk):
        held[-1] = held.sum(axis=0)
        held[:, -1] = held.sum(axis=1)
    return late, risk


def _pooled(late: FloatArray, risk: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return hazards, each shrunk to the one above it, and the number of events they are worth."""
    whole = late[-1, -1] / (risk[-1, -1] + NO_DELAY)
    by_kind, kind_worth = _lean(late[-1], risk[-1], np.broadcast_to(whole, late[-1].shape))
    hazard, worth = _lean(late, risk, np.broadcast_to(by_kind, late.shape))
    # The totals of all countries, and of all kinds and countries, keep their own values.
    hazard[-1], worth[-1] = by_kind, kind_worth
    hazard[-1, -1], worth[-1, -1] = whole, risk[-1, -1] + NO_DELAY
    return hazard, np.maximum(worth, 1.0)


def _lean(late: FloatArray, risk: FloatArray, parent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return hazards shrunk to their parents', with the strength of maximum likelihood."""
    # Lag 0 is certain, and the sums at the end of each axis are not separate data.
    cells = (*(slice(-1),) * (late.ndim - 1), slice(1, None))
    own, seen, rest = np.clip(parent[cells], 1e-6, 1 - 1e-6), late[cells], (risk - late)[cells]
    fits = [
        float(
            (
                betaln(strength * own + seen, strength * (1 - own) + rest)
                - betaln(strength * own, strength * (1 - own))
            ).sum()
        )
        for strength in STRENGTHS
    ]
    strength = float(STRENGTHS[int(np.argmax(fits))])
    return (late + strength * parent) / (risk + strength), risk + strength


def _share_in(logs: FloatArray) -> FloatArray:
    """Return exp of the sum over greater ages, which is the product of (1 - hazard)."""
    return np.asarray(np.exp(_sum_after(logs)))


def _sum_after(values: FloatArray) -> FloatArray:
    """Return Σ over greater ages, float64 of the same shape, 0 at the last age."""
    reversed_sums = np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([reversed_sums[..., 1:], np.zeros_like(values[..., :1])], axis=-1)


def _by_week(by_age: FloatArray, weeks: int, settled: float) -> FloatArray:
    """Turn (regions, ages) into (weeks, regions): the last week has age 0, old ones `settled`."""
    ages = np.arange(weeks)[::-1]
    found = np.full((weeks, len(by_age)), settled)
    young = ages <= LONGEST
    found[young] = by_age[:, ages[young]].T
    return found


def _prior(seen: FloatArray, share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return gamma shape and rate of each region's weekly rate, (regions,), by moments.

    Each week counts by the share of it that is reported. A region without events gets a low rate
    with little uncertainty.
    """
    exposure = share.sum(axis=0)
    mean = (seen.sum(axis=0) + 0.5) / (exposure + 1)
    away = ((seen - mean * share) ** 2 - mean * share).sum(axis=0)
    between = np.maximum(away, 0.0) / np.maximum((share**2).sum(axis=0), 1.0)
    rate = np.clip(mean / np.maximum(between, 1e-9), 0.05, 50.0)
    return mean * rate, rate
