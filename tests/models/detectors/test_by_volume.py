"""Tests of weeks compared with the volume of their country. All counts are invented."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from ewarn.domain.baseline import BASELINE_WEEKS, LEAST_WEEKS
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from models.detectors import by_volume
from models.detectors.by_volume import LEAST_MEASURED, YEAR
from models.detectors.detector import Limits, limits_of
from models.detectors.discovery import adjusted

PanelOf = Callable[..., Panel]
GDELT = "gdelt"
WEEKS = 104
COUNTRIES = tuple(f"C{number:02d}" for number in range(40))
Floats = npt.NDArray[np.float64]


def noise(random: np.random.Generator, spread: float, columns: int = 40) -> Floats:
    return np.asarray(np.exp(random.normal(0, spread, (WEEKS, columns))))


def told(panel_of: PanelOf, force: npt.ArrayLike, volume: npt.ArrayLike, **others: object) -> Panel:
    panel = panel_of(len(np.asarray(force)), source=GDELT, force=force, **others)
    records = np.asarray(volume, dtype=np.int32)
    return replace(panel, volume=np.broadcast_to(records, panel.counts.shape[:2]))


def world(panel_of: PanelOf, *, seed: int = 1, spread: float = 0.3) -> Panel:
    """Countries of 5 to 25 events a week, of which 500 records are told."""
    random = np.random.default_rng(seed)
    force = random.poisson(np.linspace(5, 25, 40) * noise(random, spread))
    return told(panel_of, force, np.full((WEEKS, 40), 500), regions=COUNTRIES)


def limits(panel: Panel) -> Limits:
    return limits_of(panel, panel.regions, GDELT, Target.FORCE)


def with_last_week(panel: Panel, region: int, events: float, records: float) -> Panel:
    """The panel with so many times the events and records of a region in its last week."""
    counts, volume = panel.counts.copy(), panel.volume.copy()
    counts[-1, region] = counts[-9:-1, region].mean(axis=0) * events
    volume[-1, region] = volume[-1, region] * records
    return replace(panel, counts=counts, volume=volume)


def test_a_burst_of_the_media_is_no_alarm_and_a_rise_without_one_is(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    assert limits(with_last_week(panel, 30, 3, 1)).false_discovery[30] < 0.05
    burst = limits(with_last_week(panel, 30, 3, 3))
    assert burst.false_discovery[30] > 0.5
    assert burst.expected[30] == pytest.approx(3 * limits(panel).expected[30], rel=0.15)


def test_quiet_media_hide_no_rise(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    as_usual, muffled = with_last_week(panel, 30, 1.2, 1), with_last_week(panel, 30, 1.2, 0.3)
    assert limits(as_usual).p_value[30] > 0.1
    assert limits(muffled).p_value[30] < 0.01


def test_the_records_of_the_events_themselves_are_no_measure_of_them(panel_of: PanelOf) -> None:
    random = np.random.default_rng(2)
    force = random.poisson(25 * noise(random, 0.2))
    force[-1, 30] = 75
    panel = told(panel_of, force, 50 + force, regions=COUNTRIES)
    assert limits(panel).expected[30] == pytest.approx(25, rel=0.2)


def test_nothing_after_the_judged_week_changes_it(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    before = limits(panel.until(panel.origin - 3 * WEEK))
    counts, volume = panel.counts.copy(), panel.volume.copy()
    counts[-3:], volume[-3:] = 99, 7
    after = limits(replace(panel, counts=counts, volume=volume).until(panel.origin - 3 * WEEK))
    assert before.p_value.tolist() == after.p_value.tolist()
    assert before.false_discovery.tolist() == after.false_discovery.tolist()


def test_the_order_of_regions_changes_nothing_to_the_bit(panel_of: PanelOf) -> None:
    panel = world(panel_of, spread=0.5)
    mixed = tuple(np.random.default_rng(3).permutation(panel.regions).tolist())
    straight, shuffled = limits(panel), limits(panel.select(mixed))
    back = [mixed.index(region) for region in panel.regions]
    for name in ("expected", "upper", "p_value", "false_discovery"):
        assert getattr(straight, name).tolist() == getattr(shuffled, name)[back].tolist()


def test_until_half_a_year_of_volume_is_known_a_bound_stands_and_no_claim(
    panel_of: PanelOf,
) -> None:
    panel = world(panel_of)
    volume = panel.volume.copy()
    volume[: -(LEAST_MEASURED - 1)] = 0
    found = limits(replace(panel, volume=volume))
    without = limits(replace(panel, volume=np.zeros((0, 0), np.int32)))
    assert found.upper.tolist() == without.upper.tolist()
    assert np.isnan(found.false_discovery).all()
    volume[-LEAST_MEASURED] = 500
    assert not np.isnan(limits(replace(panel, volume=volume)).false_discovery).all()


def test_weeks_that_nobody_observed_do_not_count_though_something_was_told_of_them(
    panel_of: PanelOf,
) -> None:
    panel = world(panel_of)
    panel.observed[: -(LEAST_MEASURED - 1)] = False
    assert np.isnan(limits(panel).false_discovery).all()
    panel.observed[-LEAST_MEASURED] = True
    assert not np.isnan(limits(panel).false_discovery).all()


def test_where_volume_is_counted_and_none_is_known_nothing_is_claimed(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    found = limits(replace(panel, volume=np.zeros_like(panel.volume)))
    assert np.isnan(found.false_discovery).all()
    assert not np.isnan(found.upper).all()


def test_a_source_without_a_volume_is_judged_as_before(panel_of: PanelOf) -> None:
    panel = replace(world(panel_of), volume=np.zeros((0, 0), np.int32))
    assert not np.isnan(limits(panel).false_discovery).all()


def test_what_is_said_of_a_new_installation_is_what_the_detector_does() -> None:
    assert (BASELINE_WEEKS, LEAST_WEEKS) == (YEAR, LEAST_MEASURED)


def test_a_source_that_may_not_be_learned_from_is_not_judged_by_volume(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    unknown = replace(panel, volume=np.zeros((0, 0), np.int32))
    alone = [
        limits_of(each, each.regions, GDELT, Target.FORCE, pooled=False).p_value.tolist()
        for each in (panel, unknown)
    ]
    assert alone[0] == alone[1]


def test_p_values_are_honest_where_tails_are_heavy(panel_of: PanelOf) -> None:
    """A week in twenty of each region is told three times over."""
    random = np.random.default_rng(5)
    rate = 15 * noise(random, 0.2) * np.where(random.random((WEEKS, 40)) < 0.05, 3, 1)
    panel = told(panel_of, random.poisson(rate), np.full((WEEKS, 40), 500), regions=COUNTRIES)
    weeks = [panel.until(panel.origin - back * WEEK) for back in range(40)]
    found = np.array([limits(each).p_value for each in weeks])
    raw = np.array([_unheld(each) for each in weeks])
    assert (raw < 0.005).mean() > 0.015
    assert (found < 0.005).mean() < 0.008
    assert (found >= raw - 1e-12).all()


def _unheld(panel: Panel) -> Floats:
    """P-values as they are before they are held against the past."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_volume, "_tail", lambda _: (by_volume.TAIL, 1.0))
        return limits(panel).p_value


