"""Make the invented world of the API available to the contract of routes."""

import pytest

from ewarn.domain.key import SCOPES
from tests.api.client import Client
from tests.api.fixtures import Asker, asker, filled_template, world
from tests.api.subscribed import subscribe
from tests.api.world import LICENCE, World

__all__ = ["asker", "client", "filled_template", "world"]


@pytest.fixture
def client(asker: Asker, world: World) -> Client:
    """Return a client whose key may do all but administrate, with the licence of an office."""
    made = asker(scopes=frozenset(SCOPES) - {"admin"}, licences=(LICENCE,))
    subscribe(world, made.headers["X-API-Key"].partition(".")[0])
    return made
