from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.panel import Arrivals, Panel
from models.detectors.detector import Detector, limits_of
from models.detectors.discovery import adjusted
from models.detectors.farrington.farrington import detect
from models.detectors.past_year import prior_by_moments
from models.numeric.count_tails import mid_p

PanelOf = Callable[..., Panel]
GDELT = "gdelt"
CHRONICLE = "chronicle"


def test_a_busy_region_with_years_of_past_is_bounded_by_farrington(panel_of: PanelOf) -> None:
    force = np.random.default_rng(3).poisson(20, 300)
    limits = limits_of(panel_of(300, source=GDELT, force=force), ("TGO",), GDELT, Target.FORCE)
    judged = detect(force[-264:, None], weeks=[263])
    assert limits.expected.tolist() == judged.expected[0].tolist()
    assert limits.upper.tolist() == judged.upper[0].tolist()
    assert limits.observed.tolist() == [float(force[-1])]
    own = mid_p(limits.observed, judged.expected[0], judged.dispersion[0])
    assert limits.p_value.tolist() == own.tolist()


@pytest.mark.parametrize(("weeks", "years"), [(159, None), (160, 3), (211, 3), (260, 4), (264, 5)])
def test_farrington_looks_back_as_far_as_it_can(
    panel_of: PanelOf, weeks: int, years: int | None
) -> None:
    force = np.random.default_rng(4).poisson(20, weeks)
    found = limits_of(panel_of(weeks, source=GDELT, force=force), ("TGO",), GDELT, Target.FORCE)
    expected = [
        detect(force[:, None], weeks=[weeks - 1], years_back=back).expected[0, 0]
        for back in range(3, 6)
        if back * 52 + 4 <= weeks
    ]
    assert (found.expected[0] in expected) == (years is not None)
    assert years is None or found.expected[0] == expected[years - 3]


def test_a_region_watched_for_less_than_three_of_five_years_is_pooled(panel_of: PanelOf) -> None:
    force = np.random.default_rng(5).poisson(20, 264)
    panel = panel_of(264, source=GDELT, force=force)
    pooled = limits_of(panel.recent(100), ("TGO",), GDELT, Target.FORCE).expected
    panel.observed[:100] = False
    assert limits_of(panel, ("TGO",), GDELT, Target.FORCE).expected != pooled
    panel.observed[:110] = False
    assert limits_of(panel, ("TGO",), GDELT, Target.FORCE).expected == pooled


def test_a_restless_region_is_allowed_its_own_dispersion(panel_of: PanelOf) -> None:
    calm = [6, 7, 5, 6] * 15
    restless = [0, 0, 24, 0] * 15
    upper = [
        limits_of(panel_of(60, source=GDELT, force=force), ("TGO",), GDELT, Target.FORCE).upper[0]
        for force in (calm, restless)
    ]
    assert 12 < upper[0] < 18
    assert upper[1] > 30


def test_mid_p_values_of_quiet_and_busy_regions_fill_one_budget(panel_of: PanelOf) -> None:
    random = np.random.default_rng(6)
    names = tuple(f"R{i:03d}" for i in range(300))
    level = np.where(np.arange(300) < 150, 0.1, 15.0)
    force = random.poisson(level, (264, 300))
    panel = panel_of(264, source=GDELT, regions=names, force=force)
    p_value = limits_of(panel, names, GDELT, Target.FORCE).p_value
    assert 0.3 < p_value.mean() < 0.7
    assert adjusted(p_value).min() > 0.1
    force[-1, [3, 200]] = [4, 60]
    flood = panel_of(264, source=GDELT, regions=names, force=force)
    found = limits_of(flood, names, GDELT, Target.FORCE).false_discovery <= 0.1
    assert np.flatnonzero(found).tolist() == [3, 200]


def test_a_quiet_region_is_bounded_by_pooling_and_one_event_is_no_alarm(
    panel_of: PanelOf,
) -> None:
    force = np.zeros((60, 40), dtype=int)
    force[5:50:9, :10] = 1
    force[-1, 20] = 1
    regions = tuple(f"R{i:02d}" for i in range(40))
    panel = panel_of(60, source=GDELT, regions=regions, force=force)
    limits = limits_of(panel, regions, GDELT, Target.FORCE)
    assert 0 < limits.expected[20] < limits.expected[0] < 0.2
    assert limits.upper[20] >= 1
    force[-1, 20] = 4
    flood = panel_of(60, source=GDELT, regions=regions, force=force)
    assert limits_of(flood, regions, GDELT, Target.FORCE).upper[20] < 4


