"""Tests of rules over the API: those in force, their past texts, and dry runs."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from api.app import create_app
from ewarn.domain.recipient import Digest, Pace, QuietHours, Recipient
from ewarn.domain.region import Office
from ewarn.domain.rule import NEVER, QuietRise, Rise
from ewarn.domain.silence import Silence
from ewarn.pipeline.alerts.dry_run import DryRuns
from ewarn.rulebook.rules import read_rules, rule_text
from ewarn.store.alerts import silences
from ewarn.store.tables.base import metadata
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import NOW, RULE, RULE_HASH, World

ADDRESS = "desk@example.org"
QUIET = "BJ-AK"  # its country has no open alert


def supposed(**others: Any) -> dict[str, Any]:
    values = {"region": "TG-M", "target": "force", "horizon_weeks": 4, "probability": 0.06}
    return values | {"observed": True} | others


def asked(client: Client, **others: Any) -> dict[str, Any]:
    """Return the verdicts of a dry run by rule."""
    answer = client.post("/v1/rules/dry-run", supposed(**others))
    assert answer.status_code == 200, answer.text
    return {each["rule"]: each for each in answer.json()["rules"]}


def told(verdict: dict[str, Any]) -> list[tuple[str | None, str | None, str]]:
    (change,) = verdict["changes"]
    return [
        (each["office"], each["subscription"], each["channel"]) for each in change["recipients"]
    ]


def rows(world: World) -> dict[str, int]:
    with world.store.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def under(
    world: World, *recipients: Recipient, countries: tuple[str, ...] = ("*",), **of_rule: Any
) -> Client:
    """Return a client of a service with one office and a changed rule for subdivisions."""
    office = Office("lome", "Lomé", "fr", countries, recipients)
    service = world.service()
    rules = tuple(replace(rule, **of_rule) for rule in service.rulebook.rules if "force" in rule.id)
    service = replace(service, rulebook=replace(service.rulebook, rules=rules, offices=(office,)))
    state = replace(
        world.state(), trying=DryRuns(lambda: service), rulebooks=lambda: service.rulebook
    )
    return Client(create_app(state), {"X-API-Key": world.key()})


def desk(name: str = "one", **others: Any) -> Recipient:
    pace = Pace(**others.pop("pace", {}))
    return Recipient(f"lome:{name}", "lome", "email", ADDRESS, "fr", pace=pace, **others)


def test_the_rules_in_force_with_the_hash_of_their_text(client: Client) -> None:
    found = {each["id"]: each for each in client.items("/v1/rules")}
    assert list(found) == [
        "force-country",
        "force-admin1",
        "escalation-country",
        "escalation-admin1",
        "killings-country",
        "unusual-country",
        "unusual-admin1",
    ]
    rule = found["force-country"]
    assert (rule["raise_at"], rule["close_below"], rule["cool_down"]) == (None, 0.015, 8)
    assert rule["rise"] == {
        "floor": 0.015,
        "factor": 1.7,
        "weeks": 5,
        "again_after": 8,
        "again_factor": 1.5,
        "quiet": {"times": 3.5, "again_after": 13},
    }
    assert found["force-admin1"]["rise"] is None
    assert rule["hash"] == RULE_HASH


def test_which_words_opened_an_alert(client: Client) -> None:
    (opened, *_) = client.get("/v1/alerts/a1").json()["timeline"]
    version = client.get(f"/v1/rules/{opened['rule_hash']}").json()
    assert version["rule"] == "force-country"
    assert version["text"] == rule_text(RULE)
    assert read_rules("- " + version["text"].replace("\n", "\n  ").rstrip())[0] == RULE
    assert client.get("/v1/rules/nothing").status_code == 404


def test_a_rule_with_a_budget_shows_no_threshold_that_it_does_not_have(world: World) -> None:
    client = under(world, budget=12.0)
    rule = client.items("/v1/rules")[0]
    assert (rule["raise_at"], rule["thresholds"], rule["budget"]) == (None, {}, 12.0)
    reasons = asked(client)["force-admin1"]["unmet"]
    assert reasons == ["its budget gives it no threshold on a source that is not named"]


def test_a_dry_run_says_which_rule_matches_and_why_each_other_does_not(
    world: World, client: Client
) -> None:
    before = rows(world)
    found = asked(client)
    assert found["force-admin1"]["matches"]
    (change,) = found["force-admin1"]["changes"]
    assert (change["change"], change["state"], change["band"]) == ("opened", "open", "high")
    assert "probability 0.060 at or above 0.05" in change["reason"]
    assert found["force-country"]["unmet"] == ["it is for another level: country, not admin1"]
    assert found["escalation-admin1"]["unmet"] == [
        "it is for another target: escalation, not force"
    ]
    short = asked(client, probability=0.03)["force-admin1"]
    assert short["unmet"] == ["0.03 lies 0.02 below 0.05, at which it raises"]
    assert short["changes"] == []
    bare = asked(client, probability=None)["force-admin1"]
    assert "uncalibrated" in bare["unmet"][0]
    assert asked(client, basis="uncalibrated")["force-admin1"]["unmet"] == bare["unmet"]
    assert rows(world) == before


def test_hold_cool_down_and_an_origin_that_was_seen(world: World) -> None:
    holding = asked(under(world, hold_for=3))["force-admin1"]
    assert holding["unmet"] == ["it must hold for 2 more weeks before it opens"]
    assert [change["change"] for change in holding["changes"]] == ["pending"]
    assert holding["changes"][0]["suppression"]
    country = asked(under(world), region="TGO", probability=0.06)["force-country"]
    assert (country["alert"], country["unmet"]) == ("a1", [])
    key = Client(under(world).app, {"X-API-Key": world.key(scopes={"alerts:act"})})
    assert key.post("/v1/alerts/a1/close", {"reason": "an invented one"}).status_code == 200
    level = under(world, raise_at=0.05, rise=None)
    cooling = asked(level, region="TGO", probability=0.06)["force-country"]
    (seen,) = (each for each in cooling["unmet"] if "cools down" in each)
    assert seen == "it cools down until 2020-04-27, unless the band rises above critical"
    rising = asked(under(world), region="TGO", probability=0.06)["force-country"]
    assert [change["change"] for change in rising["changes"]] == ["opened"], "no rise cools down"


def test_a_detector_s_rule_looks_at_its_bound(world: World) -> None:
    client = under(world, detector=True)
    assert asked(client, observed=3, upper=2.5, probability=None)["force-admin1"]["matches"]
    within = asked(client, observed=2, upper=2.5)["force-admin1"]["unmet"]
    assert within == ["2 events do not exceed the detector's bound, 2.5"]
    assert "not known" in asked(client, observed=False, upper=2.5)["force-admin1"]["unmet"][0]
    shared = under(world, detector=True, false_discovery=0.1)
    assert asked(shared, false_discovery=0.1)["force-admin1"]["matches"]
    assert (
        "in 20% of weeks, and the rule allows"
        in asked(shared, false_discovery=0.2)["force-admin1"]["unmet"][0]
    )


def test_who_would_be_told_and_when_but_no_address(world: World, client: Client) -> None:
    night = QuietHours(time(10), time(18))
    quiet, digest = desk("q", pace={"quiet": night}), desk("d", pace={"digest": Digest.WEEKLY})
    later, others = desk("later", tier=2), desk("others", countries=("GHA",))
    one = under(world, quiet, digest, later, others, desk("now"))
    answer = one.post("/v1/rules/dry-run", supposed(region=QUIET))
    assert ADDRESS not in answer.text
    (change,) = next(r for r in answer.json()["rules"] if r["matches"])["changes"]
    assert [(each["office"], each["channel"], each["tier"]) for each in change["recipients"]] == [
        ("lome", "email", 1)
    ] * 3
    leaves = [each["leaves_at"][:16] for each in change["recipients"]]
    assert leaves == ["2020-03-02T18:00", "2020-03-09T08:00", "2020-03-02T12:00"]
    urgent = asked(one, region=QUIET, probability=0.3)["force-admin1"]["changes"][0]
    assert urgent["urgent"]
    assert {each["leaves_at"][:16] for each in urgent["recipients"]} == {"2020-03-02T12:00"}
    own = told(asked(client, region=QUIET)["force-admin1"])
    assert ("geneva", None, "log") in own
    assert [each for each in own if each[1]] == [(None, "sub1", "webhook")]


def test_the_subscriptions_of_other_keys_are_not_shown(
    world: World, client: Client, asker: Asker
) -> None:
    assert any(each[1] for each in told(asked(client, region=QUIET)["force-admin1"]))
    assert not any(each[1] for each in told(asked(asker(), region=QUIET)["force-admin1"]))


def test_what_would_hold_the_news_back(world: World, client: Client) -> None:
    silence = Silence("s9", "Lomé", "repairs", NOW, NOW + timedelta(days=2), countries=("TGO",))
    with world.store.write() as connection:
        silences.add(connection, silence)
    (change,) = asked(client)["force-admin1"]["changes"]
    assert change["recipients"] == []
    assert change["suppression"] == "silenced until 2020-03-04 12:00 UTC by Lomé: repairs"
    assert change["silences"] == [
        {"id": "s9", "author": "Lomé", "reason": "repairs", "until": silence.ends_at.isoformat()}
    ]
    assert change["country_alert"] == "a1"
    after = (NOW + timedelta(days=3)).isoformat()
    (later,) = asked(client, at=after)["force-admin1"]["changes"]
    assert (later["silences"], later["country_alert"]) == ([], "a1")
    assert later["suppression"] is None, "it travels with the news of its country"


@pytest.mark.parametrize(
    ("others", "status"),
    [
        ({"region": "GH-AA"}, 404),
        ({"region": "nowhere"}, 404),
        ({"target": "onset"}, 422),
        ({"target": "peace"}, 422),
        ({"probability": 1.5}, 422),
        ({"observed": -1}, 422),
        ({"at": "2019-01-01T00:00:00Z"}, 422),
        ({"at": "9999-12-31T23:59:59Z"}, 422),
        ({"at": "2020-03-05"}, 422),
        ({"colour": "red"}, 422),
    ],
)
def test_what_cannot_be_supposed(asker: Asker, others: dict[str, Any], status: int) -> None:
    answer = asker("TGO").post("/v1/rules/dry-run", supposed(**others))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_sees_the_rules_of_offices_that_watch_its_countries(world: World) -> None:
    of_others = under(world, countries=("GHA",))
    togo = Client(of_others.app, {"X-API-Key": world.key("TGO")})
    assert togo.items("/v1/rules") == []
    assert asked(togo) == {}
    assert len(of_others.items("/v1/rules")) == 2


def test_a_quiet_region_can_be_supposed(world: World) -> None:
    rise = Rise(0.02, 9, 4, 6, 1.5, quiet=QuietRise(times=3, again_after=13))
    client = under(world, rise=rise, raise_at=NEVER)
    supposing = {"region": QUIET, "probability": 0.05}
    assert not asked(client, **supposing)["force-admin1"]["matches"]
    assert asked(client, **supposing, relative_risk=4)["force-admin1"]["matches"]
    (why,) = asked(client, **supposing, relative_risk=2)["force-admin1"]["unmet"]
    assert "the probability is 2 times the mean of such regions" in why
