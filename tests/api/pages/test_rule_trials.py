"""Tests of trials on the page of the rules: other rules on past scores, beside those in force."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from api.app import create_app
from api.pages.alerting.rule_trials import as_file
from ewarn.domain.key import READ_SCOPES
from ewarn.rulebook.rules import read_rules, rule_text
from ewarn.store.database.engine import Store
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.test_rules import rows
from tests.api.world import World, rulebook

ONE = "- {id: one, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.2, close_below: 0.1}"
FIELDS = {"act": "trial", "rules": ONE, "from": "2020-01-01", "to": "2020-02-29"}


def tried(person: Person, **others: str) -> httpx.Response:
    """Return the page that answers the form of a trial. `first` and `last` are days."""
    days = {"first": "from", "last": "to"}
    given = {days.get(name, name): value for name, value in others.items()}
    return person.post("/rules", FIELDS | given, page="/rules")


def typed(page: httpx.Response) -> str:
    """Return what stands in the field for rules, as a browser sends it: the first break is none."""
    found = re.search(r'<textarea[^>]*name="rules"[^>]*>(.*?)</textarea>', page.text, re.S)
    assert found is not None
    return unescape(found[1]).removeprefix("\n")


def day_of(page: httpx.Response, name: str) -> str:
    found = re.search(rf'type="date" name="{name}"[^>]*value="([^"]*)"', page.text)
    assert found is not None
    return found[1]


def test_the_form_holds_the_rules_in_force_and_the_last_year_with_scores(visitor: Visitor) -> None:
    page = visitor().get("/rules")
    stated = read_rules(typed(page))
    assert [rule_text(each) for each in stated] == [rule_text(each) for each in rulebook().rules]
    assert (day_of(page, "from"), day_of(page, "to")) == ("2019-03-11", "2020-03-02")


def test_what_was_sent_unchanged_differs_in_nothing(visitor: Visitor) -> None:
    person = visitor()
    page = person.get("/rules")
    sent = tried(person, rules=typed(page).replace("\n", "\r\n"), last="2020-03-02")
    text = words(sent)
    assert "68 alerts, 32.9 a month; under the rules in force 68, 32.9 a month." in text
    for title in (
        "Only the rules tried would open none",
        "Only the rules in force would open none",
        "The rules tried would open earlier none",
        "The rules tried would open later none",
    ):
        assert title in text


def test_a_trial_is_told_in_words_and_keeps_what_was_typed(world: World, visitor: Visitor) -> None:
    person, before = visitor(), rows(world)
    page = tried(person, rules=f"\n  {ONE} # <b>mine</b>")
    text = words(page)
    assert "From 6 Jan 2020 to 24 Feb 2020" in text
    assert "2 alerts, 1.1 a month; under the rules in force 68, 37.0 a month." in text
    assert "Outcomes of few alerts say little" in text
    assert "one tried 2 1.1 0 0 2 –" in text
    assert "force-admin1 in force 8 4.3 0 0 8 –" in text
    assert "All rules tried 2 1.1 0 0 2 – in force 68 37.0 0 0 68 –" in text
    assert "Without an alert under both: force-country, killings-country, unusual-country" in text
    assert typed(page) == f"\n  {ONE} # <b>mine</b>"
    assert (day_of(page, "from"), day_of(page, "to")) == ("2020-01-01", "2020-02-29")
    assert {name: rows(world)[name] for name in before if name != "session"} == {
        name: number for name, number in before.items() if name != "session"
    }


def test_differences_lead_to_the_place_on_that_day(visitor: Visitor) -> None:
    page = tried(visitor())
    link = "/regions/TG-M?target=force&amp;as_of=2020-02-24"
    assert f'<a href="{link}">Maritime, Togo</a>' in page.text
    assert "Maritime, Togo 24 Feb 2020 in place of 6 Jan 2020" in words(page)
    assert visitor().get(unescape(link)).status_code == 200


def test_a_long_list_is_shortened_and_says_by_how_many(visitor: Visitor) -> None:
    page = tried(visitor())
    text = words(page)
    only = re.search(r"Only the rules in force would open (\d+)", text)
    assert only is not None
    assert f"… and {int(only[1]) - 20} more" in text
    assert page.text.count('<li class="item"><a href="/regions/') == 20 + 1


def test_rules_with_a_budget_are_offered_without_their_thresholds() -> None:
    budget = "id: b\ntarget: force\nlevel: country\nhorizon_weeks: 4\nbudget: 12.0\n"
    (rule,) = read_rules(as_file([{"text": budget + "thresholds: {gdelt: 0.03}\n"}]))
    assert rule.budget == 12


@pytest.mark.parametrize(
    ("others", "status", "said"),
    [
        ({"rules": f"\n{ONE}".replace("force", "peace")}, 422, "rules, line 2: 'peace' is not a"),
        ({"rules": ""}, 422, "This field must be filled in."),
        ({"rules": "x" * 70_000}, 422, "65536 are the most"),
        ({"first": ""}, 422, "'' is not a day"),
        ({"last": "2019-01-01"}, 422, "is before the first day, 2020-01-01"),
        ({"last": "2021-01-01"}, 422, "a trial covers at most 366 days"),
        ({"first": "2010-01-01", "last": "2010-02-01"}, 409, "there are no scores from 2010-01-01"),
    ],
)
def test_what_cannot_be_tried_is_said_and_what_was_typed_is_kept(
    visitor: Visitor, others: dict[str, str], status: int, said: str
) -> None:
    page = tried(visitor(), **others)
    assert page.status_code == status
    assert said in words(page)
    assert "a month" not in words(page).partition("Try rules on the past")[2]
    assert typed(page) == others.get("rules", ONE)
    assert day_of(page, "to") == others.get("last", FIELDS["to"])


def test_the_line_that_is_wrong_is_quoted(visitor: Visitor) -> None:
    page = tried(visitor(), rules="- id: one\n  target: <i>peace</i>\n")
    assert "<code>target: &lt;i&gt;peace&lt;/i&gt;</code>" in page.text


def test_while_another_trial_runs_the_form_says_so(world: World) -> None:
    state = world.state()
    person = Person(create_app(state))
    person.sign_in(world.key())
    with state.trial_lock:
        page = tried(person)
    assert page.status_code == 503
    assert "Somebody else is trying rules just now." in words(page)
    assert typed(page) == ONE


@pytest.mark.parametrize(
    ("countries", "others", "said"),
    [
        (("TGO",), {}, "a trial counts the alerts of all countries, and your key covers only some"),
        ((), {"scopes": READ_SCOPES - {"scores:read"}}, "it lacks the scope scores:read"),
    ],
)
def test_who_may_not_try_sees_one_line_that_says_why(
    visitor: Visitor, countries: tuple[str, ...], others: dict[str, Any], said: str
) -> None:
    person = visitor(*countries, **others)
    page = person.get("/rules")
    assert said in words(page)
    assert 'name="rules"' not in page.text.partition('id="trial"')[2].partition("</section>")[0]
    assert person.post("/rules", FIELDS, page="/rules").status_code == 403


def test_without_scores_there_is_nothing_to_try(store: Store) -> None:
    world = World(store)
    person = Person(create_app(world.state()))
    person.sign_in(world.key())
    page = person.get("/rules")
    assert "There are no scores yet to try rules on." in words(page)
    assert 'id="trial-rules"' not in page.text


def test_a_hostile_name_of_a_rule_stays_text(visitor: Visitor) -> None:
    hostile = ONE.replace("id: one", 'id: "<script>alert(1)</script>"')
    page = tried(visitor(), rules=hostile)
    assert page.status_code == 200
    assert "<script>alert(1)" not in page.text
    assert "<script>alert(1)</script> tried 2" in words(page)


def test_days_and_numbers_are_in_the_language_of_the_reader(visitor: Visitor) -> None:
    text = words(tried(visitor(language="fr")))
    assert "24 févr. 2020" in text
    assert "2 1,1 0 0 2 –" in text
