"""Tests of trials over the API: other rules on past scores, beside those in force."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import orjson
import pytest

from api.app import create_app
from api.routes import rule_trials
from api.serving.texts import MOST_OF_FILE
from ewarn.domain.key import PARTNER_SCOPES, PartnerLimits
from ewarn.languages.problem_details import DETAILS
from ewarn.pipeline.alerts.rule_trial import try_rules
from ewarn.pipeline.alerts.trial_record import trial_record
from ewarn.rulebook.rules import read_rules, rule_text
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.test_rules import rows
from tests.api.world import FIRST_ORIGIN, LAST_ORIGIN, NOW, World, rulebook

RULE = "{id: one, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.2, close_below: 0.1}"
BODY = {"rules": f"- {RULE}\n", "from": "2020-01-01", "to": "2020-02-29"}


def tried(client: Client, **others: str) -> httpx.Response:
    """Return the answer to a trial. `first` and `last` are days."""
    days = {"first": "from", "last": "to"}
    given = {days.get(name, name): value for name, value in others.items()}
    return client.post("/v1/rules/trial", BODY | given)


def fault(answer: httpx.Response) -> Mapping[str, str]:
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    found: dict[str, str] = error
    return found


def file_of(world: World) -> str:
    """Return the rules in force as a file."""
    texts = [rule_text(each) for each in world.service().rulebook.rules]
    return "".join("- " + "\n  ".join(text.splitlines()) + "\n" for text in texts)


def test_it_answers_what_the_command_prints_and_stores_nothing(world: World, asker: Asker) -> None:
    client, before = asker(), rows(world)
    answer = tried(client)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["from"], found["to"], found["origins"]) == ("2020-01-06", "2020-02-24", 8)
    assert found["tried"]["alerts"] == found["tried"]["rules"]["one"]["alerts"] == 2
    assert set(found["tried"]["regions"]) == {"TG-C", "TG-M"}
    assert found["in_force"]["rules"]["force-admin1"]["alerts"] == 8
    later = {each["region"]: each for each in found["difference"]["later"]}
    assert later["TG-M"]["opened_on"] > later["TG-M"]["in_force_opened_on"] == "2020-01-06"
    span = (date(2020, 1, 1), date(2020, 2, 29))
    report = try_rules(world.service(), read_rules(BODY["rules"]), span, NOW)
    assert found == orjson.loads(orjson.dumps(trial_record(report)))
    assert rows(world) == before


def test_the_rules_in_force_differ_in_nothing_from_themselves(world: World, asker: Asker) -> None:
    found = tried(asker(), rules=file_of(world)).json()
    assert found["tried"] == found["in_force"]
    assert found["tried"]["alerts"] > 0
    assert not any(found["difference"].values())


def test_the_list_of_rules_has_the_text_that_can_be_tried(world: World, asker: Asker) -> None:
    texts = [each["text"] for each in asker().items("/v1/rules")]
    assert texts == [rule_text(each) for each in world.service().rulebook.rules]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {id: one}", "rules, line 1: the field 'target' is missing"),
        (f"\n\n- {RULE}".replace("force", "peace"), "rules, line 3: 'peace' is not a target"),
        (f"- {RULE}\n- {RULE}", "rules, line 2: a rule called 'one' is already defined above"),
        ("  - {id: one,\n", "rules, line 2: this is not YAML"),
        (f"- {RULE[:-1]}, offices: [x]}}", "rules, line 1: rule 'one' names the office 'x'"),
        (
            f"- {RULE}".replace("raise_at: 0.2, close_below: 0.1", "budget: 3"),
            "rules, line 1: rule",
        ),
        ("[]", "holds no rule"),
        ("# nothing", "rules is empty"),
        ("", "at least 1 character"),
        ("".join(f"- {RULE}\n".replace("one", f"r{n}") for n in range(31)), "holds 31 rules; 30"),
        ("a" * (MOST_OF_FILE + 1), "65536 are the most"),
        ("- &a [x]\n- [*a, *a]", "line 1: anchors and aliases are not read"),
        ("[" * 60_000, "line 1: this is nested more than 20 levels deep"),
        ("- !!python/name:os.system x", "tags such as"),
    ],
)
def test_wrong_rules_are_refused_at_their_field_with_the_line(
    asker: Asker, text: str, said: str
) -> None:
    found = fault(tried(asker(), rules=text))
    assert found["field"] == "rules"
    assert said in found["detail"]


@pytest.mark.parametrize(
    ("days", "field", "said"),
    [
        ({"first": "yesterday"}, "from", "'yesterday' is not a day"),
        ({"last": "2019-12-31"}, "to", "is before the first day, 2020-01-01"),
        ({"last": "2021-01-01"}, "to", "before 2021-01-01: a trial covers at most 366 days"),
    ],
)
def test_wrong_days_are_refused_at_their_field(
    asker: Asker, days: dict[str, str], field: str, said: str
) -> None:
    found = fault(tried(asker(), **days))
    assert found["field"] == field
    assert said in found["detail"]


def test_a_whole_year_is_tried(asker: Asker) -> None:
    assert tried(asker(), last="2020-12-31").status_code == 200


def test_days_without_scores_are_said_in_a_sentence(asker: Asker) -> None:
    answer = tried(asker(), first="2010-01-01", last="2010-12-31")
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems#not-possible"
    said = f"they are from {FIRST_ORIGIN} to {LAST_ORIGIN}."
    assert answer.json()["detail"].endswith(said)


def test_rules_that_open_too_many_alerts_are_stopped(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_trials, "MOST_ALERTS", 1)
    answer = tried(asker())
    assert answer.status_code == 409
    assert "the rules open more than 1 alerts from 2020-01-06" in answer.json()["detail"]


def test_one_trial_runs_at_a_time(world: World, asker: Asker) -> None:
    client = asker()
    with client.app.state.ewarn.trial_lock:
        answer = tried(client)
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems#trial-running"
        assert answer.headers["retry-after"] == "30"
    for _ in range(2):  # a trial that fails ends, too
        assert tried(client, rules="x").status_code == 422
    assert tried(client).status_code == 200


@pytest.mark.parametrize("scopes", [{"scores:read"}, {"alerts:read"}, {"alerts:act"}])
def test_it_needs_scores_and_alerts(asker: Asker, scopes: set[str]) -> None:
    answer = tried(asker(scopes=scopes))
    assert answer.status_code == 403
    assert answer.json()["scope"] == ["scores:read", "alerts:read"]
    assert tried(asker(scopes={"admin"})).status_code == 200


def test_it_needs_a_key_of_all_countries_and_of_no_partner(asker: Asker) -> None:
    refused = tried(asker("TGO")).json()
    assert refused["type"] == "/problems#countries-required"
    # So a page says it in other languages.
    assert any(each.read(refused["detail"]) is not None for each in DETAILS.known)
    limits = PartnerLimits((), FIRST_ORIGIN, LAST_ORIGIN)
    partner = asker("TGO", scopes=PARTNER_SCOPES, partner=limits)
    assert tried(partner).json()["type"] == "/problems#not-for-partners"


def test_the_rules_in_force_are_those_of_the_files_now(world: World) -> None:
    book = rulebook()
    (rule,) = read_rules(BODY["rules"])
    service = replace(world.service(), rulebook=replace(book, rules=()))
    service = replace(service, rulebooks=InForce(replace(book, rules=(rule,))))
    state = world.state(service=service)
    client = Client(create_app(state), {"X-API-Key": world.key()})
    found = tried(client).json()
    assert found["in_force"] == found["tried"]


class InForce:
    """Rules that came into force after the service was opened."""

    problem = ""

    def __init__(self, book: Any) -> None:
        self._book = book

    def __call__(self) -> Any:
        return self._book
