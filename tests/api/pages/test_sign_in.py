"""Tests of sessions: who is signed in, for how long, and what a foreign page cannot do."""

from datetime import timedelta

import httpx
import pytest

from api.app import create_app
from api.serving.browser_sessions import COOKIE
from ewarn.domain.key import IDLE_FOR, LONGEST, READ_SCOPES
from ewarn.store.access import keys
from tests.api.client import Client
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.world import NOW, World

MINUTE = timedelta(minutes=1)


def test_without_a_session_a_page_asks_to_sign_in(world: World) -> None:
    person = Person(create_app(world.state()))
    page = person.get("/regions/TGO?target=force")
    assert page.url.path == "/sign-in"
    assert 'name="next" value="/regions/TGO?target=force"' in page.text


def test_after_signing_in_the_page_that_was_asked_for_is_shown(world: World) -> None:
    person = Person(create_app(world.state()))
    fields = {"person": "Ama", "key": world.key(), "next": "/?where=TGO"}
    page = person.post("/sign-in", fields, page="/sign-in")
    assert (page.url.path, page.url.query) == ("/", b"where=TGO")
    assert "Ama" in page.text


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org/", "/\\example.org"])
def test_it_never_leads_to_another_site(world: World, elsewhere: str) -> None:
    person = Person(create_app(world.state()))
    fields = {"person": "Ama", "key": world.key(), "next": elsewhere}
    page = person.post("/sign-in", fields, page="/sign-in")
    assert str(page.url) == "http://ewarn.test/"


def test_a_wrong_key_and_an_empty_name_are_refused_in_words(world: World) -> None:
    person = Person(create_app(world.state()))
    wrong = person.sign_in("ewno.such")
    assert wrong.status_code == 422
    assert "unknown, expired or revoked" in words(wrong)
    unnamed = person.sign_in(world.key(), "  ")
    assert "the name is empty" in words(unnamed)
    assert COOKIE not in person.cookies


def test_nobody_adds_the_name_of_another_key_to_their_own(world: World) -> None:
    person = Person(create_app(world.state()))
    refused = person.sign_in(world.key(), "Ama (Geneva)")
    assert refused.status_code == 422
    assert "the name must hold no brackets" in words(refused)
    assert 'value="Ama (Geneva)"' in refused.text
    assert COOKIE not in person.cookies


def test_the_cookie_cannot_be_read_by_scripts_and_is_in_no_table(world: World) -> None:
    person = Person(create_app(world.state()))
    fields = {"person": "Ama", "key": world.key(), "next": "/sign-in"}
    answer = person.post("/sign-in", fields, page="/sign-in").history[0]
    set_ = answer.headers["set-cookie"]
    assert all(part in set_ for part in ("HttpOnly", "SameSite=lax"))
    assert "Secure" not in set_  # the own machine has no HTTPS
    token = person.cookies[COOKIE]
    with world.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM page_session").all()
    assert len(rows) == 1
    assert token not in repr(rows)


def test_over_https_the_cookie_is_secure(world: World) -> None:
    person = Person(create_app(world.state(base_url="https://ewarn.example.org")))
    fields = {"person": "Ama", "key": world.key(), "next": "/sign-in"}
    answer = person.post("/sign-in", fields, page="/sign-in").history[0]
    set_ = answer.headers["set-cookie"]
    assert set_.startswith(f"__Host-{COOKIE}=")  # no neighbouring host can set it
    assert "Secure" in set_
    assert "Path=/" in set_
    assert "domain" not in set_.lower()


def test_over_https_the_cookie_that_another_host_can_set_signs_nobody_in(world: World) -> None:
    secure = create_app(world.state(base_url="https://ewarn.example.org"))
    person = Person(create_app(world.state()))
    person.sign_in(world.key())
    token = person.cookies[COOKIE]
    for name, path in ((COOKIE, "/sign-in"), (f"__Host-{COOKIE}", "/")):
        assert Person(secure).get("/", {"Cookie": f"{name}={token}"}).url.path == path


@pytest.mark.parametrize("address", ["https://ewarn.example.org", "ewarn.example.org", ""])
def test_a_page_without_an_origin_signs_nobody_in(world: World, address: str) -> None:
    person = Person(create_app(world.state(base_url=address)))
    fields = {"person": "Ama", "key": world.key(), "next": "/sign-in"}
    page = person.post("/sign-in", fields, page="/sign-in", headers={"Origin": "null"})
    assert page.status_code == 403


