"""Tests that what happens in one country changes nothing for a key of another country."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from api.app import create_app
from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.delivery import Message
from ewarn.domain.deployment import Proposal
from ewarn.domain.key import SCOPES
from ewarn.domain.recipient import Recipient
from ewarn.domain.silence import WITHHELD, Silence
from ewarn.domain.subscription import Subscription
from ewarn.pipeline.alerts.dry_run import DryRuns
from ewarn.response.follow_up import added
from ewarn.response.steps import propose
from ewarn.rulebook.offices import read_offices
from ewarn.rulebook.rules import read_rules
from ewarn.store.alerts import alerts, silences
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import outbox, subscriptions
from ewarn.store.response import deployments, recommendations
from ewarn.store.scores import scores
from tests.api.client import Client
from tests.api.world import LAST_ORIGIN, NOW, RECOMMENDATION, World, rulebook
from tests.contracts.test_every_route import EXAMPLES, PUBLIC, READ
from tests.events import row

PATHS = sorted(EXAMPLES.get(route.path, route.path) for route in READ if route.path not in PUBLIC)
READER = frozenset(SCOPES) - {"admin"}
ADMIN = frozenset({"admin"})
OTHER = "sub_of_ghana"


def in_ghana(world: World) -> None:
    """Store something of each kind in Ghana, and nothing elsewhere."""
    _events_and_scores(world)
    _alert(world)
    with world.store.write() as connection:
        region = replace(SILENCE_OF_REGION, id="of-a-region")
        silences.add(connection, region)
        silences.add(connection, replace(region, id="of-a-country", countries=("GHA",)))
        proposal = Proposal("GHA", ("officer",), 4, "the Government", "office", (), ())
        deployments.record(connection, propose("d2", proposal, "Accra", NOW, "an invented reason"))
        other = replace(RECOMMENDATION.recommendation, id="r2", country="GHA")
        recommendations.record(connection, [added(other, "Accra", NOW)])
        desk = Recipient(OTHER, "ewother", "webhook", "https://example.org/gh", "en", ("GHA",))
        subscriptions.add(
            connection, Subscription(OTHER, "ewother", "Accra", desk, NOW, verified_at=NOW)
        )
        for endpoint in (OTHER, "dakar:log"):
            message = Message(f"to-{endpoint}", "webhook", "x", "Ghana", "", {}, NOW)
            outbox.enqueue(connection, [(endpoint, message)])


SILENCE_OF_REGION = Silence(
    "", "Accra", "a reason of Ghana's", NOW, NOW + timedelta(days=1), regions=("GH-AA",)
)


def _events_and_scores(world: World) -> None:
    newest = LAST_ORIGIN - timedelta(days=1)
    world.add_events(row("new", country="GHA", region="GHA", occurred_on=newest))
    with world.store.read() as connection:
        newest_runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        found = scores.in_runs(connection, newest_runs, scores.ScoreFilter())
    higher = [replace(s, probability=0.9) if s.country == "GHA" else s for s in found]
    world.add_scores([replace(score, recorded_at=NOW) for score in higher])


def _alert(world: World) -> None:
    with world.store.read() as connection:
        (alert,) = alerts.find(connection, alerts.AlertFilter(ids=("a1",)), NOW)
    opened = replace(
        alert,
        id="a-ghana",
        region="GHA",
        country="GHA",
        state=AlertState.OPEN,
        opened_on=NOW.date(),
    )
    world.change(opened, ChangeKind.OPENED, NOW, "an invented reason")


def answers(client: Client) -> dict[str, tuple[int, str, str | None]]:
    """Return status, body and entity tag of each path."""
    found = {path: client.get(path) for path in PATHS}
    return {p: (a.status_code, a.text, a.headers.get("etag")) for p, a in found.items()}


@pytest.mark.parametrize("scopes", [READER, ADMIN], ids=["a reader", "an administrator"])
def test_a_key_of_togo_sees_no_difference(
    world: World, asker: Callable[..., Client], scopes: frozenset[str]
) -> None:
    togo, world_wide = asker("TGO", scopes=scopes), asker(scopes=ADMIN)
    before, all_before = answers(togo), answers(world_wide)
    in_ghana(world)
    after, all_after = answers(togo), answers(world_wide)
    assert {p for p in PATHS if before[p] != after[p]} == set()
    assert {p for p in PATHS if all_before[p] != all_after[p]} >= {
        "/v1/alerts",
        "/v1/deliveries",
        "/v1/deployments",
        "/v1/events",
        "/v1/recommendations",
        "/v1/scores",
        "/v1/silences",
        "/v1/status",
        "/v1/subscriptions",
    }


def test_a_key_of_ghana_does(world: World, asker: Callable[..., Client]) -> None:
    ghana = asker("GHA", scopes=ADMIN)
    before = answers(ghana)
    in_ghana(world)
    changed = {path for path, answer in answers(ghana).items() if answer != before[path]}
    assert {"/v1/alerts", "/v1/scores", "/v1/silences", "/v1/sources", "/v1/status"} <= changed
    assert [each["id"] for each in ghana.items("/v1/subscriptions")] == [OTHER]
    assert [each["id"] for each in ghana.items("/v1/deliveries")] == [f"to-{OTHER}"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/v1/subscriptions/{OTHER}/code", None),
        (f"/v1/subscriptions/{OTHER}/verify", {"code": "x"}),
        (f"/v1/subscriptions/{OTHER}/test", None),
        (f"/v1/subscriptions/{OTHER}/rotate", None),
        (f"/v1/subscriptions/{OTHER}/end", None),
        (f"/v1/deliveries/to-{OTHER}/replay", None),
        ("/v1/deliveries/to-dakar:log/replay", None),
        ("/v1/silences/of-a-region/end", None),
        ("/v1/silences/of-a-country/end", None),
        ("/v1/alerts/a-ghana/acknowledge", {}),
        ("/v1/alerts/a-ghana/close", {"reason": "x"}),
        ("/v1/deployments/d2/steps", {"step": "consent_requested", "reason": "x"}),
        ("/v1/recommendations/r2/status", {"status": "done", "evidence": "x"}),
    ],
)
def test_an_administrator_of_togo_acts_on_nothing_of_ghana(
    world: World, asker: Callable[..., Client], path: str, body: object
) -> None:
    in_ghana(world)
    assert asker("TGO", scopes=ADMIN).send("POST", path, json=body).status_code == 404
    assert asker("GHA", "TGO", scopes=ADMIN).send("POST", path, json=body).status_code != 404 or (
        "dakar" in path  # the office covers more countries than the key
    )


def test_a_silence_of_several_countries_is_shown_as_far_as_the_key_covers_it(
    world: World, asker: Callable[..., Client]
) -> None:
    both = replace(SILENCE_OF_REGION, id="both", countries=("GHA", "TGO"), regions=())
    every = replace(both, id="every", countries=(), targets=("force",))
    regions = replace(every, id="regions", regions=("GH-AA", "TG-M"))
    own = replace(regions, id="own", countries=("TGO",), regions=("TG-M",))
    with world.store.write() as connection:
        for each in (both, every, regions, own):
            silences.add(connection, each)
    togo = asker("TGO", scopes=ADMIN)
    shown = {each["id"]: each for each in togo.items("/v1/silences")}
    assert {id_: (s["countries"], s["regions"]) for id_, s in shown.items()} == {
        "both": (["TGO"], []),
        "every": ([], []),
        "regions": ([], ["TG-M"]),
        "own": (["TGO"], ["TG-M"]),
    }
    told = {id_ for id_, each in shown.items() if each["reason"] == SILENCE_OF_REGION.reason}
    assert told == {"own"}
    assert shown["both"]["reason"] == WITHHELD
    for id_ in ("both", "every", "regions"):
        assert togo.send("POST", f"/v1/silences/{id_}/end").status_code == 404
    asked = {"region": "TG-M", "target": "force", "probability": 0.9, "observed": 3}
    # While its own silence lasts, the key reads its reason.
    assert SILENCE_OF_REGION.reason in togo.post("/v1/rules/dry-run", asked).text
    togo.send("POST", "/v1/silences/own/end")
    tried = togo.post("/v1/rules/dry-run", asked).text
    assert WITHHELD in tried
    assert SILENCE_OF_REGION.reason not in tried
    assert SILENCE_OF_REGION.reason in asker("GHA", "TGO").get("/v1/silences").text


RULES_OF_ACCRA = """
- {id: of-all, target: force, level: country, horizon_weeks: 4, raise_at: 0.5, close_below: 0.4}
- {id: of-both, target: force, level: country, horizon_weeks: 4, raise_at: 0.5, close_below: 0.4,
   offices: [accra, lome]}
