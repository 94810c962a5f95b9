"""Tests of the link in a mail: GET changes nothing, POST acknowledges once, as the recipient."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.app import create_app
from ewarn.alerting.acts import close
from ewarn.domain.delivery import Message
from ewarn.domain.region import Office
from ewarn.domain.source import OWN_DESK, Terms
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.mail_links import LIVES_FOR
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.database.engine import Store
from ewarn.store.tables.delivery import outbox
from tests.api.client import Client
from tests.api.world import Clock, World
from tests.pipeline.weeks import play, recipient
from tests.scores import moment, rule

REGION = "TG-M"
CLOSED = Terms("nobody", "closed", redistribute=False, train=False, url="")
HOUR = timedelta(hours=1)
OFFICIAL = recipient("first.last@example.org", channel="email", language="fr")


class Desk:
    """A world with one open alert, and the message about it."""

    def __init__(self, store: Store, *recipients: object, terms: Terms | None = None) -> None:
        self.world = World(store, Clock(moment(0)))
        office = Office("geneva", "Geneva", "en", ("*",), recipients or (OFFICIAL,))  # type: ignore[arg-type]
        base = self.world.service()
        rulebook = replace(base.rulebook, offices=(office,), rules=(rule(),))
        known = base.terms if terms is None else {**base.terms, "invented": terms}
        self.service: Service = replace(base, rulebook=rulebook, terms=known)
        self.messages = list(play(self.service, 0, {REGION: 0.3}).messages)
        self.serve(self.service)

    def serve(self, service: Service) -> None:
        """Use another service from now on."""
        state = self.world.state(service=service, rulebooks=lambda: service.rulebook)
        self.client = Client(create_app(state))

    @property
    def link(self) -> str:
        """Return the path of the link."""
        return links(self.messages[0])[0]

    @property
    def alert_id(self) -> str:
        with self.service.store.read() as connection:
            return alerts.standing(connection)[0].id

    def story(self) -> list[tuple[str, str, str]]:
        """Return what happened to the alert."""
        with self.service.store.read() as connection:
            found = alerts.timeline(connection, self.alert_id, moment(99))
        return [(event.kind.value, event.actor, event.reason) for event in found[1:]]


def links(message: Message) -> list[str]:
    """Return the links in a message's text. The links in its HTML are the same."""
    found = re.findall(r"http://127\.0\.0\.1(/acknowledge/\S+)", message.text)
    assert set(found) == set(re.findall(r'http://127\.0\.0\.1(/acknowledge/[^"]+)', message.html))
    return found


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_who_looks_changes_nothing_and_who_presses_the_button_acknowledges(desk: Desk) -> None:
    for method in ("GET", "HEAD", "GET"):
        shown = desk.client.send(method, desk.link)
        assert shown.status_code == 200
        assert desk.story() == []
    assert ", Togo</h2>" in shown.text
    assert shown.text.count("<button") == 1
    assert f'href="/alerts/{desk.alert_id}"' in shown.text
    assert shown.headers["cache-control"] == "no-store"
    done = desk.client.send("POST", desk.link)
    assert done.status_code == 200
    assert "Il en a été accusé réception par geneva, by mail." in done.text
    assert "<button" not in done.text
    said = "through the link of a mail to f…@example.org"
    assert desk.story() == [("acknowledged", "geneva, by mail", said)]
    again = desk.client.send("POST", desk.link)
    assert (again.status_code, len(desk.story())) == (200, 1)


def test_the_link_holds_no_address_and_no_machine_is_given_one(store: Store) -> None:
    mail = recipient("first.last@example.org", channel="email")
    hook = recipient("https://receiver.example.org/in", channel="webhook")
    desk = Desk(store, mail, hook)
    (mailed,) = [each for each in desk.messages if each.channel == "email"]
    (posted,) = [each for each in desk.messages if each.channel == "webhook"]
    assert len(links(mailed)) == 1
    assert "example.org" not in links(mailed)[0]
    assert "/acknowledge/" not in str(posted)
    assert "/acknowledge/" not in str(mailed.body)