def test_a_session_ends_after_hours_without_use_and_lives_on_with_use(
    world: World, visitor: Visitor
) -> None:
    person = visitor()
    for _ in range(3):
        world.clock.now += IDLE_FOR - MINUTE
        assert person.get("/").url.path == "/"
    world.clock.now += IDLE_FOR
    page = person.get("/")
    assert page.url.path == "/sign-in"
    assert "Your session has ended" in words(page)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_that_a_session_ended_is_said_also_over_https(world: World, scheme: str) -> None:
    app = create_app(world.state(base_url=f"{scheme}://ewarn.example.org"))
    name = {"http": COOKIE, "https": f"__Host-{COOKIE}"}[scheme]
    page = Person(app).get("/", {"Cookie": f"{name}=an-old-token"})
    assert "Your session has ended" in words(page)


def test_a_form_that_comes_after_the_session_is_said_to_be_lost(
    world: World, visitor: Visitor
) -> None:
    person = visitor(scopes=READ_SCOPES | {"alerts:act"})
    world.clock.now += IDLE_FOR
    page = person.post("/alerts/a1", {"act": "acknowledge"}, token="0" * 64)
    assert page.url.path == "/sign-in"
    assert "what you just sent was not recorded" in words(page)
    assert "session" not in words(Person(create_app(world.state())).get("/"))


def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(
    world: World, visitor: Visitor
) -> None:
    person = visitor()
    world.clock.now += IDLE_FOR - MINUTE
    assert person.get("/?part=fresh").url.path == "/"
    world.clock.now += MINUTE
    assert person.get("/").url.path == "/sign-in"


def test_no_session_lives_longer_than_a_week(world: World, visitor: Visitor) -> None:
    person = visitor()
    while world.clock.now < NOW + LONGEST - IDLE_FOR:
        world.clock.now += IDLE_FOR / 2
        assert person.get("/").url.path == "/"
    world.clock.now = NOW + LONGEST
    assert person.get("/").url.path == "/sign-in"


def test_a_session_ends_with_its_key(world: World, visitor: Visitor) -> None:
    person = visitor()
    assert person.get("/").url.path == "/"
    with world.store.write() as connection:
        for key in keys.every(connection):
            keys.revoke(connection, key.prefix, NOW)
    assert person.get("/").url.path == "/sign-in"


def test_signing_out_ends_the_session_everywhere(world: World, visitor: Visitor) -> None:
    person = visitor()
    stolen = Person(person.app, cookies=person.cookies)
    assert stolen.get("/").url.path == "/"
    page = person.post("/sign-out", {})
    assert page.url.path == "/sign-in"
    assert page.history[0].headers["clear-site-data"] == '"cache"'
    assert stolen.get("/").url.path == "/sign-in"


def test_signing_in_again_ends_the_session_before(world: World, visitor: Visitor) -> None:
    person = visitor(name="Ama")
    before = Person(person.app, cookies=httpx.Cookies(person.cookies))
    assert before.get("/").url.path == "/"
    person.sign_in(world.key(), "Kofi")
    assert "Kofi" in person.get("/").text
    assert before.get("/").url.path == "/sign-in"


def test_a_form_of_another_site_is_refused(visitor: Visitor) -> None:
    person = visitor()
    for sent in (
        {"token": "0" * 64},
        {"headers": {"Origin": "https://example.org"}},
    ):
        page = person.post("/sign-out", {}, **sent)
        assert page.status_code == 403
        assert "does not come from a page of this session" in words(page)
    assert person.get("/").url.path == "/"


def test_an_act_needs_a_token_and_is_signed_with_the_name(world: World, visitor: Visitor) -> None:
    person = visitor(scopes=READ_SCOPES | {"alerts:act"})
    (alert,) = person.get("/v1/alerts?state=open&limit=1").json()["items"]
    path = f"/v1/alerts/{alert['id']}/acknowledge"
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    refused = person.post(path, {}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems#form-refused"
    token = person.get("/").text.partition('data-form="')[2][:64]
    sent = {"X-Ewarn-Form": token, "Cookie": f"{COOKIE}={person.cookies[COOKIE]}"}
    done = Client(person.app, sent).post(path, {"reason": "an invented reason"})
    assert done.status_code == 200, done.text
    last = done.json()["timeline"][-1]
    assert (last["kind"], last["actor"]) == ("acknowledged", "Ama (a test)")


def test_in_a_demonstration_a_visitor_needs_no_key(world: World) -> None:
    key = world.key()
    person = Person(create_app(world.state(is_replay=True, page_key=key)))
    page = person.get("/?where=TGO")
    assert (page.status_code, page.url.query) == (200, b"where=TGO")
    assert "Visitor" in page.text
    live = Person(create_app(world.state(page_key=key)))
    assert live.get("/").url.path == "/sign-in"


def test_the_language_is_kept_once_chosen(visitor: Visitor) -> None:
    person = visitor()
    assert 'lang="en"' in person.get("/").text
    assert '<html lang="fr">' in person.get("/?lang=fr").text
    assert '<html lang="fr">' in person.get("/").text
