from datetime import date, timedelta
from typing import Any

import joblib
import numpy as np
import pytest

from ewarn.errors import ModelError
from models.detectors.farrington.farrington import Detection, detect
from models.detectors.farrington.reference_weeks import anniversaries, layout

NUMBERS = ("expected", "dispersion", "upper", "p_value", "alarm")
COUNTS = np.random.default_rng(1).negative_binomial(3, 0.2, (320, 600))


def same(one: Detection, other: Detection) -> bool:
    """Equal to the bit, NaN included."""
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in NUMBERS
    )


def test_threads_change_nothing() -> None:
    alone = detect(COUNTS, weeks=range(290, 320))
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert same(detect(COUNTS, weeks=range(290, 320)), alone)


def test_what_is_silenced_can_be_spared_and_the_rest_stays() -> None:
    counts = np.minimum(COUNTS, 2)
    whole = detect(counts, weeks=[310, 319])
    spared = detect(counts, weeks=[310, 319], silenced_too=False)
    heard = ~np.isnan(whole.upper)
    assert 0 < heard.sum() < heard.size
    assert np.isnan(spared.expected[~heard]).all()
    for name in NUMBERS:
        assert np.array_equal(getattr(spared, name)[heard], getattr(whole, name)[heard])


def test_fewer_than_five_events_in_four_weeks_silence_it() -> None:
    counts = np.random.default_rng(2).poisson(0.2, (300, 2))
    counts[-4:] = [[1, 1], [1, 1], [1, 1], [1, 2]]
    found = detect(counts, weeks=[299], alpha=0.4)
    assert np.isnan(found.upper[0, 0])
    assert not found.alarm[0, 0]
    assert not np.isnan(found.p_value[0, 0])
    assert found.alarm[0, 1]


def test_the_recent_half_year_is_no_reference() -> None:
    counts = COUNTS[:, :5].copy()
    before = detect(counts, weeks=[310])
    counts[310 - 26 : 310] *= 50
    after = detect(counts, weeks=[310])
    assert after.expected.tolist() == before.expected.tolist()
    counts[310 - 27] *= 50
    assert detect(counts, weeks=[310]).expected.tolist() != before.expected.tolist()


def test_a_past_too_short_is_answered_by_nan() -> None:
    found = detect(COUNTS[:, :2], weeks=[262, 263])
    assert np.isnan(found.expected[0]).all()
    assert not np.isnan(found.expected[1]).any()


def test_anniversaries_by_date_are_the_nearest_same_weekday() -> None:
    days = [date(2010, 1, 4) + timedelta(weeks=week) for week in range(520)]
    assert anniversaries(400, 3) == (52, 104, 156)
    assert anniversaries(days.index(date(2017, 1, 2)), 3, days) == (52, 104, 157)
    leap = days.index(date(2016, 2, 29))
    assert [days[leap - lag] for lag in anniversaries(leap, 2, days)] == [
        date(2015, 3, 2),
        date(2014, 3, 3),
    ]


def test_season_groups_cover_the_years_and_the_own_one_is_the_window() -> None:
    plan = layout((52, 104, 156), 3, 10, 26)
    own = np.sort(plan.lag[plan.group == plan.now])
    assert own.tolist() == [*range(49, 56), *range(101, 108), *range(153, 160)]
    assert sorted(plan.lag) == list(range(27, 160))
    values = np.random.default_rng(3).random((len(plan.lag), 4))
    sums = [values[plan.group == group].sum(axis=0) for group in range(10)]
    assert plan.sums(values) == pytest.approx(np.array(sums))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weeks": [320]}, "outside the 320 rows"),
        ({"weeks": [-1]}, "outside the 320 rows"),
        ({"threshold": "delta"}, "nb_plugin"),
        ({"alpha": 0.0}, "alpha between"),
        ({"half_window": 24}, "smaller half_window"),
        ({"population": np.zeros((320, 600))}, "positive population"),
        ({"dates": [date(2020, 1, 6)] * 320}, "consecutive weeks"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(wrong: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"weeks": [310], **wrong}
    with pytest.raises(ModelError, match=said):
        detect(COUNTS, **given)
