"""Tests of alerts as CAP and as an Atom feed, each checked by a program that is not ours."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from typing import Any

import capvalidator
import feedparser
import pytest
from shapely.geometry import MultiPolygon, Polygon, box

from api.app import create_app
from api.formats.cap import NAMESPACE, polygons
from api.routes.feeds import alerts_atom
from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.alerts import changes
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, World, alert

CAP = f"{{{NAMESPACE}}}"
_ID = r"[^\s,<&]+"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00"


def cap(client: Client, id_: str, query: str = "") -> ET.Element:
    """Return the message of an alert, after the checks that hold for every one."""
    answer = client.get(f"/v1/alerts/{id_}.cap{query}")
    assert answer.headers["content-type"].partition(";")[0] == "application/cap+xml"
    checked = capvalidator.check_schema(answer.content)
    assert checked.passed, checked.message
    message = ET.fromstring(answer.content)
    check_rules(message)
    return message


def text(message: ET.Element, name: str) -> str:
    return message.findtext(f".//{CAP}{name}", "")


def check_rules(message: ET.Element) -> None:
    """Check what the standard asks for and its schema cannot say (section 3.2)."""
    for name in ("identifier", "sender", "incidents"):
        assert re.fullmatch(_ID, text(message, name)), "no space, comma, < or &"
    moments = [text(message, name) for name in ("sent", "effective", "expires")]
    assert all(re.fullmatch(_TIME, moment) for moment in moments if moment), "UTC is -00:00"
    assert not moments[2] or moments[2] > moments[0]
    is_restricted = text(message, "scope") == "Restricted"
    assert is_restricted == bool(text(message, "restriction")), "used with this scope only"
    refers = text(message, "msgType") in ("Update", "Cancel", "Ack", "Error")
    references = text(message, "references")
    assert refers == bool(references)
    for each in references.split():
        assert re.fullmatch(rf"{_ID},{_ID},{_TIME}", each)
    assert (text(message, "status") == "Exercise") <= bool(text(message, "note"))
    for polygon in message.iter(f"{CAP}polygon"):
        points = [tuple(map(float, pair.split(","))) for pair in str(polygon.text).split(" ")]
        assert len(points) >= 4
        assert points[0] == points[-1]
        assert all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in points)
    assert all((each.text or "").strip() or len(each) for each in message.iter()), "none is empty"


def test_an_alert_is_a_cap_message_with_its_area(client: Client) -> None:
    first = cap(client, "a1", "?as_of=2020-01-21")
    told = {
        name: text(first, name) for name in ("msgType", "status", "scope", "severity", "urgency")
    }
    assert told == {
        "msgType": "Alert",
        "status": "Actual",
        "scope": "Restricted",
        "severity": "Severe",
        "urgency": "Future",
    }
    assert text(first, "sent") == "2020-01-20T07:00:00-00:00"
    assert text(first, "expires") == "2020-02-17T00:00:00-00:00"
    assert text(first, "headline") == "Togo: alert opened, level high"
    assert text(first, "certainty") == "Possible"
    assert "21% is at or above 16%" in text(first, "description")
    assert "Government" in text(first, "instruction")
    rings = [str(each.text).split() for each in first.iter(f"{CAP}polygon")]
    pairs = [pair.split(",") for pair in max(rings, key=len)]
    drawn = Polygon([(float(longitude), float(latitude)) for latitude, longitude in pairs])
    outline = load_gazetteer().outline("TGO")
    assert drawn.intersection(outline).area > 0.95 * outline.area
    raised = cap(client, "a1")
    assert (text(raised, "msgType"), text(raised, "severity")) == ("Update", "Extreme")
    sender = text(first, "sender")
    assert (
        text(raised, "references") == f"{sender},{text(first, 'identifier')},{text(first, 'sent')}"
    )
    assert text(raised, "incidents") == text(first, "incidents") == "a1"


def test_the_end_of_an_alert_and_its_withdrawal(world: World, client: Client) -> None:
    closed = cap(client, "a0")
    assert [text(closed, name) for name in ("msgType", "responseType", "urgency", "expires")] == [
        "Update",
        "AllClear",
        "Past",
        "",
    ]
    withdrawn = replace(
        alert(id="a 2,<&>", region="TG-M"),
        state=AlertState.CLOSED,
        band=Band.UNCALIBRATED,
        probability=None,
    )
    for kind, held in (
        (ChangeKind.OPENED, alert(id=withdrawn.id, region="TG-M", probability=0.7)),
        (ChangeKind.WITHDRAWN, withdrawn),
    ):
        world.change(held, kind, NOW - timedelta(hours=1, microseconds=5), "an <invented> & reason")
    message = cap(client, "a%202,%3C&%3E".replace("&", "%26"))
    assert [text(message, name) for name in ("msgType", "certainty", "severity")] == [
        "Cancel",
        "Unknown",
        "Unknown",
    ]
    assert text(message, "areaDesc") == "Maritime, Togo"
    (code,) = message.iter(f"{CAP}geocode")
    assert [each.text for each in code] == ["ISO 3166-2", "TG-M"]
    assert "an <invented> & reason." in text(message, "description")
    exercise = Client(create_app(world.state(is_replay=True)), client.headers)
    assert text(cap(exercise, "a1"), "status") == "Exercise"


def test_rings_are_closed_and_of_outer_bounds() -> None:
    ring = box(0, 0, 3, 6).difference(box(1, 1, 2, 2))
    assert [*polygons(ring)] in (["0,0 6,0 6,3 0,3 0,0"], ["0,0 0,3 6,3 6,0 0,0"])
    assert len([*polygons(MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)]))]) == 2
    assert [*polygons(Polygon())] == []


def feed(client: Client, query: str = "") -> Any:
    answer = client.get(f"/v1/feeds/alerts.atom{query}")
    assert answer.status_code == 200, answer.text
    read = feedparser.parse(answer.content)
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    return read


def test_the_feed_has_an_entry_for_each_change(client: Client) -> None:
    read = feed(client)
    assert [entry.title for entry in read.entries] == [
        "Togo: alert raised, level critical",
        "Togo: alert opened, level high",
        "Togo: alert closed, level guarded",
        "Togo: alert opened, level high",
    ]
    newest = read.entries[0]
    assert newest.updated == read.feed.updated == "2020-02-17T07:00:00+00:00"
    assert "38% is critical" in newest.summary
    assert len({entry.id for entry in read.entries}) == 4
    links = {link.type: link.href for link in newest.links if link.rel == "related"}
    address = links["application/cap+xml"].removeprefix("http://127.0.0.1")
    assert cap(client, address.removeprefix("/v1/alerts/").removesuffix(".cap")) is not None
    assert len(feed(client, "?rule=Force-Country&country=togo&level=country").entries) == 4
    assert feed(client, "?office=nairobi").entries == feed(client, "?region=TG-M").entries == []


def test_the_feed_goes_back_as_far_as_it_must(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PART", 1)
    assert len(feed(client).entries) == 4
    monkeypatch.setattr(alerts_atom, "ENTRIES", 3)
    assert len(feed(client).entries) == 3
    monkeypatch.setattr(changes, "MOST_CHANGES", 2)
    assert len(feed(client).entries) == 2, "but not through all changes"


def test_the_feed_is_polled_with_its_tag(world: World, client: Client) -> None:
    first = client.get("/v1/feeds/alerts.atom")
    again = client.get("/v1/feeds/alerts.atom", {"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    world.clock.now = NOW + 10 * WEEK
    ill = client.get("/v1/feeds/alerts.atom", {"If-None-Match": first.headers["etag"]})
    assert "invented is silent" in feedparser.parse(ill.content).feed.subtitle


def test_neither_shows_what_a_key_does_not_cover(world: World, asker: Asker) -> None:
    licensed = replace(alert(id="a-held"), readers="own-desk")
    pending = replace(alert(id="a-pending"), opened_on=None, state=AlertState.PENDING)
    world.change(licensed, ChangeKind.OPENED, NOW, "held")
    world.change(pending, ChangeKind.PENDING, NOW, "pending")
    for client in (asker(), asker("GHA")):
        assert not {"held.", "pending."} & {e.summary.split()[-1] for e in feed(client).entries}
        assert client.get("/v1/alerts/a-held.cap").status_code == 404
    assert feed(asker("GHA")).entries == []
    assert asker("GHA").get("/v1/alerts/a1.cap").status_code == 404
