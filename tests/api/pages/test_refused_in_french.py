"""Tests that each form that is refused says why in the language of the page, and not in English."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from api.routes.pages.registry import PAGE_ROUTERS
from ewarn.domain.key import SCOPES
from ewarn.store.database.engine import Store
from tests.api.client import Client
from tests.api.pages.person import Person, words
from tests.api.pages.test_recommendation import NEW
from tests.api.pages.test_subscription_pages import PLAIN, code_sent, give_up
from tests.api.world import NOW, World

EVERYTHING = frozenset(SCOPES) - {"admin"}
_ERROR = re.compile(
    r'<(\w+)(?= )(?=[^>]*(?:role="alert"|class="wrong"))[^>]*>(.*?)</\1>', re.DOTALL
)
_TAG = re.compile(r"<[^>]+>")
# Words that English sentences have and French ones do not. Codes and names can be English.
_ENGLISH = re.compile(r"\b(the|is|are|was|must|should|there|there's|has|needs|cannot|with|which)\b")
DEPLOYMENT, PROPOSAL = "/response/deployments/d1", "/response/propose"
STATUS, ADDED = "/response/recommendations/r1", "/response/add"
STEP = {"step": "consent_requested", "reason": "why", "on": "2020-03-01"}
ANSWER = {"country": "TGO", "playbook": "deployment", "alert_id": "a1", "reason": "why"}
DONE = {"status": "done", "evidence": "A decree."}
CLOSE = {"act": "close", "reason": "why"}
SILENCE = {"act": "silence", "countries": "TGO", "lasts": "1", "reason": "x"}
Prepared = Callable[[World, Person], str]


@dataclass(frozen=True)
class Refused:
    """A form that is refused: where it is sent, with what, and what is done before."""

    path: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    before: Prepared | None = None
    method: str = "POST"

    def send(self, world: World, person: Person) -> httpx.Response:
        """Send it, and return the page that follows."""
        world.clock.now = NOW
        path = self.path.format(subscription=self.before(world, person) if self.before else "")
        if self.method == "GET":
            return person.get(path, {"Accept": "text/html"})
        return person.post(path, self.fields)


def closed(world: World, person: Person) -> str:
    person.post("/alerts/a1", CLOSE, page="/alerts/a1")
    return ""


def acknowledged(world: World, person: Person) -> str:
    person.post("/alerts/a1", {"act": "acknowledge"}, page="/alerts/a1")
    return ""


def given_up(world: World, person: Person) -> str:
    for step in ("consent_requested", "refused"):
        person.post(DEPLOYMENT, {"step": step, "reason": "why"}, page=DEPLOYMENT)
    return ""


def added(world: World, person: Person) -> str:
    person.post(ADDED, NEW, page=ADDED)
    return ""


def subscribed(world: World, person: Person) -> str:
    page = person.post("/subscriptions", PLAIN)
    return page.url.path


def confirmed(world: World, person: Person) -> str:
    path = subscribed(world, person)
    person.post(f"{path}/verify", {"code": code_sent(world, path)})
    return path


def expired(world: World, person: Person) -> str:
    path = subscribed(world, person)
    for _ in range(11):  # the person stays signed in
        world.clock.now += timedelta(hours=7)
        person.get("/subscriptions")
    return path


def rotated(world: World, person: Person) -> str:
    path = confirmed(world, person)
    person.post(f"{path}/rotate", {})
    return path


def alive(world: World, person: Person) -> str:
    path = confirmed(world, person)
    give_up(world, path)
    person.post(f"{path}/replay", {"delivery": "msg-dead"})
    return path


def asked_often(world: World, person: Person) -> str:
    path = subscribed(world, person)
    for _ in range(2):
        world.clock.now += timedelta(minutes=11)
        person.post(f"{path}/code", {})
    world.clock.now += timedelta(minutes=11)
    return path


REFUSED = {
    "acknowledge again": Refused("/alerts/a1", {"act": "acknowledge"}, acknowledged),
    "acknowledge a closed one": Refused("/alerts/a1", {"act": "acknowledge"}, closed),
    "close a closed one": Refused("/alerts/a1", CLOSE, closed),
    "close without a reason": Refused("/alerts/a1", CLOSE | {"reason": ""}),
    "close with a long reason": Refused("/alerts/a1", CLOSE | {"reason": "x" * 2001}),
    "close with a bad character": Refused("/alerts/a1", CLOSE | {"reason": "a\x07b"}),
    "assess as nothing": Refused("/alerts/a1", {"act": "assess", "finding": "x", "reason": "y"}),
    "assess without a word": Refused("/alerts/a1", {"act": "assess"}),
    "no act": Refused("/alerts/a1", {"act": "dance"}),
    "silence of nowhere": Refused("/alerts/a1", SILENCE | {"countries": "XXX"}),
    "silence elsewhere": Refused("/rules", SILENCE | {"regions": "GH-AA"}),
    "silence of no country": Refused("/rules", SILENCE | {"countries": "TG-M"}),
    "silence of no rule": Refused("/rules", SILENCE | {"rules": "nothing"}),
    "silence of no target": Refused("/rules", SILENCE | {"targets": "nothing"}),
    "silence without an end": Refused("/rules", SILENCE | {"lasts": "400"}),
    "silence into the past": Refused(
        "/rules", SILENCE | {"lasts": "day", "last_day": "2020-01-01"}
    ),
    "silence of years": Refused("/rules", SILENCE | {"lasts": "day", "last_day": "2024-01-01"}),
    "silence without a reason": Refused("/rules", SILENCE | {"reason": " "}),
    "end of no silence": Refused("/rules", {"act": "end-silence", "silence": "no-such"}),
    "dry run of nowhere": Refused("/rules?region=XXX&target=force", method="GET"),
    "dry run of no target": Refused("/rules?region=TGO&target=nothing", method="GET"),
    "dry run with much": Refused("/rules?region=TGO&target=force&probability=900", method="GET"),
    "dry run in the past": Refused("/rules?region=TGO&target=force&at=2019-01-01", method="GET"),
    "step too early": Refused(DEPLOYMENT, STEP | {"on": "2020-01-01"}),
    "step of long ago": Refused(DEPLOYMENT, STEP | {"on": "1800-01-01"}),
    "step in the future": Refused(DEPLOYMENT, STEP | {"on": "2020-03-09"}),
    "step on no day": Refused(DEPLOYMENT, STEP | {"on": "soon"}),
    "step without consent": Refused(DEPLOYMENT, STEP | {"step": "deployed"}),
    "step out of order": Refused(DEPLOYMENT, STEP | {"step": "ended"}),
    "step after a refusal": Refused(DEPLOYMENT, STEP | {"on": "2020-03-02"}, given_up),
    "review of nothing": Refused(DEPLOYMENT, STEP | {"step": "reviewed"}),
    "no step": Refused(DEPLOYMENT, STEP | {"step": "dance"}),
    "step without a reason": Refused(DEPLOYMENT, STEP | {"reason": ""}),
    "step of no deployment": Refused("/response/deployments/no-such", STEP),
    "proposal elsewhere": Refused(PROPOSAL, ANSWER | {"country": "GHA"}),
    "proposal by nobody": Refused(PROPOSAL, ANSWER | {"playbook": "watch"}),
    "proposal by no playbook": Refused(PROPOSAL, ANSWER | {"playbook": "no-such"}),
    "proposal without a playbook": Refused(PROPOSAL, ANSWER | {"playbook": ""}),
    "proposal to a region": Refused(PROPOSAL, ANSWER | {"country": "TG-M"}),
    "proposal to nowhere": Refused(PROPOSAL, ANSWER | {"country": "XXX"}),
    "proposal without a word": Refused(PROPOSAL, {}),
    "status without evidence": Refused(STATUS, DONE | {"evidence": ""}),
    "status of tomorrow": Refused(STATUS, DONE | {"on": "2020-03-09"}),
    "status reviewed before": Refused(STATUS, DONE | {"review_on": "2019-12-01"}),
    "status lost": Refused(STATUS, DONE | {"status": "lost"}),
    "status of nothing": Refused("/response/recommendations/no-such", DONE),
    "owner is a person": Refused(ADDED, NEW | {"owner": "Mme Example"}),
    "addressee is a person": Refused(ADDED, NEW | {"addressee": "M. Example"}),
    "reference is an address": Refused(ADDED, NEW | {"reference": "desk@example.org"}),
    "no owner": Refused(ADDED, NEW | {"owner": ""}),
    "given tomorrow": Refused(ADDED, NEW | {"given_on": "2020-04-01"}),
    "due before": Refused(ADDED, NEW | {"due_on": "2019-01-01"}),
    "given on no day": Refused(ADDED, NEW | {"given_on": "2019-13-01"}),
    "given to a region": Refused(ADDED, NEW | {"country": "TG-M"}),
    "by no body": Refused(ADDED, NEW | {"body": "nobody", "theme": "none"}),
    "two lines": Refused(ADDED, NEW | {"reference": "a\nb"}),
    "added already": Refused(ADDED, NEW, added),
    "subscription of no channel": Refused("/subscriptions", PLAIN | {"channel": "pigeon"}),
    "subscription without an address": Refused("/subscriptions", {"channel": "webhook"}),
    "subscription to no address": Refused("/subscriptions", PLAIN | {"address": "nowhere"}),
    "subscription to a private one": Refused(
        "/subscriptions", PLAIN | {"address": "https://10.0.0.1/in"}
    ),
    "subscription to a host inside": Refused(
        "/subscriptions", PLAIN | {"address": "https://host.local/in"}
    ),
    "subscription to a port": Refused(
        "/subscriptions", PLAIN | {"address": "https://example.org:25/in"}
    ),
    "subscription with a password": Refused(
        "/subscriptions", PLAIN | {"address": "https://a:b@example.org/in"}
    ),
    "subscription with a fragment": Refused(
        "/subscriptions", PLAIN | {"address": "https://example.org/in#x"}
    ),
    "subscription elsewhere": Refused("/subscriptions", PLAIN | {"regions": "GH-AA"}),
    "subscription of other countries": Refused(
        "/subscriptions", PLAIN | {"regions": "BJ-AL", "countries": "TGO"}
    ),
    "subscription of a region twice": Refused(
        "/subscriptions", PLAIN | {"regions": "TG-M\r\nTG-M"}
    ),
    "subscription with wrong numbers": Refused(
        "/subscriptions",
        PLAIN | {"percent": "much", "most_a_day": "0", "repeat_days": "900", "zone": "Mars/X"},
    ),
    "subscription with large numbers": Refused(
        "/subscriptions", PLAIN | {"percent": "100", "most_a_day": "5000", "digest": "yearly"}
    ),
    "subscription with no hours": Refused(
        "/subscriptions", PLAIN | {"quiet_begins": "22:00", "digest_at": "late"}
    ),
    "subscription with one hour": Refused(
        "/subscriptions", PLAIN | {"quiet_begins": "22:00", "quiet_ends": "22:00"}
    ),
    "subscription at no level": Refused(
        "/subscriptions", PLAIN | {"level": "top", "language": "xx", "targets": "nothing"}
    ),
    "wrong code": Refused("{subscription}/verify", {"code": "0000"}, subscribed),
    "no code": Refused("{subscription}/verify", {}, subscribed),
    "late code": Refused("{subscription}/verify", {"code": "0000"}, expired),
    "code at once": Refused("{subscription}/code", {}, subscribed),
    "a fourth code": Refused("{subscription}/code", {}, asked_often),
    "test too early": Refused("{subscription}/test", {}, subscribed),
    "rotate twice": Refused("{subscription}/rotate", {}, rotated),
    "end without a tick": Refused("{subscription}/end", {}, subscribed),
    "replay what is not dead": Refused("{subscription}/replay", {"delivery": "msg-dead"}, alive),
    "replay of nothing": Refused("{subscription}/replay", {"delivery": "no-such"}, subscribed),
    "rotate of nothing": Refused("/subscriptions/no-such/rotate"),
    "page of nowhere": Refused("/regions/XXX", method="GET"),
    "page that is not there": Refused("/no-such-page", method="GET"),
    "page of no day": Refused("/?as_of=soon", method="GET"),
    "page of the future": Refused("/alerts?as_of=2031-01-01", method="GET"),
    "page of no target": Refused("/?target=nothing", method="GET"),
    "page of no office": Refused("/?where=nowhere", method="GET"),
    "page of a wrong cursor": Refused("/alerts?state=closed&cursor=x", method="GET"),
}


@pytest.fixture
def worlds(filled_template: Path, tmp_path: Path) -> Iterator[tuple[World, World]]:
    """Return two copies of the invented world: what is sent changes them."""
    made = []
    for name in ("english", "french"):
        path = tmp_path / f"{name}.db"
        path.write_bytes(filled_template.read_bytes())
        made.append(World(Store(f"sqlite:///{path}")))
    yield made[0], made[1]
    for each in made:
        each.store.dispose()


def reader(world: World, language: str) -> Person:
    """Return a person who may do everything in Togo and Benin."""
    person = Person(create_app(world.state()), language)
    person.sign_in(world.key("TGO", "BEN", scopes=EVERYTHING))
    return person


def errors(page: httpx.Response) -> list[str]:
    """Return the texts of a page that say what is wrong."""
    found = [" ".join(_TAG.sub(" ", each[2]).split()) for each in _ERROR.finditer(page.text)]
    return [unescape(each) for each in found if each]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_said_in_french(worlds: tuple[World, World], name: str) -> None:
    english, french = (
        REFUSED[name].send(world, reader(world, language))
        for world, language in zip(worlds, ("en", "fr"), strict=True)
    )
    assert english.status_code == french.status_code != 403, "it never came to the API"
    said, told = errors(english), errors(french)
    assert said, "it is refused without a word"
    assert len(told) == len(said)
    for in_english, in_french in zip(said, told, strict=True):
        assert in_french != in_english
        assert not _ENGLISH.search(in_french), in_french
    assert [each for each in said if each in words(french)] == []


def test_every_form_is_among_them() -> None:
    forms = {
        route.path
        for router in PAGE_ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ())
    }
    sent = {each.path.replace("{subscription}", "/subscriptions/{id}") for each in REFUSED.values()}
    tried = {re.sub(r"/(a1|d1|r1|no-such)(?=/|$)", "/{id}", path) for path in sent}
    assert forms - tried == {"/sign-in", "/sign-out", "/acknowledge/{token}"}


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ewno.such", "Ama"),
        ("nothing", "Ama"),
        (None, " "),
        (None, "Ama (Geneva)"),
        (None, "A" * 200),
        (None, "a\nb"),
        (None, "desk@example.org"),
    ],
)
def test_a_sign_in_that_is_refused_says_why_in_french(
    world: World, key: str | None, name: str
) -> None:
    person = Person(create_app(world.state()), "fr")
    page = person.sign_in(key or world.key(), name)
    assert page.status_code == 422
    (said,) = errors(page)
    assert not _ENGLISH.search(said), said


def test_a_form_of_another_session_is_refused_in_french(world: World) -> None:
    page = reader(world, "fr").post("/rules", SILENCE, token="0" * 64)
    assert page.status_code == 403
    assert "La requête ne vient pas d’une page de cette session." in words(page)


def test_what_is_refused_stays_english_for_who_reads_english(world: World) -> None:
    page = REFUSED["step too early"].send(world, reader(world, "en"))
    assert "the step is of 2020-01-01, before the last one of 2020-02-24." in words(page)


def test_the_api_answers_in_english(world: World) -> None:
    client = Client(create_app(world.state()), {"X-API-Key": world.key()})
    answer = client.get("/v1/regions/XXX", {"Accept-Language": "fr"})
    assert answer.json()["detail"] == "There is no region 'XXX' for this key."
