"""Tests of partners' keys: they read some regions and days, nothing else, and each read is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from api.app import create_app
from api.serving.known_keys import KeyUses
from ewarn.access.keys import issue
from ewarn.domain.alert import Alert, AlertState, ChangeKind
from ewarn.domain.key import PARTNER_SCOPES, PartnerLimits
from ewarn.domain.time import end_of_day, midnight
from ewarn.errors import UsageError
from ewarn.store.access import keys, partner_reads
from ewarn.store.tables.access import partner_read
from tests.api.client import Client
from tests.api.world import LAST_ORIGIN, NOW, World, alert
from tests.events import row

SINCE, UNTIL = date(2020, 1, 6), date(2020, 2, 16)
LIMITS = PartnerLimits(("TG-M",), SINCE, UNTIL)
LISTS = ("/v1/events", "/v1/scores", "/v1/scores/history", "/v1/alerts")
Asker = Callable[..., Client]


def partner(asker: Asker, limits: PartnerLimits = LIMITS) -> Client:
    """Return a client with the key of a partner in Togo."""
    return asker("TGO", scopes=PARTNER_SCOPES, partner=limits)


def open_alert(world: World, id_: str, region: str, opened_on: date) -> Alert:
    made = alert(id=id_, region=region, opened_on=opened_on, last_origin=opened_on)
    world.change(made, ChangeKind.OPENED, midnight(opened_on) + timedelta(hours=8), "invented")
    return made


@pytest.fixture
def alerts_of_togo(world: World) -> None:
    """Open an alert in the partner's region and days, and one beside each of its limits."""
    for id_, region, day in (
        ("mine", "TG-M", date(2020, 1, 20)),
        ("elsewhere", "TG-K", date(2020, 1, 20)),
        ("early", "TG-M", SINCE - timedelta(days=1)),
        ("late", "TG-M", UNTIL + timedelta(days=1)),
    ):
        open_alert(world, id_, region, day)


def day_of(path: str, item: dict[str, Any]) -> str:
    name = {"/v1/events": "occurred_on", "/v1/alerts": "opened_on"}.get(path, "origin")
    return str(item[name])


@pytest.mark.usefixtures("alerts_of_togo")
@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["", "?country=TGO", "?region=TG-M", "?limit=2"])
def test_a_list_holds_its_region_and_days_only(
    world: World, asker: Asker, path: str, query: str
) -> None:
    client, office = partner(asker), asker("TGO")
    found = client.items(path + query)
    assert found
    assert {item["region"] for item in found} == {"TG-M"}
    assert all(str(SINCE) <= day_of(path, item) <= str(UNTIL) for item in found)
    if path != "/v1/scores":  # an office sees the newest, a partner those at the end of its days
        inside = [
            item
            for item in office.items(f"{path}?region=TG-M&as_of={UNTIL}")
            if str(SINCE) <= day_of(path, item) <= str(UNTIL)
        ]
        assert len(found) == len(inside)


def test_days_and_regions_that_are_asked_for_cannot_widen_them(asker: Asker) -> None:
    client = partner(asker)
    wide = client.items("/v1/events?since=2019-01-01&until=2020-03-01")
    assert [each["source_event_id"] for each in wide] == [
        each["source_event_id"] for each in client.items("/v1/events")
    ]
    assert client.items("/v1/events?until=2019-12-31") == []
    for place in ("region=TG-K", "region=TGO", "country=GHA"):
        assert client.get(f"/v1/events?{place}").status_code == 404


@pytest.mark.usefixtures("alerts_of_togo")
def test_single_things_outside_do_not_exist_for_it(world: World, asker: Asker) -> None:
    client, office = partner(asker), asker("TGO")
    scores = office.items("/v1/scores/history?target=force&limit=1000")
    events = office.items("/v1/events")
    named = [(f"/v1/scores/{s['id']}", s["region"], s["origin"]) for s in scores[::9]]
    named += [(f"{path}/drivers", region, day) for path, region, day in named]
    named += [
        (f"/v1/events/{e['source']}/{e['source_event_id']}/{what}", e["region"], e["occurred_on"])
        for e in events
        for what in ("versions", "links")
    ]
    named += [
        (f"/v1/alerts/{a['id']}", a["region"], a["opened_on"]) for a in office.items("/v1/alerts")
    ]
    seen = {path: client.get(path).status_code for path, _, _ in named}
    inside = {
        path: 200 if region == "TG-M" and str(SINCE) <= day <= str(UNTIL) else 404
        for path, region, day in named
    }
    assert seen == inside
    assert set(seen.values()) == {200, 404}
    assert [item["id"] for item in client.items("/v1/regions?country=TGO")] == ["TG-M"]
    assert [item["id"] for item in client.items("/v1/regions?parent=TGO")] == ["TG-M"]
    assert (
        client.get("/v1/regions/TG-M").status_code,
        client.get("/v1/regions/TGO").status_code,
    ) == (
        200,
        404,
    )


