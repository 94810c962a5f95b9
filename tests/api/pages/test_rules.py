"""Tests of the page of the rules: in words, tried on a score, and with their silences."""

from datetime import date, timedelta

import pytest

from ewarn.domain.key import PARTNER_SCOPES, READ_SCOPES, PartnerLimits
from ewarn.domain.silence import Silence
from ewarn.store.alerts import silences
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import words
from tests.api.world import NOW, World

ACTS = READ_SCOPES | {"alerts:act"}
DAY = timedelta(days=1)


def test_each_rule_is_said_in_words(visitor: Visitor) -> None:
    page = visitor().get("/rules")
    text = words(page)
    assert 'id="rule-force-country"' in page.text
    for part in (
        "It warns of lethal force against demonstrators in countries within 4 weeks.",
        "the probability is 1.5% or more, and at least 1.7 times the lowest of the last 5 weeks.",
        "It opens when the probability is 5.0% or more, for 1 week.",
        "It closes when the probability is below 2.0%, for 4 weeks in a row.",
        "For 26 weeks after that, only a higher level opens it again.",
        "within 24 hours, the next recipients are notified.",
        "chance alone brings such an alarm in at most 15% of weeks",
        "It reads only these sources: gdelt.",
        "Notified: all offices",
    ):
        assert part in text
    assert "id: force-country target: force" in text  # as it was written


def test_it_says_how_to_try_rules_on_the_past(visitor: Visitor) -> None:
    assert "ewarn rules test new.yaml" in words(visitor().get("/rules"))


def test_a_supposed_score_says_which_rules_would_match(visitor: Visitor) -> None:
    page = visitor().get("/rules?region=TG-M&target=force&probability=62")
    text = words(page)
    assert "Maritime, Togo:" in text
    assert "Rule force-admin1 would match" in text
    assert "Alert opened, level critical: probability 0.620 at or above 0.05 for 1 week." in text
    assert "Rule force-country would" not in text  # it is about countries
    assert 'value="62"' in page.text


def test_a_score_that_no_rule_minds_says_why(visitor: Visitor) -> None:
    text = words(visitor().get("/rules?region=TG-M&target=force&probability=1,5"))
    assert "Rule force-admin1 would not match" in text
    assert "0.015 lies 0.035 below 0.05, at which it raises" in text


def test_why_a_rule_does_not_match_is_said_in_the_language_of_the_reader(visitor: Visitor) -> None:
    asked = "/rules?region=TG-M&target=escalation&source=gdelt&observed=3&false_discovery=20"
    english = "chance alone brings such an alarm in 20% of weeks, and the rule allows 15%"
    assert english in words(visitor().get(asked))
    assert english not in words(visitor(language="fr").get(asked))


def test_a_silence_that_would_hold_up_the_messages_is_named(world: World, visitor: Visitor) -> None:
    silenced = visitor().get("/rules?region=GHA&target=force&probability=62")
    assert "A silence of Accra would suppress the messages until" in words(silenced)


def test_nothing_is_stored_by_trying(visitor: Visitor) -> None:
    person = visitor()
    before = person.get("/v1/alerts").json()["items"]
    person.get("/rules?region=TG-M&target=force&probability=62")
    assert person.get("/v1/alerts").json()["items"] == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("region=Atlantis&target=force&probability=5", "There is no region"),
        ("region=TG-M&target=force&probability=many", "many is not a number."),
        ("region=TG-M&target=force&probability=500", "Look at the fields marked below."),
        ("region=TG-M&target=joy&probability=5", "Look at the fields marked below."),
        ("region=TG-M&target=force&probability=5&at=soon", "soon is not a day."),
        ("region=TG-M&target=force&probability=5&at=2019-01-01", "must be"),
    ],
)
def test_a_score_that_cannot_be_is_refused_beside_its_field(
    visitor: Visitor, asked: str, said: str
) -> None:
    page = visitor().get(f"/rules?{asked}")
    assert page.status_code == 200
    assert said in words(page)
    assert 'id="tried"' not in page.text


def test_another_country_cannot_be_tried(visitor: Visitor) -> None:
    text = words(visitor("GHA").get("/rules?region=TG-M&target=force&probability=5"))
    assert "There is no region 'TG-M' for this key." in text


def test_silences_are_listed_with_who_why_and_until_when(visitor: Visitor) -> None:
    text = words(visitor().get("/rules")).partition("Silences 1")[2]
    for part in ("until 9 Mar 2020, 12:00 UTC", "by Accra", "an invented reason", "Ghana"):
        assert part in text
    assert "End this silence" not in text
    assert "it lacks the scope alerts:act" in text


def test_a_country_is_silenced_and_the_silence_ended(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    fields = {"act": "silence", "countries": "TGO", "targets": "", "rules": "", "lasts": "1"}
    page = person.post("/rules", fields | {"reason": "Repairs."}, page="/rules")
    assert "The silence is in force." in words(page)
    made = next(
        each
        for each in person.get("/v1/silences").json()["items"]
        if each["author"] == "Ama (a test)"
    )
    assert (made["countries"], made["targets"], made["rules"]) == (["TGO"], [], [])
    assert made["ends_at"] == (NOW + DAY).isoformat()
    sent = {"act": "end-silence", "silence": made["id"]}
    ended = person.post("/rules", sent, page="/rules")
    assert "The silence is ended." in words(ended)
    assert "ended on 2 Mar 2020, 12:00 UTC by Ama (a test)" in words(ended)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"countries": "", "targets": "force", "lasts": "1", "reason": "x"}, "Choose a country."),
        ({"countries": "TGO", "lasts": "1", "reason": ""}, "Write a reason."),
        ({"countries": "TGO", "lasts": "400", "reason": "x"}, "Choose how long it lasts."),
    ],
)
def test_a_silence_without_country_reason_or_end_is_refused(
    visitor: Visitor, fields: dict[str, str], said: str
) -> None:
    person = visitor(scopes=ACTS)
    page = person.post("/rules", {"act": "silence"} | fields, page="/rules")
    assert page.status_code == 422
    assert said in words(page)
    assert len(person.get("/v1/silences").json()["items"]) == 1


def test_a_reader_cannot_silence(visitor: Visitor) -> None:
    person = visitor()
    fields = {"act": "silence", "countries": "TGO", "lasts": "1", "reason": "x"}
    assert person.post("/rules", fields, page="/rules").status_code == 403


def test_hostile_words_stay_words(world: World, visitor: Visitor) -> None:
    hostile = Silence("s2", "x", "<script>alert(1)</script>", NOW - DAY, NOW + DAY, ("TGO",))
    with world.store.write() as connection:
        silences.add(connection, hostile)
    page = visitor().get("/rules?target=force&region=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert(1)" not in page.text
    assert page.text.count("&lt;script&gt;alert(1)") >= 2


def test_what_a_key_may_not_read_is_one_line(visitor: Visitor) -> None:
    limits = PartnerLimits((), date(2020, 1, 1), date(2020, 2, 29))
    partner = visitor("TGO", scopes=PARTNER_SCOPES, partner=limits).get("/rules")
    assert partner.status_code == 200
    assert "Your key may not read the rules." in words(partner)
    scores = visitor(scopes=frozenset({"scores:read"})).get("/rules")
    assert "Your key may not read the rules." in words(scores)


def test_a_rule_of_another_office_is_not_shown(world: World, visitor: Visitor) -> None:
    assert "force-country" in visitor("GHA").get("/rules").text