def test_a_subdivision_leans_on_the_rest_of_its_country(panel_of: PanelOf) -> None:
    random = np.random.default_rng(6)
    parts = random.poisson(20, (WEEKS, 4))
    parts[-1] = [20, 80, 80, 80]
    regions, parents = (
        ("TGO", "TG-M", "TG-K", "TG-P", "TG-S"),
        dict.fromkeys(("TG-M", "TG-K", "TG-P", "TG-S"), "TGO"),
    )
    force = np.column_stack([parts.sum(axis=1), parts])
    panel = told(panel_of, force, np.full((WEEKS, 5), 20_000), regions=regions, parents=parents)
    found = limits_of(panel, regions[1:], GDELT, Target.FORCE).expected
    assert found[0] == pytest.approx(20 * (250 / 70) ** 0.5, rel=0.1)
    calm = panel.until(panel.origin - WEEK)
    assert limits_of(calm, regions[1:], GDELT, Target.FORCE).expected == pytest.approx(20, rel=0.3)


def test_a_week_that_was_not_observed_is_not_judged_and_lowers_no_rate(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    panel.observed[30:70, 3] = False
    counts = panel.counts.copy()
    counts[30:70, 3] = 0
    blind = replace(panel, counts=counts)
    assert limits(blind).expected[3] == pytest.approx(limits(world(panel_of)).expected[3], rel=0.3)
    panel.observed[-1, 3] = False
    found = limits(panel)
    assert np.isnan([found.observed[3], found.p_value[3], found.false_discovery[3]]).all()
    assert not np.isnan(found.p_value[4])


def test_a_country_of_few_records_is_measured_by_the_whole_source(panel_of: PanelOf) -> None:
    panel = world(panel_of)
    volume = panel.volume.copy()
    volume[:, 7] = 30 + panel.counts[:, 7].sum(axis=1)
    volume[-1, 7] = panel.counts[-1, 7].sum()
    assert limits(replace(panel, volume=volume)).expected[7] > 0.5 * limits(panel).expected[7]


def test_where_little_is_told_only_a_flood_alarms(panel_of: PanelOf) -> None:
    random = np.random.default_rng(7)
    rate = np.where(np.arange(40) < 20, 0.05, 20.0)
    force = random.poisson(np.broadcast_to(rate, (WEEKS, 40)))
    for region, events in ((3, 2), (4, 12), (30, 60)):
        force[-1, region] = events
    panel = told(panel_of, force, np.full((WEEKS, 40), 500), regions=COUNTRIES)
    found = limits(panel)
    assert found.weight is not None
    assert found.weight[0] < 0.002 < 0.7 < found.weight[25]
    alarms = np.flatnonzero(found.false_discovery <= 0.1)
    assert alarms.tolist() == [4, 30]
    assert adjusted(found.p_value)[3] < found.false_discovery[3]