def test_what_became_known_after_its_days_stays_unknown_to_it(world: World, asker: Asker) -> None:
    made = open_alert(world, "mine", "TG-M", date(2020, 1, 20))
    client = partner(asker)
    before = {path: client.get(path).json()["items"] for path in LISTS}
    detail = client.get("/v1/alerts/mine").json()
    day = date(2020, 2, 3)
    world.add_events(row("new", region="TG-M", occurred_on=day), at=NOW)
    closed = replace(made, state=AlertState.CLOSED, closed_on=LAST_ORIGIN)
    world.change(closed, ChangeKind.CLOSED, NOW, "an invented reason")
    assert {path: client.get(path).json()["items"] for path in LISTS} == before
    assert client.get("/v1/alerts/mine").json() == detail
    assert client.get("/v1/alerts?as_of=2020-03-01").json()["items"] == before["/v1/alerts"]
    assert "new" in asker("TGO").get("/v1/events").text


def test_a_driver_from_before_its_days_is_left_out(asker: Asker) -> None:
    found = partner(asker).items("/v1/scores/history?target=force")
    assert found
    weeks = {driver["first_week"] for score in found for driver in score["drivers"]}
    assert weeks
    assert min(weeks) >= str(SINCE)
    whole = asker("TGO").items("/v1/scores/history?target=force&region=TG-M")
    assert min(d["first_week"] for score in whole for d in score["drivers"]) < str(SINCE)


def test_partners_and_offices_share_no_kept_answer_and_no_tag(world: World) -> None:
    app = create_app(world.state())
    others = [LIMITS, replace(LIMITS, regions=()), replace(LIMITS, since=date(2020, 2, 1))]
    texts = [world.key("TGO", scopes=PARTNER_SCOPES, partner=each) for each in (None, *others)]
    clients = [Client(app, {"X-API-Key": text}) for text in texts]
    for _ in range(2):
        for path in ("/v1/scores?country=TGO", "/v1/alerts", "/v1/regions"):
            answers = [each.get(path) for each in clients]
            assert len({each.headers["etag"] for each in answers}) == len(clients)
            for tag in (each.headers["etag"] for each in answers[1:]):
                assert clients[0].get(path, {"If-None-Match": tag}).status_code == 200


def test_other_routes_refuse_a_partner_in_one_sentence(asker: Asker) -> None:
    answer = partner(asker).get("/v1/regions/TG-M/series")
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems#not-for-partners"


def test_each_read_is_in_a_chain_also_from_memory(world: World, asker: Asker) -> None:
    client = partner(asker)
    prefix = client.headers["X-API-Key"].partition(".")[0]
    first = client.get("/v1/scores?country=TGO")
    client.get("/v1/scores?country=TGO", {"If-None-Match": first.headers["etag"]})
    client.get("/v1/regions/TG-M")
    client.get("/v1/regions/TG-M/series")  # refused, so not read
    asker("TGO").get("/v1/scores")
    with world.store.read() as connection:
        found = partner_reads.newest(connection, prefix, 9)
        assert partner_reads.broken_link(connection) is None
    assert [each.route for each in found] == ["/v1/regions/{id}", "/v1/scores", "/v1/scores"]
    assert {(each.prefix, each.at) for each in found} == {(prefix, NOW)}
    with world.store.write() as connection:
        connection.execute(
            update(partner_read).where(partner_read.c.sequence == 2).values(route="/")
        )
    with world.store.read() as connection:
        assert partner_reads.broken_link(connection) == 2


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"scopes": ["alerts:act"]}, "only reads"),
        ({"scopes": ["admin"]}, "only reads"),
        ({"licences": ["acled"]}, "no licence"),
        ({"countries": ["*"]}, "countries or regions"),
        ({"countries": []}, "countries or regions"),
        ({"expires_at": None}, "needs an end"),
        ({"partner": replace(LIMITS, since=UNTIL, until=SINCE)}, "no day is left"),
    ],
)
def test_a_partner_without_limits_gets_no_key(others: dict[str, Any], said: str) -> None:
    asked: dict[str, Any] = {
        "scopes": ["scores:read"],
        "countries": ["TGO"],
        "now": NOW,
        "expires_at": end_of_day(UNTIL),
        "partner": LIMITS,
    }
    issue("a test", **asked)
    with pytest.raises(UsageError, match=said):
        issue("a test", **(asked | others))


def test_a_use_of_a_key_is_stored_once_an_hour(world: World, asker: Asker) -> None:
    client = asker("TGO")
    prefix = client.headers["X-API-Key"].partition(".")[0]
    uses = []
    for minutes in (0, 59, 60, 90):
        world.clock.now = NOW + timedelta(minutes=minutes)
        client.get("/v1/no-such-thing" if minutes == 90 else "/v1/scores/0")
        with world.store.read() as connection:
            uses.append(keys.last_uses(connection)[prefix])
    hour = NOW + KeyUses.EVERY
    assert uses == [NOW, NOW, hour, hour]
    Client(create_app(world.state()), client.headers).get("/v1/scores")  # another process
    observer = asker("TGO", scopes=["reports:write"])
    assert observer.get("/v1/reports/form").status_code == 200
    with world.store.read() as connection:
        used = keys.last_uses(connection)
    assert used[prefix] == hour
    # The hour would say when an observer sent a report.
    assert used[observer.headers["X-API-Key"].partition(".")[0]] is None
