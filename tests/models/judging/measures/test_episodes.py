import numpy as np
import pytest

from models.judging.measures.episodes import Episodes, tally, thresholds_of

WEEKS = 120


def truth(*lethal: int, first: int = 30) -> Episodes:
    """Episodes of one region, lethal in these weeks of the test."""
    weeks = np.zeros((first + WEEKS, 1), dtype=bool)
    weeks[[first + week for week in lethal]] = True
    return Episodes.of(weeks, first)


def scores(*above: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Scores of one region: high at these origins, else low."""
    found = np.zeros((WEEKS, 1))
    found[list(above)] = 0.9
    return found


def counted(above: tuple[int, ...], lethal: tuple[int, ...]) -> tuple[int, int, list[int]]:
    """Alerts, false alarms and leads in weeks."""
    found = tally(scores(*above), [0.5], truth(*lethal))
    leads = np.repeat(np.arange(found.leads.shape[2]), found.leads[0, 0])
    return int(found.alerts[0, 0]), int(found.false[0, 0]), leads.tolist()


def test_an_episode_begins_after_26_clear_weeks_and_is_over_after_8() -> None:
    found = truth(0, 5, 20, 47)
    assert np.flatnonzero(found.onset).tolist() == [0, 47]
    # Week 20 is within half a year, so it still belongs to the first episode.
    assert np.flatnonzero(found.ongoing[:, 0]).tolist() == [
        *range(1, 14),
        *range(21, 29),
        *range(48, 56),
    ]


def test_what_came_before_the_test_may_deny_an_onset() -> None:
    weeks = np.zeros((60, 1), dtype=bool)
    weeks[[20, 40]] = True
    assert not Episodes.of(weeks, 30).onset.any()
    assert not Episodes.of(weeks[:26] | True, 0).onset.any()  # nobody knows whether it was clear


@pytest.mark.parametrize(
    ("above", "lethal", "expected"),
    [
        ((10,), (), (1, 1, [])),  # nothing followed
        ((10,), (11,), (1, 0, [1])),  # a week ahead
        ((10,), (17,), (1, 0, [7])),  # still open seven weeks later
        ((10,), (18,), (1, 1, [])),  # closed after eight weeks below
        (tuple(range(10, 23)), (22,), (1, 0, [12])),  # open the whole quarter
        (tuple(range(10, 24)), (23,), (2, 1, [])),  # over at 13 weeks; the next came too late
        ((10,), (10,), (1, 0, [])),  # the very week: neither way
        ((10, 20), (21,), (2, 1, [1])),  # the first is false, the second hits
        ((13,), (10,), (1, 0, [])),  # opened during an episode: neither way
        ((10, 40), (11, 30), (2, 1, [1])),  # force came back in week 30: no onset, no hit
        ((26,), (11, 30), (1, 0, [])),  # and an alert under which it came back is not false
        ((115,), (), (1, 0, [])),  # the data end before the alert does
    ],
)
def test_what_an_alert_counts(
    above: tuple[int, ...], lethal: tuple[int, ...], expected: tuple[int, int, list[int]]
) -> None:
    assert counted(above, lethal) == expected


def test_thresholds_and_regions_are_followed_apart() -> None:
    random = np.random.default_rng(1)
    score = random.random((WEEKS, 5))
    score[3, 2] = np.nan
    lethal = random.random((WEEKS + 30, 5)) < 0.02
    levels = [0.5, 0.9, 0.97]
    together = tally(score, levels, Episodes.of(lethal, 30))
    for place, level in enumerate(levels):
        for region in range(5):
            one = slice(region, region + 1)
            alone = tally(score[:, one], [level], Episodes.of(lethal[:, one], 30))
            assert alone.false[0, 0] == together.false[place, region]
            assert alone.alerts[0, 0] == together.alerts[place, region]
            assert np.array_equal(alone.leads[0, 0], together.leads[place, region])
    assert together.hits.sum() > 0


def test_a_threshold_that_everything_reaches_foresees_all_at_four_alarms_a_year() -> None:
    weeks = np.zeros((30 + 104, 1), dtype=bool)
    weeks[30 + 60] = True
    found = tally(np.ones((104, 1)), [0.5], Episodes.of(weeks, 30))
    assert found.hits.sum() == 1
    # Of eight quarters one had the onset, one began in its episode, and one was not over.
    assert found.false.sum() == 5


def test_thresholds_are_scores_and_reach_the_highest() -> None:
    score = np.random.default_rng(2).random((50, 4))
    score[:3] = np.nan
    found = thresholds_of(score)
    assert (np.diff(found) > 0).all()
    assert found[-1] > np.nanquantile(score, 0.99)
    assert len(thresholds_of(np.full((3, 2), np.nan))) == 0
