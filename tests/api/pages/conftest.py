"""Fixtures of the tests of pages."""

from collections.abc import Callable
from typing import Any

import pytest

from api.app import create_app
from tests.api.pages.person import Person
from tests.api.world import World

Visitor = Callable[..., Person]


@pytest.fixture
def visitor(world: World) -> Visitor:
    """Return a maker of people who signed in with a key for some countries (none: all)."""

    def make(*countries: str, name: str = "Ama", language: str = "en", **others: Any) -> Person:
        person = Person(create_app(world.state()), language)
        person.sign_in(world.key(*countries, **others), name)
        return person

    return make