def test_an_expired_link_is_refused(desk: Desk) -> None:
    desk.world.clock.now = moment(0) + LIVES_FOR - timedelta(seconds=1)
    assert desk.client.get(desk.link).status_code == 200
    desk.world.clock.now = moment(0) + LIVES_FOR
    for method in ("GET", "POST"):
        answer = desk.client.send(method, desk.link)
        assert answer.status_code == 410
        assert "This link has expired · Ce lien a expiré" in answer.text
        assert "Togo" not in answer.text
    assert desk.story() == []


@pytest.mark.parametrize("spoil", [lambda it: it[:-1], lambda it: it + "A", lambda it: it + "."])
def test_one_that_was_changed_is_refused(desk: Desk, spoil) -> None:  # type: ignore[no-untyped-def]
    for method in ("GET", "POST"):
        answer = desk.client.send(method, spoil(desk.link))
        assert answer.status_code == 404
        assert "This link cannot be used" in answer.text
    assert desk.story() == []


def test_before_any_mail_was_sent_no_link_opens_anything(world: World) -> None:
    client = Client(create_app(world.state()))
    assert client.get("/acknowledge/W10.W10").status_code == 404
    assert client.send("POST", "/acknowledge/" + "a" * 5000).status_code == 404


def test_a_closed_alert_is_refused_plainly(desk: Desk) -> None:
    doing = lambda it: close(it, "Dakar", moment(0) + HOUR, "a copy")  # noqa: E731
    act(desk.service, desk.alert_id, (), doing, moment(0) + HOUR)
    desk.world.clock.now = moment(0) + 2 * HOUR
    for method in ("GET", "POST"):
        answer = desk.client.send(method, desk.link)
        assert answer.status_code == 409
        assert "Cette alerte est close" in answer.text
    assert [kind for kind, _, _ in desk.story()] == ["closed"]


def test_an_alert_under_a_licence_is_acknowledged_by_who_carries_it(store: Store) -> None:
    holder = recipient("first.last@example.org", channel="email", licences=("acled",))
    desk = Desk(store, holder, terms=CLOSED.stated("acled", OWN_DESK))
    assert desk.client.send("POST", desk.link).status_code == 200
    assert [kind for kind, _, _ in desk.story()] == ["acknowledged"]


@pytest.mark.parametrize("lost", ["the recipient's licence", "the operator's statement"])
def test_a_link_shows_nothing_once_its_licence_is_gone(store: Store, lost: str) -> None:
    holder = recipient("first.last@example.org", channel="email", licences=("acled",))
    desk = Desk(store, holder, terms=CLOSED.stated("acled", OWN_DESK))
    if lost == "the operator's statement":
        without = replace(desk.service, terms={**desk.service.terms, "invented": CLOSED})
    else:
        (office,) = desk.service.rulebook.offices
        bare = replace(office, recipients=(replace(holder, licences=()),))
        without = replace(desk.service, rulebook=replace(desk.service.rulebook, offices=(bare,)))
    desk.serve(without)
    for method in ("GET", "POST"):
        answer = desk.client.send(method, desk.link)
        assert (answer.status_code, "Togo" in answer.text) == (404, False)
    assert desk.story() == []


def test_whoever_is_no_recipient_any_more_is_refused(desk: Desk) -> None:
    gone = replace(desk.service.rulebook, offices=())
    service = replace(desk.service, rulebook=gone)
    client = Client(create_app(desk.world.state(service=service)))
    assert client.send("POST", desk.link).status_code == 404
    moved = replace(OFFICIAL, countries=("GHA",))
    office = Office("geneva", "Geneva", "en", ("*",), (moved,))
    service = replace(desk.service, rulebook=replace(gone, offices=(office,)))
    client = Client(create_app(desk.world.state(service=service)))
    assert client.send("POST", desk.link).status_code == 404
    assert desk.story() == []


def test_a_large_body_is_not_read(desk: Desk) -> None:
    answer = desk.client.send("POST", desk.link, content=b"x" * 2000)
    assert answer.status_code == 413
    assert desk.story() == []


def test_an_end_has_no_such_link(desk: Desk) -> None:
    doing = lambda it: close(it, "Dakar", moment(0) + HOUR, "a copy")  # noqa: E731
    act(desk.service, desk.alert_id, (), doing, moment(0) + HOUR)
    compose_due(desk.service, moment(0) + HOUR)
    with desk.service.store.read() as connection:
        texts = [row.text for row in connection.execute(select(outbox))]
    assert [("/acknowledge/" in text) for text in texts] == [True, False]
