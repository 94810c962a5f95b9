"""Tests of late reports: simulated delays, and what was known of them at an origin."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from ewarn.frames.delays import DELAY_COLUMNS, no_delays
from ewarn.frames.panel import Panel
from models.nowcast.nowcast import LONGEST, Nowcast, arrivals_of, seen_by_now

WEEKS, COUNTRIES, IN_EACH = 104, 12, 5
FIRST = date(2015, 1, 5)
ORIGIN = FIRST + timedelta(weeks=WEEKS)


class Reports(NamedTuple):
    """`events` (weeks, regions, lags) and the chance of each lag by country."""

    events: npt.NDArray[np.int64]
    chances: npt.NDArray[np.float64]
    countries: tuple[str, ...]

    def delays(self, *, future: bool = False) -> pd.DataFrame:
        """Their delays: those known at the origin, or all."""
        rows = [
            (self.countries[region], "force", FIRST + timedelta(weeks=week), lag, int(number))
            for (week, region, lag), number in np.ndenumerate(self.events)
            if number and (future or lag <= WEEKS - 1 - week)
        ]
        return pd.DataFrame.from_records(rows, columns=list(DELAY_COLUMNS))

    @property
    def seen(self) -> npt.NDArray[np.int64]:
        """Counts at the origin, (weeks, regions)."""
        ages = np.arange(WEEKS)[::-1]
        shown = np.arange(self.events.shape[2])[None, :] <= ages[:, None]
        return np.asarray((self.events * shown[:, None, :]).sum(axis=2))


def _reports(seed: int, *, growth: float = 0.0) -> Reports:
    """Restrictive countries report slower; `growth` a week makes plain mean delays too short."""
    random = np.random.default_rng(seed)
    regions = COUNTRIES * IN_EACH
    stay = np.repeat(random.uniform(0.3, 0.7, COUNTRIES), IN_EACH)
    chances = (1 - stay[:, None]) * stay[:, None] ** np.arange(12)
    chances /= chances.sum(axis=1, keepdims=True)
    rates = random.gamma(1.0, 4.0, regions) * np.exp(growth * (np.arange(WEEKS) - WEEKS))[:, None]
    totals = random.poisson(rates)
    events = random.multinomial(totals, chances[None])
    names = tuple(f"C{region // IN_EACH:02}" for region in range(regions))
    return Reports(events, chances, names)


def test_the_interval_holds_the_final_count_and_the_expectation_has_no_bias() -> None:
    inside, away, final = [], [], []
    for seed in range(8):
        reports = _reports(seed)
        found = (
            Nowcast()
            .fit(reports.delays(), ORIGIN)
            .complete(reports.seen, reports.countries, "force")
        )
        low, high = found.interval()
        totals = reports.events.sum(axis=2)
        recent = slice(-6, None)
        inside.append(((low <= totals) & (totals <= high))[recent])
        away.append((found.expected - totals)[recent].sum())
        final.append(totals[recent].sum())
    share = np.mean(inside)
    assert share >= 0.9 - 2 * np.sqrt(0.09 / np.size(inside))
    assert share < 0.99  # an interval of everything would hold as well
    assert abs(sum(away)) / sum(final) < 0.02


def test_right_truncation_is_no_speed() -> None:
    """Of a growing series most events are young, and only the quick ones of those are seen."""
    reports = _reports(1, growth=0.12)
    nowcast = Nowcast().fit(reports.delays(), ORIGIN)
    rows = reports.delays()
    plain = rows.loc[rows["lag"] == 0, "count"].sum() / rows["count"].sum()
    weight = reports.events.sum(axis=(0, 2))
    true = float(np.average(reports.chances[:, 0], weights=weight))
    assert plain > true + 0.03
    assert nowcast.completeness("*")[0] == pytest.approx(true, abs=0.04)


def test_countries_keep_their_own_pace_and_new_ones_get_that_of_all() -> None:
    reports = _reports(2)
    nowcast = Nowcast().fit(reports.delays(), ORIGIN)
    learned = [nowcast.completeness(f"C{each:02}", "force")[0] for each in range(COUNTRIES)]
    assert np.corrcoef(learned, reports.chances[::IN_EACH, 0])[0, 1] > 0.95
    new = nowcast.completeness("NEW", "strike")[0]
    assert min(learned) < new < max(learned)
    assert nowcast.completeness("NEW")[LONGEST] == 1
    assert (np.diff(nowcast.completeness("C01", "force")) >= 0).all()


def test_what_comes_later_changes_nothing_to_the_bit() -> None:
    reports = _reports(3)
    known, later = (
        Nowcast().fit(reports.delays(future=future), ORIGIN) for future in (False, True)
    )
    assert np.array_equal(known.completeness_, later.completeness_)
    assert np.array_equal(known.variance_, later.variance_)


def test_the_order_of_rows_changes_nothing() -> None:
    rows = _reports(4).delays()
    turned = rows.sample(frac=1, random_state=1)
    one, other = (Nowcast().fit(each, ORIGIN) for each in (rows, turned))
    assert np.array_equal(one.completeness_, other.completeness_)


def test_without_delays_nothing_is_claimed() -> None:
    nowcast = Nowcast().fit(no_delays(), ORIGIN)
    found = nowcast.complete(np.array([[3], [1]]), ["TGO"])
    assert found.expected.tolist() == [[3], [1]]
    assert found.variance.tolist() == [[0], [0]]
    assert np.isnan(found.completeness).all()
    assert arrivals_of(no_delays(), _panel(("TGO",), {})).ages == 0


@pytest.mark.parametrize(("weeks", "known"), [(4, False), (26, False), (40, True)])
def test_a_source_too_young_to_show_long_delays_claims_nothing(weeks: int, known: bool) -> None:
    rows = _reports(9).delays()
    young = rows[rows["week"] >= ORIGIN - timedelta(weeks=weeks)]
    assert young["count"].sum() > 500
    assert arrivals_of(young, _panel(("C00",), {})).ages == (LONGEST + 1 if known else 0)


def test_a_week_all_of_which_is_in_is_left_as_it_is() -> None:
    reports = _reports(5)
    found = (
        Nowcast().fit(reports.delays(), ORIGIN).complete(reports.seen, reports.countries, "force")
    )
    assert np.array_equal(found.expected[: -LONGEST - 1], reports.seen[: -LONGEST - 1])
    assert (found.variance[: -LONGEST - 1] == 0).all()
    assert (found.expected >= reports.seen).all()
    assert (found.variance[-1] > 0).all()


def test_huge_counts_are_answered() -> None:
    reports = _reports(6)
    counts = np.full_like(reports.seen, 10**9)
    found = Nowcast().fit(reports.delays(), ORIGIN).complete(counts, reports.countries, "force")
    assert np.isfinite(found.expected).all()
    assert np.isfinite(found.variance).all()


def test_a_panel_carries_the_share_of_its_countries_and_kinds() -> None:
    reports = _reports(7)
    rows = reports.delays()
    panel = _panel(("C01-A", "C00", "XXX"), {"C01-A": "C01"})
    found = arrivals_of(rows, panel)
    nowcast = Nowcast().fit(rows, ORIGIN)
    for column, country in enumerate(("C01", "C00", "XXX")):
        shares = [nowcast.completeness(country, kind) for kind in ("force", "force", "protest")]
        assert found.share[:, column].T.tolist() == [share.tolist() for share in shares]
        assert found.overall[:, column].tolist() == nowcast.completeness(country).tolist()
    assert (found.variance[0] > 0).all()
    assert (found.variance[-1] == 0).all()


def _panel(regions: tuple[str, ...], parents: dict[str, str]) -> Panel:
    signals = ("wire:force", "wire:force:lethal", "wire:protest")
    shape = (1, len(regions), len(signals))
    counts, observed = np.zeros(shape, dtype=np.int32), np.ones(shape, dtype=np.bool_)
    return Panel(ORIGIN - timedelta(weeks=1), regions, signals, parents, counts, observed)


@pytest.mark.parametrize(("dispersion", "spread"), [(1.0, 0.0), (4.0, 0.0), (3.0, 0.15)])
def test_what_is_seen_by_now_has_the_mean_and_variance_of_thinned_counts(
    dispersion: float, spread: float
) -> None:
    random = np.random.default_rng(8)
    draws, mean, share = 400_000, 12.0, 0.6
    excess = max(dispersion - 1, 1e-9)
    final = random.poisson(random.gamma(mean / excess, excess, draws))
    shares = share + spread * random.choice([-1, 1], draws)
    seen = random.binomial(final, shares)
    one = np.array([mean]), np.array([dispersion]), np.array([share]), np.array([spread**2])
    (expected,), (spread_out,) = seen_by_now(*one)
    assert seen.mean() == pytest.approx(expected, rel=0.01)
    assert seen.var() == pytest.approx(spread_out * expected, rel=0.02)
