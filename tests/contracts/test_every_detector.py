"""Tests that hold for every detector of counts."""

import numpy as np
import numpy.typing as npt
import pytest

from ewarn.errors import ModelError
from models.detectors.farrington import farrington
from models.research import changepoint, cusum
from models.research.detection import DETECTORS, Judge

WEEKS = 330
Counts = npt.NDArray[np.int64]
every_detector = pytest.mark.parametrize(
    "judge", [pytest.param(judge, id=name) for name, judge in DETECTORS.items()]
)


def counts(regions: int = 7, weeks: int = WEEKS, seed: int = 3) -> Counts:
    """Counts whose level grows from one region to the next, with a rise at the end."""
    random = np.random.default_rng(seed)
    level = np.geomspace(0.05, 40, regions)
    rise = np.where(np.arange(weeks)[:, None] > weeks - 12, 2.0, 1.0)
    return np.asarray(random.negative_binomial(2, 1 / (1 + level * rise / 2), (weeks, regions)))


def seen(table: Counts) -> npt.NDArray[np.bool_]:
    """Everything observed."""
    return np.ones(table.shape, dtype=np.bool_)


@every_detector
def test_it_judges_every_week_and_hears_a_flood(judge: Judge) -> None:
    table = counts()
    table[-1, 3] = 500
    score = judge(table, seen(table))
    assert score.shape == table.shape
    assert score[-1, 3] > np.nanmax(score[:-12, 3])


@every_detector
def test_what_comes_later_changes_nothing(judge: Judge) -> None:
    table = counts()
    before = judge(table[:300], seen(table[:300]))
    table[300:] = 9_999
    assert np.array_equal(judge(table, seen(table))[:300], before, equal_nan=True)


@every_detector
def test_the_order_of_regions_does_not_matter(judge: Judge) -> None:
    table = counts(regions=300)
    order = np.random.default_rng(5).permutation(300)
    shuffled = judge(table[:, order], seen(table))
    assert np.array_equal(shuffled, judge(table, seen(table))[:, order], equal_nan=True)


@every_detector
def test_one_region_is_judged_as_among_others(judge: Judge) -> None:
    table = counts()
    alone = judge(table[:, 4:5], seen(table[:, 4:5]))
    assert np.array_equal(alone[:, 0], judge(table, seen(table))[:, 4], equal_nan=True)


@every_detector
def test_it_answers_the_same_twice_and_leaves_its_input_alone(judge: Judge) -> None:
    table = counts()
    kept = table.copy()
    assert np.array_equal(judge(table, seen(table)), judge(table, seen(table)), equal_nan=True)
    assert np.array_equal(table, kept)


@every_detector
@pytest.mark.parametrize("weeks", [0, 1, 3, 9, 60])
@pytest.mark.parametrize("regions", [0, 1, 3])
def test_it_answers_a_short_past(judge: Judge, weeks: int, regions: int) -> None:
    table = counts(max(regions, 1), weeks)[:, :regions]
    assert judge(table, seen(table)).shape == (weeks, regions)


@every_detector
@pytest.mark.parametrize("value", [0, 1, 10**9, 2**31 - 1])
def test_a_flat_past_of_any_size_is_calm(judge: Judge, value: int) -> None:
    table = np.full((WEEKS, 2), value)
    score = judge(table, seen(table))
    assert not np.isinf(score).any()
    rising = table.copy()
    rising[-1] = 3 * value + 10
    after = judge(rising, seen(table))[-1]
    # Without any event R's fit of farrington does not end, so farrington gives no answer.
    silent = value == 0 and np.isnan(after).all() and np.isnan(score).all()
    assert silent or (after > np.nan_to_num(score[-1])).all()


@every_detector
def test_a_region_that_appears_mid_way_is_answered(judge: Judge) -> None:
    table, observed = counts(), seen(counts())
    observed[:200, 2] = False
    table[:200, 2] = 0
    other = judge(table, observed)
    assert not np.isinf(other).any()
    whole = judge(table, seen(table))
    apart = np.delete(np.arange(7), 2)
    assert np.array_equal(other[:, apart], whole[:, apart], equal_nan=True)


@every_detector
def test_what_stands_in_an_unobserved_week_is_not_read(judge: Judge) -> None:
    table, observed = counts(), seen(counts())
    observed[[40, 41, 200, 300], 5] = False
    before = judge(table, observed)
    table[[40, 41, 200, 300], 5] = 77_777
    assert np.array_equal(judge(table, observed), before, equal_nan=True)


@every_detector
def test_a_missing_stretch_is_not_a_stretch_of_zeros(judge: Judge) -> None:
    table, observed = counts(), seen(counts())
    table[-60:-12, 5] = 0
    zeros = judge(table, observed)[-12:, 5]
    observed[-60:-12, 5] = False
    assert not np.array_equal(judge(table, observed)[-12:, 5], zeros, equal_nan=True)


@every_detector
@pytest.mark.parametrize(
    ("wrong", "said"), [(np.nan, "NaN"), (np.inf, "whole"), (0.5, "whole"), (-1.0, "less than")]
)
def test_what_is_no_count_is_refused_by_name_and_place(
    judge: Judge, wrong: float, said: str
) -> None:
    table = counts().astype(np.float64)
    table[17, 2] = wrong
    with pytest.raises(ModelError, match=rf"^\w+ was given .* in week 17 of region 2: .*{said}"):
        judge(table, seen(counts()))


@every_detector
def test_another_shape_is_refused(judge: Judge) -> None:
    with pytest.raises(ModelError, match="takes numbers of"):
        judge(np.zeros(5), np.ones(5, dtype=np.bool_))
    with pytest.raises(ModelError, match="observed"):
        judge(counts(), np.ones((3, 3), dtype=np.bool_))


@pytest.mark.parametrize("regions", [1, 5])
def test_a_change_point_carried_week_by_week_is_the_same_to_the_bit(regions: int) -> None:
    table, observed = counts(regions, 180), np.ones((180, regions), dtype=np.bool_)
    observed[50:60] = False
    whole = changepoint.detect(table, observed=observed)
    state = changepoint.start(regions)
    for week in range(180):
        state = changepoint.advance(state, table[week], observed[week])
        assert np.array_equal(state.change(), whole[week], equal_nan=True)


@pytest.mark.parametrize("regions", [1, 5])
def test_sums_carried_week_by_week_are_the_same_to_the_bit(regions: int) -> None:
    table, observed = counts(regions, 180), np.ones((180, regions), dtype=np.bool_)
    observed[50:60] = False
    whole = cusum.detect(table, observed=observed)
    state = cusum.start(regions)
    for week in range(180):
        state = cusum.advance(state, table[week], observed[week])
        assert np.array_equal(state.cusum, whole.cusum[week])
        assert np.array_equal(state.ratio, whole.ratio[week])


def test_farrington_judges_a_week_the_same_whatever_is_asked_with_it() -> None:
    table = counts(regions=40)
    many = farrington.detect(table, weeks=range(300, 330))
    alone = farrington.detect(table[:, 7:8], weeks=[317])
    for name in ("expected", "dispersion", "upper", "p_value", "alarm"):
        one, all_ = getattr(alone, name), getattr(many, name)
        assert np.array_equal(one[0, 0], all_[17, 7], equal_nan=True)
