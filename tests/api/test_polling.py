"""Tests of answers that are kept in memory: they are quick, and never older than what they show."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from api.app import create_app
from api.routing.polled import KeptAnswers
from api.serving.known_keys import KEPT_FOR, KnownKeys
from ewarn.access.keys import issue
from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.source import Health, Terms
from ewarn.domain.time import DAY
from ewarn.store.access import keys
from ewarn.store.alerts import alerts
from ewarn.store.database import store_metadata
from ewarn.store.database.engine import Store
from ewarn.store.database.revision import Revision
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from tests.api.client import Client
from tests.api.world import LAST_ORIGIN, NOW, OPEN_TERMS, World, rulebook, scores_of
from tests.stores import statements

LISTS = ("/v1/scores?office=dakar", "/v1/scores?country=BEN", "/v1/alerts?limit=2")
LATER = NOW + timedelta(minutes=1)


@pytest.mark.parametrize("path", LISTS)
def test_an_answer_is_read_once(world: World, client: Client, path: str) -> None:
    client.get("/v1/events?limit=1")  # it stores the use of the key, and the secret of cursors
    first = client.get(path)
    with statements(world.store) as seen:
        again = client.get(path)
        unchanged = client.get(path, {"If-None-Match": first.headers["etag"]})
    assert seen == []
    for answer in (again, first):
        del answer.headers["x-request-id"]
    assert (again.text, again.headers) == (first.text, first.headers)
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_tag_cannot_be_worked_out_from_what_is_known(world: World, client: Client) -> None:
    tag = client.get(LISTS[0]).headers["etag"]
    assert client.get(LISTS[0]).headers["etag"] == tag
    with world.store.write() as connection:
        store_metadata.put(connection, store_metadata.SEALS_ANSWERS, "00" * 32)
    elsewhere = Client(create_app(world.state()), client.headers)
    assert elsewhere.get(LISTS[0]).headers["etag"] != tag


@pytest.mark.parametrize("path", LISTS)
def test_as_time_passes_a_kept_answer_is_what_a_new_service_would_give(
    world: World, client: Client, path: str
) -> None:
    seen = set()
    for hours in (*range(0, 72, 12), *range(72, 60 * 24, 5 * 24 - 1)):
        world.clock.now = NOW + timedelta(hours=hours)
        kept = client.get(path)
        fresh = Client(create_app(world.state()), client.headers).get(path)
        assert (kept.text, kept.headers["etag"]) == (fresh.text, fresh.headers["etag"]), hours
        seen.add(kept.text)
    assert len(seen) > 1, "time alone changed nothing"


@dataclass
class Hourly:
    """A source that publishes every hour, as far as its health needs it."""

    name: str = "hourly"
    terms: Terms = OPEN_TERMS
    cadence: timedelta = timedelta(hours=1)
    obstacle: str | None = None


@pytest.mark.parametrize("name", ["scores", "alerts", "events", "forecasts"])
def test_a_source_is_silent_from_the_very_moment_on(world: World, name: str) -> None:
    read = runs.Run("hourly", NOW, Health.OK, "read", Appended(), 0, {}, None, NOW, "1", NOW)
    with world.store.write() as connection:
        runs.record_run(connection, runs.Reading(read))
    hourly: dict[str, Any] = {"hourly": Hourly()}
    service = replace(world.service(), sources=hourly)
    client = Client(create_app(world.state(service=service)), {"X-API-Key": world.key()})
    unwell = []
    for seconds in (-1, 0):
        world.clock.now = NOW + DAY + timedelta(seconds=seconds)
        answer = client.get(f"/v1/{name}?country=TGO").json()
        unwell.append([each["source"] for each in answer["unwell"]])
    assert unwell == [[], ["hourly"]]


def test_what_others_write_is_seen_at_once(world: World, client: Client) -> None:
    elsewhere = World(Store(world.store.url.render_as_string()))
    shown = {path: client.get(path).text for path in LISTS}
    high = [replace(score, probability=0.9) for score in scores_of(LAST_ORIGIN)]
    elsewhere.add_scores(high, LATER)
    with elsewhere.store.read() as connection:
        (standing, *_) = alerts.find(
            connection, alerts.AlertFilter(countries=("TGO",), states=("open",)), NOW
        )
    acknowledged = replace(standing, state=AlertState.ACKNOWLEDGED)
    elsewhere.change(acknowledged, ChangeKind.ACKNOWLEDGED, LATER, "an invented reason")
    elsewhere.store.dispose()
    world.clock.now = LATER
    assert "0.9" in client.get(LISTS[0]).text
    assert "acknowledged" in client.get("/v1/alerts?country=TGO").text
    assert client.get(LISTS[2]).text != shown[LISTS[2]]


def test_other_rules_end_a_kept_answer(world: World) -> None:
    books = [rulebook()]
    app = create_app(world.state(rulebooks=lambda: books[-1]))
    client = Client(app, {"X-API-Key": world.key()})
    assert client.get("/v1/scores?office=dakar").status_code == 200
    books.append(replace(rulebook(), offices=()))
    assert client.get("/v1/scores?office=dakar").status_code == 404


def test_keys_of_other_countries_licences_and_scopes_get_their_own_answers(world: World) -> None:
    app = create_app(world.state())
    clients = [
        Client(app, {"X-API-Key": world.key(*countries, scopes=scopes)})
        for countries, scopes in (
            ((), READ_SCOPES),
            (("TGO",), READ_SCOPES),
            (("GHA",), READ_SCOPES),
            ((), {"alerts:read"}),
        )
    ]
    for _ in range(2):
        answers = [each.get("/v1/scores?limit=1000") for each in clients]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 403]
        found = [{i["country"] for i in answer.json()["items"]} for answer in answers[:3]]
        assert found == [{"BEN", "BFA", "GHA", "TGO"}, {"TGO"}, {"GHA"}]


def test_a_key_that_is_revoked_elsewhere_stops_at_once(world: World, client: Client) -> None:
    elsewhere = Store(world.store.url.render_as_string())
    assert client.get(LISTS[0]).status_code == 200
    with elsewhere.write() as connection:
        keys.revoke(connection, client.headers["X-API-Key"].partition(".")[0], NOW)
    elsewhere.dispose()
    assert [client.get(path).status_code for path in LISTS] == [401] * 3


def test_a_key_is_known_for_seconds_only_and_under_one_revision() -> None:
    now = [100.0]
    known = KnownKeys(lambda: now[0])
    key, _ = issue("a test", READ_SCOPES, ["*"], NOW)
    one, two = Revision((1,), (7,)), Revision((2,), (7,))
    known.keep(key, one)
    assert known.find(key.prefix, Revision((1,), (8,))) is key
    now[0] += KEPT_FOR
    assert known.find(key.prefix, one) is None
    known.keep(key, one)
    assert known.find(key.prefix, two) is None
    assert known.find(key.prefix, one) is None, "forgotten once the keys changed"


def test_a_kept_answer_is_compressed_once_for_those_who_take_it(
    world: World, client: Client
) -> None:
    plain = client.get(LISTS[0], {"Accept-Encoding": "identity"})
    packed = [client.get(LISTS[0], {"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert [each.headers["content-encoding"] for each in packed] == ["gzip"] * 2
    assert "content-encoding" not in plain.headers
    assert {each.text for each in packed} == {plain.text}
    assert all("Accept-Encoding" in each.headers["vary"] for each in (plain, *packed))


def test_memory_for_answers_is_bounded(world: World) -> None:
    app = create_app(world.state())
    app.state.answers = kept = KeptAnswers(world.state(), most_bytes=60_000)
    client = Client(app, {"X-API-Key": world.key()})
    for limit in range(1, 40):
        client.get(f"/v1/scores?limit={limit}")
    assert 0 < len(kept._kept) < 39
    assert kept._size == sum(each.size for each in kept._kept.values()) <= 60_000
    with statements(world.store) as seen:
        client.get("/v1/scores?limit=39")
    assert seen == []
    client.get("/v1/scores?limit=1", {"Accept": f"application/json, x/{'y' * 50_000}"})
    *_, last = kept._kept.values()
    assert last.size > 50_000, "what a client asks takes memory, too"


def test_wrong_requests_are_refused_again_and_not_kept(client: Client) -> None:
    for _ in range(2):
        assert client.get("/v1/scores?country=XXX").status_code == 404
        assert client.get("/v1/scores?as_of=2999-01-01").status_code == 400
        assert client.get("/v1/alerts?limit=0").status_code == 422
    assert len(client.app.state.answers._kept) == 0