- {id: of-accra, target: force, level: country, horizon_weeks: 4, raise_at: 0.5, close_below: 0.4,
   offices: [accra]}
"""
TWO_OFFICES = """
- {id: accra, name: Accra, language: en, countries: [GHA]}
- {id: lome, name: "Lomé", language: fr, countries: [TGO, GHA, BEN]}
- {id: all, name: All, language: en, countries: ["*"]}
"""


def with_two_offices(world: World, *countries: str) -> Client:
    """Return a client with a key for some countries. Accra and Lomé have rules of their own."""
    offices, rules = read_offices(TWO_OFFICES), read_rules(RULES_OF_ACCRA)
    book = replace(rulebook(), rules=rules, offices=offices)
    trying = DryRuns(lambda: replace(world.service(), rulebook=book))
    state = world.state(rulebooks=lambda: book, trying=trying)
    key = world.key(*countries, scopes=frozenset(SCOPES))
    return Client(create_app(state), {"X-API-Key": key})


def test_offices_and_rules_are_shown_as_far_as_the_key_covers_them(world: World) -> None:
    togo, both = with_two_offices(world, "TGO"), with_two_offices(world, "TGO", "GHA")
    shown = {each["id"]: each["countries"] for each in togo.items("/v1/offices")}
    assert shown == {"lome": ["TGO"], "all": ["*"]}
    assert {each["id"] for each in both.items("/v1/offices")} == {"accra", "lome", "all"}
    rules = {each["id"]: each["offices"] for each in togo.items("/v1/rules")}
    assert rules == {"of-all": ["*"], "of-both": ["lome"]}
    assert {each["id"] for each in both.items("/v1/rules")} == {"of-all", "of-both", "of-accra"}
    hashes = {each["id"]: each["hash"] for each in both.items("/v1/rules")}
    of_togo = {each["id"]: each["hash"] for each in togo.items("/v1/rules")}
    assert of_togo == {id_: hashes[id_] for id_ in of_togo}
    assert togo.get("/v1/scores?office=accra").status_code == 404
    assert {each["country"] for each in togo.items("/v1/scores?office=lome")} == {"TGO"}


def test_a_silence_of_a_rule_is_of_those_who_hear_it(world: World) -> None:
    togo = with_two_offices(world, "TGO")
    mixed = replace(SILENCE_OF_REGION, id="mixed", regions=(), rules=("of-accra", "of-both"))
    with world.store.write() as connection:
        silences.add(connection, mixed)
        silences.add(connection, replace(mixed, id="accra's", rules=("of-accra",)))
    assert {s["id"]: s["rules"] for s in togo.items("/v1/silences")} == {"mixed": ["of-both"]}
    asked = {"reason": "x", "ends_at": (NOW + timedelta(days=1)).isoformat()}
    assert togo.post("/v1/silences", asked | {"rules": ["of-both"]}).status_code == 201
    assert togo.post("/v1/silences", asked | {"rules": ["of-accra"]}).status_code == 422


def test_the_scores_of_a_country_stand_since_they_changed(
    world: World, asker: Callable[..., Client]
) -> None:
    togo, ghana = asker("TGO"), asker("GHA")
    etag = togo.get("/v1/scores").headers["etag"]
    in_ghana(world)
    assert togo.get("/v1/scores", {"If-None-Match": etag}).status_code == 304
    assert togo.get("/v1/scores").json()["as_of"] < NOW.isoformat()
    assert ghana.get("/v1/scores").json()["as_of"] == NOW.isoformat()
    again = ghana.get(f"/v1/scores?as_of={NOW.isoformat().replace('+', '%2B')}")
    assert again.json()["items"] == ghana.get("/v1/scores").json()["items"]


def test_deliveries_are_told_as_they_stand_now(client: Client) -> None:
    answer = client.get("/v1/deliveries?as_of=2020-01-01")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "as_of"


def test_a_cursor_from_the_future_is_refused(world: World, asker: Callable[..., Client]) -> None:
    made = asker(scopes=ADMIN)
    in_ghana(world)
    following = made.get("/v1/deliveries?limit=1").json()["next"]
    world.clock.now = NOW - timedelta(days=1)
    assert made.get(following).json()["type"] == "/problems#future-moment"
