"""Tests of the pages of subscriptions: what is created, what arrives, and who may do it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.app import create_app
from ewarn.domain.delivery import Message
from ewarn.domain.key import READ_SCOPES
from ewarn.store.access import audit
from ewarn.store.delivery import endpoints, outbox
from ewarn.store.tables.access import audit as audit_table
from ewarn.store.tables.delivery import outbox as outbox_table
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.world import NOW, World

SUBSCRIBER = READ_SCOPES | {"subscriptions:write"}
ASKED: Mapping[str, Any] = {
    "channel": "webhook",
    "address": "https://example.org/in",
    "language": "fr",
    "countries": ["TGO"],
    "regions": "Maritime\r\nTG-P",
    "targets": ["force"],
    "level": "high",
    "percent": "12,5",
    "digest": "weekly",
    "digest_at": "07:30",
    "zone": "Africa/Lome",
    "quiet_begins": "22:00",
    "quiet_ends": "06:00",
    "most_a_day": "3",
    "repeat_days": "0",
}
PLAIN = {"channel": "webhook", "address": "https://example.org/in"}


@pytest.fixture
def person(visitor: Visitor) -> Person:
    return visitor("TGO", "BEN", scopes=SUBSCRIBER)


def created(person: Person, fields: Mapping[str, Any] = PLAIN) -> str:
    """Create a subscription by the form, and return its address among the pages."""
    page = person.post("/subscriptions", fields)
    assert page.status_code == 200, words(page)
    return page.url.path


def code_sent(world: World, path: str) -> str:
    with world.store.read() as connection:
        query = select(outbox_table.c.body).where(outbox_table.c.endpoint == path.split("/")[-1])
        bodies = connection.execute(query.order_by(outbox_table.c.created_at.desc())).scalars()
        return str(bodies.first()["items"][0]["code"])  # type: ignore[index]


def verified(world: World, person: Person) -> str:
    path = created(person)
    page = person.post(f"{path}/verify", {"code": code_sent(world, path)})
    assert "The address is verified" in words(page)
    return path


def give_up(world: World, path: str) -> None:
    """Store a message of a subscription that was given up."""
    address = str(PLAIN["address"])
    message = Message("msg-dead", "webhook", address, "An invented <one>", "", {}, NOW)
    with world.store.write() as connection:
        outbox.enqueue(connection, [(path.split("/")[-1], message)], held=True)


def test_what_the_form_says_is_what_the_api_stores(person: Person) -> None:
    path = created(person, ASKED)
    (stored,) = person.get("/v1/subscriptions").json()["items"]
    assert {name: stored[name] for name in ("countries", "regions", "targets", "level")} == {
        "countries": ["TGO"],
        "regions": ["TG-M", "TG-P"],
        "targets": ["force"],
        "level": "high",
    }
    assert (stored["at_least"], stored["language"]) == (0.125, "fr")
    assert (stored["digest"], stored["digest_at"], stored["zone"]) == (
        "weekly",
        "07:30:00",
        "Africa/Lome",
    )
    assert stored["quiet"] == {"begins": "22:00:00", "ends": "06:00:00"}
    assert (stored["most_a_day"], stored["repeat_days"]) == (3, None)
    for page in (person.get(path), person.get("/subscriptions")):
        said = words(page)
        assert "https://example.org/in" in said
        assert "Maritime, Togo; Plateaux, Togo" in said
        assert "lethal force against demonstrators" in said
        assert "from level high on, from a probability of 12% on" in said
        assert "every Monday at 07:30 (Africa/Lome)" in said
        assert "quiet from 22:00 to 06:00" in said
        assert "at most 3 messages a day" in said
        assert "waits for its code" in said


def test_an_empty_form_takes_the_defaults_of_the_api(person: Person) -> None:
    path = created(person)
    said = words(person.get(path))
    assert "Benin, Togo" in said or "Togo, Benin" in said
    assert "every risk" in said
    assert "every alert" in said
    assert "at once" in said
    assert "alerts that nobody acknowledged are repeated after 56 days" in said


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(person: Person) -> None:
    wrong = {**ASKED, "zone": "Mars/Olympus", "percent": "much", "quiet_ends": ""}
    page = person.post("/subscriptions", wrong)
    assert page.status_code == 422
    assert "Nothing was created yet" in words(page)
    said = re.search(r'id="zone-wrong"[^>]*>([^<]*)', page.text)
    assert said is not None
    assert "is not a time zone such as Africa/Dakar" in said[1]
    for name in ("zone", "percent", "quiet"):
        assert f'id="{name}-wrong"' in page.text
        assert re.search(
            rf'aria-describedby="{name}-help {name}-wrong" aria-invalid="true"', page.text
        )
    assert 'id="address-wrong"' not in page.text
    for kept in (
        'value="https://example.org/in"',
        'value="Mars/Olympus"',
        'value="much"',
        "Maritime\r\nTG-P</textarea>",
        'name="countries" value="TGO" checked',
        'name="targets" value="force" checked',
        '<option value="high" selected>',
        'name="digest" value="weekly" checked',
        'name="quiet_begins" type="time" value="22:00"',
    ):
        assert kept in page.text
    assert person.get("/v1/subscriptions").json()["items"] == []


def test_a_place_that_the_key_does_not_cover_is_refused_in_words(person: Person) -> None:
    page = person.post("/subscriptions", {**PLAIN, "regions": "GH-AA"})
    assert page.status_code == 404
    assert "There is no region 'GH-AA' for this key." in words(page)
    assert "GH-AA</textarea>" in page.text
    assert 'value="GHA"' not in page.text


def test_hostile_text_is_shown_as_text(person: Person) -> None:
    hostile = '"><script>alert(1)</script>'
    page = person.post("/subscriptions", {**PLAIN, "zone": hostile, "address": hostile})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_secret_is_shown_once_in_the_answer_and_never_stored_by_the_browser(
    world: World,
) -> None:
    app = create_app(world.state(secret_of=lambda label, _channel: f"whsec_of_{label}"))
    person = Person(app)
    person.sign_in(world.key("TGO", scopes=SUBSCRIBER))
    page = person.post("/subscriptions", PLAIN)
    secret = re.search(r"whsec_of_(sub_\w+)\.1", page.text)
    assert secret is not None
    assert page.headers["cache-control"] == "no-store"
    assert (page.url.path, page.url.query, page.history) == ("/subscriptions", b"", [])
    path = f"/subscriptions/{secret[1]}"
    assert f'href="{path}"' in page.text
    assert "whsec_" not in person.get(path).text
    turned = person.post(f"{path}/rotate", {})
    assert f"whsec_of_{secret[1]}.2" in turned.text
    assert turned.headers["cache-control"] == "no-store"
    again = person.post(f"{path}/rotate", {})
    assert again.status_code == 409
    assert "the secret was rotated within the last day" in words(again)
    assert "whsec_" not in again.text


def test_a_wrong_code_is_kept_and_the_right_one_starts_it(world: World, person: Person) -> None:
    path = created(person)
    assert "can be sent once the address is verified" in words(person.get(path))
    wrong = person.post(f"{path}/verify", {"code": "0000"})
    assert wrong.status_code == 409
    assert "this is not the code that was sent" in words(wrong)
    assert 'value="0000"' in wrong.text
    page = person.post(f"{path}/verify", {"code": code_sent(world, path)})
    assert page.url.path == path
    assert "verified, accepts messages" in words(page)
    assert 'id="code"' not in page.text


def test_a_new_code_can_be_sent_but_not_at_once(world: World, person: Person) -> None:
    path = created(person)
    early = person.post(f"{path}/code", {})
    assert early.status_code == 409
    assert "within the last ten minutes" in words(early)
    world.clock.now = NOW.replace(hour=NOW.hour + 1)
    assert "A new code is on its way" in words(person.post(f"{path}/code", {}))


def test_a_test_message_is_followed_to_its_end(world: World, person: Person) -> None:
    path = verified(world, person)
    page = person.post(f"{path}/test", {})
    assert "The test message is on its way" in words(page)
    assert "waits to be sent" in words(page)
    assert "It has not been tried yet" in words(page)
    id_ = page.url.params["delivery"]
    with world.store.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO delivery_attempt (outbox_id, at, outcome, detail) VALUES (?, ?, ?, ?)",
            (id_, "2020-03-02 12:00:00.000000", "retry", "HTTP 503 <b>"),
        )
    fresh = person.get(f"{path}?delivery={id_}&part=fresh")
    assert "<h1" not in fresh.text
    assert "not accepted, it is tried again: HTTP 503 <b>" in words(fresh)
    assert "HTTP 503 <b>" not in fresh.text


def test_a_dead_message_is_listed_and_sent_again(world: World, person: Person) -> None:
    path = verified(world, person)
    assert "Given up" not in words(person.get(path))
    give_up(world, path)
    page = person.get(path)
    assert "Given up" in words(page)
    assert 'aria-label="Send again: An invented &lt;one&gt;"' in page.text
    again = person.post(f"{path}/replay", {"delivery": "msg-dead"})
    assert "The message is sent again" in words(again)
    assert person.get("/v1/deliveries/msg-dead").json()["state"] == "waiting"
    twice = person.post(f"{path}/replay", {"delivery": "msg-dead"})
    assert twice.status_code == 409
    assert "only a dead message can be sent again" in words(twice)


def test_a_message_of_another_subscription_is_not_shown(world: World, person: Person) -> None:
    path = verified(world, person)
    other = created(person, {**PLAIN, "address": "https://example.org/other"})
    give_up(world, path)
    assert 'id="delivery"' in person.get(f"{path}?delivery=msg-dead").text
    assert 'id="delivery"' not in person.get(f"{other}?delivery=msg-dead").text
    assert 'id="delivery"' not in person.get(f"{path}?delivery=no-such").text


def test_it_ends_only_with_the_box_ticked(person: Person) -> None:
    path = created(person)
    unsure = person.post(f"{path}/end", {})
    assert unsure.status_code == 422
    assert "The subscription still runs." in words(unsure)
    assert len(person.get("/v1/subscriptions").json()["items"]) == 1
    page = person.post(f"{path}/end", {"sure": "yes"})
    assert page.url.path == "/subscriptions"
    assert "The subscription has ended" in words(page)
    assert "This key has no subscriptions" in words(page)
    assert person.get(path).status_code == 404


def test_the_audit_names_the_person_and_the_key(world: World, visitor: Visitor) -> None:
    person = visitor("TGO", scopes=SUBSCRIBER, name="Ama Mensah")
    path = verified(world, person)
    person.post(f"{path}/test", {})
    give_up(world, path)
    person.post(f"{path}/replay", {"delivery": "msg-dead"})
    person.post(f"{path}/rotate", {})
    world.clock.now += timedelta(minutes=11)
    person.post(f"{path}/code", {})
    person.post(f"{path}/end", {"sure": "yes"})
    with world.store.read() as connection:
        query = select(audit_table.c.act, audit_table.c.actor)
        mine = query.where(audit_table.c.about == audit.SUBSCRIPTION)
        assert connection.execute(mine.order_by(audit_table.c.sequence)).all() == [
            (done, "Ama Mensah (a test)")
            for done in (
                "subscribed",
                "verified",
                "test sent",
                "sent again",
                "rotated",
                "code sent",
                "ended",
            )
        ]


def test_an_address_that_fails_says_since_when_and_why(world: World, person: Person) -> None:
    path = verified(world, person)
    id_ = path.split("/")[-1]
    with world.store.write() as connection:
        endpoints.failed(connection, id_, NOW, "HTTP 500 <i>")
    page = person.get(path)
    assert "accepts nothing at the moment" in words(page)
    assert "has accepted nothing since 2 Mar 2020, 12:00 UTC. Its last answer: HTTP 500 <i>" in (
        words(page)
    )
    with world.store.write() as connection:
        endpoints.disable(connection, id_, NOW, "HTTP 410")
    off = person.get(path)
    assert "switched off: it accepted nothing any more" in words(off)
    assert "Send a new code" in words(off)
    assert "switched off" in words(person.get("/subscriptions"))


def test_who_lacks_the_scope_reads_why(visitor: Visitor) -> None:
    person = visitor("TGO")
    for path in ("/subscriptions", "/subscriptions/new", "/subscriptions/sub_x"):
        page = person.get(path)
        assert page.status_code == 200
        assert "the scope subscriptions:write" in words(page)
        assert "New subscription" not in words(page)
    assert person.post("/subscriptions", PLAIN).status_code == 403


def test_what_is_another_keys_does_not_exist(
    world: World, person: Person, visitor: Visitor
) -> None:
    path = verified(world, person)
    give_up(world, path)
    other = visitor("TGO", "BEN", scopes=SUBSCRIBER)
    assert "example.org" not in other.get("/subscriptions").text
    assert other.get(path).status_code == 404
    for act in ("verify", "code", "test", "rotate", "end"):
        assert other.post(f"{path}/{act}", {"code": "x", "sure": "yes"}).status_code == 404
    own = created(other, {**PLAIN, "address": "https://example.org/other"})
    assert other.post(f"{own}/replay", {"delivery": "msg-dead"}).status_code == 404
    assert "An invented" not in other.get(f"{own}?delivery=msg-dead").text
    assert person.get("/v1/deliveries/msg-dead").json()["state"] == "dead"


def test_without_a_channel_the_form_says_what_is_missing(world: World) -> None:
    service = world.service()
    service.notifiers.clear()  # type: ignore[attr-defined]
    person = Person(create_app(world.state(service=service)))
    person.sign_in(world.key("TGO", scopes=SUBSCRIBER))
    assert "No channel is switched on" in words(person.get("/subscriptions/new"))


def test_a_form_without_its_token_changes_nothing(person: Person) -> None:
    assert person.post("/subscriptions", PLAIN, token="0" * 64).status_code == 403
    assert person.get("/v1/subscriptions").json()["items"] == []
