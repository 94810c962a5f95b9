"""A real server on loopback that serves the invented world, behind a line that can break."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import stamina

from api.app import create_app
from ewarn.domain.key import READ_SCOPES
from tests.api.fixtures import filled_template, world
from tests.api.world import World
from tests.client.asking import Asking, AsyncAsking
from tests.faults import FaultProxy, between
from tests.serving import served

__all__ = ["filled_template", "line", "world"]

ATTEMPTS = 3


@dataclass
class Line:
    """A line to a service: the proxy in the middle, a key, and both clients."""

    world: World
    proxy: FaultProxy
    key: str
    cache: Path
    kind: type[Asking]

    def client(self, **options: Any) -> Asking:
        """Return a client that keeps its answers in the folder of this test."""
        return self.kind(self.proxy.url, self.key, **{"cache": self.cache, **options})


@pytest.fixture(params=[Asking, AsyncAsking], ids=["sync", "async"])
def line(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Iterator[Line]:
    """Provide a line to the invented world. Clients do not wait between their tries."""
    key = world.key(scopes=READ_SCOPES)
    with (
        served(create_app(world.state())) as url,
        between(url) as proxy,
        stamina.set_testing(True, attempts=ATTEMPTS),
    ):
        yield Line(world, proxy, key, tmp_path / "answers", request.param)