def test_weeks_that_were_not_observed_do_not_lower_the_rate(panel_of: PanelOf) -> None:
    force = [0] * 30 + [1] * 30
    whole = panel_of(60, source=GDELT, force=force)
    blind = panel_of(60, source=GDELT, force=force)
    blind.observed[:30] = False
    seen = limits_of(whole, ("TGO",), GDELT, Target.ESCALATION).expected
    assert limits_of(blind, ("TGO",), GDELT, Target.ESCALATION).expected > seen


@pytest.mark.parametrize("weeks", [60, 264])
@pytest.mark.parametrize("target", [Target.FORCE, Target.ESCALATION])
def test_without_pooling_another_region_changes_nothing_to_the_bit(
    panel_of: PanelOf, target: Target, weeks: int
) -> None:
    series = np.random.default_rng(7).poisson([30, 0.1, 8, 0, 20, 0.3, 5], (weeks, 7))
    regions = ("TGO", "BEN", "GHA", "MLI", "TG-M", "TG-K", "BJ-OU")
    parents = {"TG-M": "TGO", "TG-K": "TGO", "BJ-OU": "BEN"}

    def limits(kept: int, times: int, *, pooled: bool) -> list[float]:
        factor = np.where(np.arange(7) == kept, 1, times)
        kinds = {"lethal": series * factor, "arrest": series[::-1] * factor**2}
        panel = panel_of(weeks, source=CHRONICLE, regions=regions, parents=parents, **kinds)
        shares = np.linspace(0.3, 1.0, panel.counts[:27].size).reshape(panel.counts[:27].shape)
        late = Arrivals(shares, (1 - shares) / 100, shares[:, :, 0])
        panel = replace(panel, arrivals=late)
        found = limits_of(panel, regions, CHRONICLE, target, pooled=pooled)
        return [getattr(found, name)[kept] for name in ("expected", "upper", "observed", "p_value")]

    for kept in range(7):
        assert limits(kept, 9, pooled=False) == limits(kept, 1, pooled=False)
    leaning = [limits(kept, 9, pooled=True) != limits(kept, 1, pooled=True) for kept in range(7)]
    assert all(leaning) if weeks == 60 else any(leaning)


def test_a_region_alone_is_bounded_by_its_own_past_year(panel_of: PanelOf) -> None:
    force = np.zeros((60, 2), dtype=int)
    force[:, 1] = 2
    panel = panel_of(60, source=CHRONICLE, regions=("TGO", "BEN"), lethal=force)
    limits = limits_of(panel, ("TGO", "BEN"), CHRONICLE, Target.FORCE, pooled=False)
    assert limits.expected == pytest.approx([0.5 / 52, 104.5 / 52])
    assert limits.upper[0] == 1
    assert limits.upper[1] > 4


def test_a_region_alone_has_no_bound_before_it_was_watched_for_eight_weeks(
    panel_of: PanelOf,
) -> None:
    for weeks, known in ((10, False), (11, True)):
        panel = panel_of(weeks, source=CHRONICLE, lethal=[1] * weeks)
        limits = limits_of(panel, ("TGO",), CHRONICLE, Target.FORCE, pooled=False)
        assert limits.observed == [1]
        assert (~np.isnan([limits.expected, limits.upper, limits.p_value])).tolist() == [
            [known]
        ] * 3
        assert np.isnan(limits.false_discovery[0]) != known


def test_its_false_discovery_is_its_p_value_adjusted_over_its_regions(panel_of: PanelOf) -> None:
    force = np.random.default_rng(9).poisson(10, (264, 5))
    force[-1, 2] = 60
    names = ("BEN", "GHA", "MLI", "NER", "TGO")
    panel = panel_of(264, source=GDELT, regions=names, force=force)
    answer = Detector(Target.FORCE, Level.COUNTRY, source=GDELT).score(panel)
    assert answer.p_value is not None
    assert answer.false_discovery is not None
    assert answer.false_discovery == pytest.approx(false_discovery_control(answer.p_value))
    assert np.flatnonzero(answer.false_discovery <= 0.1).tolist() == [2]


def test_moments_of_equal_regions_pool_them_wholly() -> None:
    prior = prior_by_moments(np.full(50, 5.0), np.full(50, 50.0))
    assert prior.mean == pytest.approx(0.1)
    assert prior.region_shape == 50


