"""Tests of pages against requests that no page of ours makes: too much, too long, or guessed."""

from collections.abc import Callable

import httpx
import pytest

from api.app import create_app
from api.serving.rate_limits import FAILED_KEY, RateLimits
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person
from tests.api.world import World

WRONG = "ew0123456789ab.wrong"
LIMIT = 600


def test_a_country_that_is_named_a_hundred_times_is_drawn_once(visitor: Visitor) -> None:
    person = visitor()
    once = person.get("/page-outlines.json?country=TGO")
    often = person.get("/page-outlines.json?country=" + ",".join(["TGO"] * 100))
    assert len(once.json()["countries"]) == 1
    assert often.content == once.content


@pytest.mark.parametrize(
    "guess",
    [
        lambda person: person.get("/", {"X-API-Key": WRONG}),
        lambda person: person.post("/sign-in", {"person": "Ama", "key": WRONG}, token="0" * 64),
        lambda person: person.sign_in(WRONG),
    ],
    ids=["in a header", "in a form of another site", "in the form"],
)
def test_a_wrong_key_costs_as_much_on_a_page_as_on_the_api(
    world: World, guess: Callable[[Person], httpx.Response]
) -> None:
    limits = RateLimits(0, LIMIT, lambda: 0.0)
    person = Person(create_app(world.state(limits=limits)))
    page = guess(person)
    assert page.url.path == "/sign-in"
    left = person.get("/problems").headers["ratelimit"].partition("r=")[2].partition(";")[0]
    is_tried = page.status_code != 403  # who sends no token of a page cannot even try a key
    assert (LIMIT - int(left) > FAILED_KEY) == is_tried
