"""Tests of pages against requests that no page of ours makes: too much, too long, or guessed."""

from collections.abc import Callable

import httpx
import pytest

from api.app import create_app
from api.serving.rate_limits import FAILED_KEY, RateLimits
from ewarn.domain.key import READ_SCOPES
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.world import World

ACTS = READ_SCOPES | {"alerts:act", "subscriptions:write"}
SUBSCRIPTION = {"channel": "webhook", "address": "https://example.org/in", "countries": "TGO"}
TRIED = "/rules?region=TG-M&target=force&relative_risk=20"
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


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("most_a_day", "9" * 30),
        ("most_a_day", "9" * 5000),
        ("percent", "9e9999999"),
        ("percent", "1e400"),
        ("percent", "nan"),
    ],
)
def test_a_number_that_json_cannot_hold_is_refused_at_its_field(
    visitor: Visitor, field: str, value: str
) -> None:
    person = visitor(scopes=ACTS)
    page = person.post("/subscriptions", SUBSCRIPTION | {field: value})
    assert page.status_code == 422
    assert value in page.text
    assert person.get("/v1/subscriptions").json()["items"] == []


@pytest.mark.parametrize("value", ["9" * 30, "1e400", "nan", "-inf"])
@pytest.mark.parametrize("name", ["observed", "upper", "probability"])
def test_a_dry_run_refuses_what_is_no_number(visitor: Visitor, name: str, value: str) -> None:
    page = visitor().get(f"{TRIED}&{name}={value}")
    assert page.status_code == 200
    assert "is not a number" in words(page)


@pytest.mark.parametrize("delivery", ["no-such/", "no-such/replay", "../subscriptions"])
def test_an_id_with_a_slash_is_no_part_of_another_address(visitor: Visitor, delivery: str) -> None:
    person = visitor(scopes=ACTS)
    path = person.post("/subscriptions", SUBSCRIPTION).url.path
    assert person.get(f"{path}?delivery={delivery}").status_code == 200
    refused = person.post(f"{path}/replay", {"delivery": delivery})
    assert "There is nothing at" in words(refused)
    ended = person.post("/rules", {"act": "end-silence", "silence": delivery})
    assert ended.status_code == 404
    assert "There is nothing at" in words(ended)


@pytest.mark.parametrize("day", ["9999-12-31", "2020-02-30", "<script>"])
@pytest.mark.parametrize("path", ["/", "/alerts/a1", "/regions/TG-M", "/page-outlines.json"])
def test_a_day_that_cannot_be_shown_is_refused_on_a_page(
    visitor: Visitor, path: str, day: str
) -> None:
    page = visitor().get(f"{path}?as_of={day}")
    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")
    assert "is not a day" in words(page)
    assert "<script>'" not in page.text


def test_a_reason_that_reads_like_a_sentence_of_the_service_is_shown_as_it_was_written(
    visitor: Visitor,
) -> None:
    person = visitor(scopes=ACTS, language="fr")
    said = "we checked 3 events"
    page = person.post("/alerts/a1", {"act": "close", "reason": said})
    assert page.status_code == 200
    assert f"close à la main : {said}" in words(page)
