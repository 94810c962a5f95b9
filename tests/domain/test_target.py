import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.domain.target import LEVELS, Band, BandCuts, Target

CUTS = BandCuts(guarded=0.05, elevated=0.1, high=0.2, critical=0.4)


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.0, Band.LOW),
        (0.0499, Band.LOW),
        (0.05, Band.GUARDED),
        (0.1, Band.ELEVATED),
        (0.2, Band.HIGH),
        (0.4, Band.CRITICAL),
        (1.0, Band.CRITICAL),
        (None, Band.UNCALIBRATED),
    ],
)
def test_a_band_begins_at_its_cut(probability: float | None, band: Band) -> None:
    assert CUTS.band(probability) is band


def test_bands_are_ordered_and_uncalibrated_stands_outside() -> None:
    assert [band.rank for band in LEVELS] == [0, 1, 2, 3, 4]
    assert Band.UNCALIBRATED.rank == -1


@pytest.mark.parametrize(
    "cuts", [(0.1, 0.1, 0.2, 0.3), (0.2, 0.1, 0.3, 0.4), (0, 0.1, 0.2, 0.3), (0.1, 0.2, 0.3, 1)]
)
def test_cuts_that_do_not_ascend_are_refused(cuts: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="not ascending"):
        BandCuts(*cuts)


def test_only_escalation_counts_points() -> None:
    assert {target for target in Target if target.unit == "points"} == {Target.ESCALATION}


PROBABILITIES = st.floats(0, 1)
ASCENDING = st.lists(
    st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=4, max_size=4, unique=True
).map(sorted)


@given(ASCENDING, PROBABILITIES, PROBABILITIES)
def test_what_is_likelier_is_in_no_lower_band(cuts: list[float], one: float, other: float) -> None:
    found = BandCuts(*cuts)
    assert (found.band(max(one, other)).rank) >= found.band(min(one, other)).rank
