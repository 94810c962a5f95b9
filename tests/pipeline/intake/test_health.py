"""Tests of which weeks a source observed, by how many of its slots were read."""

from collections import Counter
from datetime import date, timedelta

import pytest

from ewarn.domain.time import WEEK
from ewarn.pipeline.intake.health import slots_of_a_day

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
WEEK_OF = date(2020, 3, 2)


def days(numbers: dict[int, int], usual: int) -> Counter[date]:
    """Return the slots of 28 days: `usual` each, but `numbers` by days before the end."""
    end = WEEK_OF + WEEK
    return Counter({end - n * DAY: numbers.get(n, usual) for n in range(1, 29)})


@pytest.mark.parametrize(
    ("numbers", "usual", "expected"),
    [
        ({}, 96, 96),
        ({}, 1, 1),  # one file each day
        ({5: 0, 9: 0}, 1, 1),  # one file each day, but two are missing
        ({5: 0, 9: 0, 14: 2}, 1, 96),  # three days differ from the others, so there is no pace
        ({n: 40 + n for n in range(1, 29)}, 0, 96),  # some files are missing each day
        ({}, 0, 96),  # nothing at all
        (dict.fromkeys(range(8, 29), 0), 1, 96),  # a first week is too short for a pace
        ({}, 200, 96),  # more files than it declares
    ],
)
def test_a_pace_is_what_nearly_every_day_of_four_weeks_had(
    numbers: dict[int, int], usual: int, expected: int
) -> None:
    assert slots_of_a_day(days(numbers, usual), WEEK_OF, QUARTER) == expected
