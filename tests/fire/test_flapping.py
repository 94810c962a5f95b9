"""Tests of many notifications to receivers that fail now and then.

The test with ten thousand is `python -m benchmarks.run flapping`.
"""

import pytest

from benchmarks.flapping import flap


@pytest.mark.parametrize("workers", [2])
def test_receivers_that_flap_lose_nothing_and_are_told_nothing_else(
    database_url: str, forks: None, workers: int
) -> None:
    found = flap(database_url, 300, workers)
    assert (found.lost, found.unexpected, found.doubled_without_cause, found.given_up) == (0,) * 4
    assert found.posts > found.messages == 300
    assert found.doubled > 0  # a message that was accepted and then reset comes twice
