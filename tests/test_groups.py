"""Test that tests of one group run in one process: what they share is built once."""

import pytest


@pytest.mark.xdist_group("together")
def test_the_group_of_a_test_is_known_to_the_scheduler(request: pytest.FixtureRequest) -> None:
    """In a worker of xdist, the scheduler reads the group from the end of the id."""
    if not hasattr(request.config, "workerinput"):
        pytest.skip("tests run in one process, so there are no groups")
    assert request.node.nodeid.endswith("@together")