def test_moments_of_unequal_regions_leave_them_apart() -> None:
    prior = prior_by_moments(np.array([0.0] * 45 + [50.0] * 5), np.full(50, 50.0))
    assert prior.region_shape < 0.2


def test_drivers_are_the_signals_of_the_series_by_weight(panel_of: PanelOf) -> None:
    panel = panel_of(20, source=GDELT, arrest=[1] * 20, force=[1] * 20, protest=[9] * 20)
    drivers = Detector(Target.ESCALATION, Level.COUNTRY, source=GDELT).drivers(panel, ["TGO"])
    assert [(driver.signal, driver.count) for driver in drivers["TGO"]] == [
        ("gdelt:force", 4),
        ("gdelt:arrest", 4),
    ]
    assert drivers["TGO"][0].contribution is None
    assert drivers["TGO"][0].first_week == panel.origin - timedelta(weeks=4)


def _late(panel: Panel, share: float, variance: float = 0.0) -> Panel:
    """The same panel, of whose last week such a share is in, and all of the weeks before."""
    shape = (2, len(panel.regions), len(panel.signals))
    shares, variances = np.ones(shape), np.zeros(shape)
    shares[0], variances[0] = share, variance
    return replace(panel, arrivals=Arrivals(shares, variances, shares[:, :, 0]))


@pytest.mark.parametrize("weeks", [60, 264], ids=["pooled", "farrington"])
def test_a_week_that_is_half_in_is_judged_by_what_should_be_in(
    panel_of: PanelOf, weeks: int
) -> None:
    random = np.random.default_rng(10)
    names = tuple(f"R{i:03d}" for i in range(400))
    force = random.negative_binomial(8, 0.5, (weeks, 400))
    force[-1] = random.binomial(force[-1], 0.5)
    panel = panel_of(weeks, source=GDELT, regions=names, force=force)
    plain, half, unsure = (
        limits_of(each, names, GDELT, Target.FORCE)
        for each in (panel, _late(panel, 0.5), _late(panel, 0.5, 0.02))
    )
    assert half.expected == pytest.approx(plain.expected / 2)
    assert (half.upper < plain.upper).all()
    assert (unsure.upper >= half.upper).all()
    assert (unsure.upper > half.upper).any()
    assert half.observed.tolist() == plain.observed.tolist()
    assert plain.p_value.mean() > 0.75
    assert 0.45 < half.p_value.mean() < 0.55


def test_an_upsurge_shows_before_all_of_it_is_in(panel_of: PanelOf) -> None:
    force = np.random.default_rng(11).poisson(12, (264, 1))
    force[-1] = 15
    panel = panel_of(264, source=GDELT, force=force)
    assert limits_of(panel, ("TGO",), GDELT, Target.FORCE).p_value > 0.1
    assert limits_of(_late(panel, 0.4), ("TGO",), GDELT, Target.FORCE).p_value < 0.005


def test_a_week_was_watched_by_the_share_of_it_that_is_in(panel_of: PanelOf) -> None:
    force = np.repeat([4, 1], [14, 6])[:, None]
    panel = panel_of(20, source=GDELT, force=force)
    shares = np.repeat([0.25, 1.0], [6, 14])[:, None, None] * np.ones((1, 1, len(panel.signals)))
    late = replace(panel, arrivals=Arrivals(shares, np.zeros_like(shares), shares[:, :, 0]))
    found = limits_of(late, ("TGO",), GDELT, Target.FORCE)
    # All weeks have four events. Of each of the last six, only one event is reported yet.
    assert found.expected == pytest.approx(1, abs=0.02)
    assert limits_of(panel, ("TGO",), GDELT, Target.FORCE).expected < 3.8


def test_a_share_of_escalation_is_that_of_its_points(panel_of: PanelOf) -> None:
    series = {"arrest": [4] * 60, "force": [0] * 60}
    panel = panel_of(60, source=GDELT, **series)
    share = np.ones((1, 1, len(panel.signals)))
    share[:, :, panel.signal_index[f"{GDELT}:arrest"]] = 0.25
    late = replace(panel, arrivals=Arrivals(share, np.zeros_like(share), np.ones((1, 1))))
    for target, expected in ((Target.ESCALATION, 0.25), (Target.FORCE, 1.0)):
        limits = [limits_of(each, ("TGO",), GDELT, target).expected for each in (late, panel)]
        assert limits[0] == pytest.approx(expected * limits[1], rel=1e-6)
