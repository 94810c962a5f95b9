"""Tests of the page of one alert: what it shows, and what a person can do there."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from api.app import create_app
from ewarn.domain.alert import ChangeKind
from ewarn.domain.delivery import Message
from ewarn.domain.deployment import Proposal
from ewarn.domain.key import PARTNER_SCOPES, READ_SCOPES, PartnerLimits
from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Office
from ewarn.domain.score import SourceFooting
from ewarn.domain.silence import Silence
from ewarn.domain.source import Health
from ewarn.domain.subscription import Subscription
from ewarn.domain.suppression import SuppressedChange, SuppressionReason
from ewarn.domain.target import Band
from ewarn.response.steps import propose
from ewarn.store.alerts import silences, suppressed_changes
from ewarn.store.delivery import notifications, outbox, subscriptions
from ewarn.store.response import deployments
from ewarn.store.tables.delivery import delivery_attempt
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.world import LAST_ORIGIN, NOW, OPEN_TERMS, World, alert, rulebook, scores_of

HOUR = timedelta(hours=1)

ACTS = READ_SCOPES | {"alerts:act"}
DAY = timedelta(days=1)


def story(person: Person) -> list[tuple[str, str, str]]:
    """Return the changes of the alert that people made."""
    timeline = person.get("/v1/alerts/a1").json()["timeline"]
    made = [(each["kind"], each["actor"], each["reason"]) for each in timeline]
    return [each for each in made if each[1] != "ewarn"]


def silence_of_ama(person: Person) -> dict[str, Any]:
    """Return the silence that Ama began."""
    found = person.get("/v1/silences").json()["items"]
    return next(each for each in found if each["author"] == "Ama (a test)")


def act(person: Person, **fields: object) -> httpx.Response:
    return person.post("/alerts/a1", fields, page="/alerts/a1")


def test_it_shows_where_what_how_likely_and_since_when(visitor: Visitor) -> None:
    page = visitor().get("/alerts/a1")
    text = words(page)
    for part in (
        "Togo lethal force against demonstrators",
        "Level critical",
        "38%",
        "Highest level critical",
        "Open for 42 days since 20 Jan 2020",
        "Last warning",
        "force-country",
    ):
        assert part in text
    assert 'href="/regions/TGO?target=force"' in page.text
    assert 'href="/rules#rule-force-country"' in page.text
    assert 'href="/v1/alerts/a1.cap"' in page.text


def test_it_says_what_happened_by_whom_and_why(visitor: Visitor) -> None:
    text = words(visitor().get("/alerts/a1"))
    newest = text.index("alert raised · by the rule")
    assert newest < text.index("alert opened · by the rule")
    assert "38% is critical, the highest it was" in text


def test_reasons_are_in_the_language_of_the_reader(world: World, visitor: Visitor) -> None:
    raised = alert(band=Band.CRITICAL, highest=Band.CRITICAL)
    reason = "probability 0.380: high became critical"
    world.change(raised, ChangeKind.RAISED, NOW, reason)
    text = words(visitor(language="fr").get("/alerts/a1"))
    assert reason not in text
    assert "0,380" in text


def test_it_shows_the_rule_in_words_and_as_it_was_written(visitor: Visitor) -> None:
    text = words(visitor().get("/alerts/a1"))
    assert "It opens on a rise: the probability is 1.5% or more" in text
    assert "id: force-country target: force" in text


def test_it_shows_why_the_risk_is_at_this_level(visitor: Visitor) -> None:
    text = words(visitor().get("/alerts/a1"))
    assert "Probability now" in text
    assert "× protests" in text
    assert "invented" in text


def test_a_key_without_scores_reads_one_line_in_their_place(visitor: Visitor) -> None:
    page = visitor(scopes=frozenset({"alerts:read"})).get("/alerts/a1")
    assert page.status_code == 200
    text = words(page)
    assert "Your key may not read scores." in text
    assert "Your key may not read deployments." in text


def test_an_alert_of_another_country_is_not_found(visitor: Visitor) -> None:
    page = visitor("GHA").get("/alerts/a1")
    assert page.status_code == 404
    assert "Togo" not in page.text
    assert visitor("GHA", scopes=ACTS).post("/alerts/a1", {"act": "close"}).status_code == 404


def test_acknowledging_is_signed_with_the_name_of_the_person(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    page = act(person, act="acknowledge", reason="Calling Lomé.")
    assert (page.url.path, page.url.query) == ("/alerts/a1", b"done=acknowledge")
    assert "The alert is acknowledged." in words(page)
    assert story(person) == [("acknowledged", "Ama (a test)", "Calling Lomé.")]
    assert "Acknowledged by Ama (a test)" in words(page)
    assert 'id="acknowledge"' not in page.text


def test_an_acknowledgement_needs_no_reason(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    assert act(person, act="acknowledge", reason="").status_code == 200
    assert story(person) == [("acknowledged", "Ama (a test)", "seen")]


def test_what_is_wrong_is_said_also_without_the_form_that_was_sent(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    act(person, act="acknowledge", reason="Calling Lomé.")
    page = act(person, act="acknowledge", reason="x" * 2001)  # from a page that is still open
    assert page.status_code == 422
    assert 'role="alert">has 2001 characters; 2000 are the most</p>' in page.text


def test_an_assessment_is_recorded_and_can_be_given_again(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    act(person, act="assess", finding="unclear", reason="Reports differ.")
    page = act(person, act="assess", finding="true alarm", reason="Two people were shot.")
    assert [each[2] for each in story(person)] == [
        "unclear: Reports differ.",
        "true alarm: Two people were shot.",
    ]
    assert "Found to be true alarm" in words(page)
    french = person.get("/alerts/a1?lang=fr")
    assert "true alarm:" not in words(french)
    assert "Two people were shot." in words(french)


def test_closing_ends_what_can_be_done(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    page = act(person, act="close", reason="It repeats another one.")
    assert story(person)[0][:2] == ("closed", "Ama (a test)")
    assert "It repeats another one." in words(page)
    for id_ in ("acknowledge", "silence", "close"):
        assert f'id="{id_}"' not in page.text
    assert 'id="assess"' in page.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"act": "close", "reason": " "}, "Write a reason."),
        ({"act": "assess", "reason": "It <b>was</b>."}, "Choose one of them."),
        ({"act": "silence", "reason": "x", "countries": "TGO"}, "Choose how long it lasts."),
        (
            {"act": "silence", "reason": "x", "countries": "TGO", "lasts": "day"},
            "Choose the last day.",
        ),
    ],
)
def test_a_form_is_refused_in_words_beside_its_field(
    visitor: Visitor, fields: dict[str, str], said: str
) -> None:
    person = visitor(scopes=ACTS)
    page = act(person, **fields)
    assert page.status_code == 422
    assert said in words(page)
    assert story(person) == []
    opened = page.text.partition(f'id="{fields["act"]}" open')[2]
    assert said in opened


def test_what_was_written_is_kept_when_a_form_is_refused(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    page = act(person, act="assess", reason='It </textarea><script>alert(1)</script> "was"')
    assert "It &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert(1)" not in page.text


def test_an_act_that_is_not_possible_any_more_is_refused_in_words(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    act(person, act="acknowledge", reason="")
    page = act(person, act="acknowledge", reason="")
    assert page.status_code == 409
    assert "was acknowledged before, by Ama (a test)" in words(page)
    assert act(person, act="explode").status_code == 422


def test_a_silence_covers_what_was_chosen_until_its_end(world: World, visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    page = act(
        person,
        act="silence",
        reason="Repairs.",
        lasts="7",
        countries="TGO",
        regions="TGO",
        targets="force",
        rules="force-country",
    )
    assert "The silence is in force." in words(page)
    made = silence_of_ama(person)
    assert (made["ends_at"], made["reason"]) == ((NOW + 7 * DAY).isoformat(), "Repairs.")
    chosen = (made["countries"], made["regions"], made["targets"], made["rules"])
    assert chosen == (["TGO"], ["TGO"], ["force"], ["force-country"])
    assert "Silences in force" in words(page)
    ended = act(person, act="end-silence", silence=made["id"])
    assert "The silence is ended." in words(ended)
    assert "No silence covers this alert." in words(ended)
    assert silence_of_ama(person)["ended_by"] == "Ama (a test)"


def test_a_silence_can_last_until_a_day(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    chosen = {"lasts": "day", "last_day": "2020-03-10", "countries": "TGO"}
    act(person, act="silence", reason="Repairs.", **chosen)
    assert silence_of_ama(person)["ends_at"] == "2020-03-11T00:00:00+00:00"


def test_a_silence_in_the_past_is_refused(visitor: Visitor) -> None:
    person = visitor(scopes=ACTS)
    chosen = {"lasts": "day", "last_day": "2020-02-10", "countries": "TGO"}
    page = act(person, act="silence", reason="Repairs.", **chosen)
    assert page.status_code == 409
    assert "must be after" in words(page)
    assert 'value="2020-02-10"' in page.text


def test_only_silences_that_cover_the_alert_are_shown(world: World, visitor: Visitor) -> None:
    wide = Silence("s2", "Kofi", "all of Togo", NOW - DAY, NOW + DAY, countries=("TGO",))
    others = [
        replace(wide, id="s3", reason="a region", regions=("TG-M",)),
        replace(wide, id="s4", reason="a target", targets=("escalation",)),
        replace(wide, id="s5", reason="a rule", rules=("force-admin1",)),
        replace(wide, id="s6", reason="long past", ends_at=NOW - timedelta(hours=1)),
    ]
    with world.store.write() as connection:
        for each in (wide, *others):
            silences.add(connection, each)
    text = words(visitor().get("/alerts/a1")).partition("Silences in force")[2]
    assert "all of Togo" in text
    for each in others:
        assert each.reason not in text.partition("Why the risk")[0]


def test_a_silence_of_more_countries_cannot_be_ended_with_this_key(
    world: World, visitor: Visitor
) -> None:
    wide = Silence("s2", "Kofi", "secret", NOW - DAY, NOW + DAY, countries=("TGO", "GHA"))
    with world.store.write() as connection:
        silences.add(connection, wide)
    person = visitor("TGO", scopes=ACTS)
    page = person.get("/alerts/a1")
    assert "Silences in force" in words(page)
    assert "secret" not in page.text
    assert 'value="end-silence"' not in page.text
    assert act(person, act="end-silence", silence="s2").status_code == 404


def test_who_may_only_read_sees_no_forms_and_why(visitor: Visitor) -> None:
    person = visitor()
    page = person.get("/alerts/a1")
    assert "it lacks the scope alerts:act" in words(page)
    assert 'action="/alerts/a1"' not in page.text
    refused = act(person, act="close", reason="x")
    assert refused.status_code == 403
    assert story(person) == []


def test_nothing_can_be_changed_in_the_past(visitor: Visitor) -> None:
    page = visitor(scopes=ACTS).get("/alerts/a1?as_of=2020-01-25")
    assert "Nothing can be changed in the past." in words(page)
    assert 'action="/alerts/a1"' not in page.text
    assert "38%" not in words(page)


def test_a_partner_reads_it_without_what_is_not_for_partners(visitor: Visitor) -> None:
    limits = PartnerLimits((), date(2020, 1, 1), date(2020, 2, 29))
    page = visitor("TGO", scopes=PARTNER_SCOPES, partner=limits).get("/alerts/a1")
    assert page.status_code == 200
    assert "38%" in words(page)
    assert ".cap" not in page.text


def test_it_shows_what_was_not_sent_and_why(world: World, visitor: Visitor) -> None:
    name = "the source invented has a problem"
    found = [
        SuppressedChange("a1", NOW - DAY, "went_stale", SuppressionReason.SOURCE, "invented", None),
        SuppressedChange("a1", NOW, "raised", SuppressionReason.SILENCE, "s9", NOW + DAY),
    ]
    with world.store.write() as connection:
        suppressed_changes.record(connection, found)
    text = words(visitor().get("/alerts/a1"))
    assert "2 changes were not sent" in text
    assert name in text
    assert "a silence covered it until 3 Mar 2020" in text
    french = words(visitor(language="fr").get("/alerts/a1"))
    assert name not in french
    assert "invented" in french


def test_it_shows_that_a_subscription_was_notified_and_never_the_address(
    world: World, visitor: Visitor
) -> None:
    scopes = READ_SCOPES | {"subscriptions:write"}
    person = visitor(scopes=scopes)
    nobody = "Nobody that your key may know of was notified of this alert."
    assert nobody in words(person.get("/alerts/a1"))
    with world.store.read() as connection:
        prefix = connection.exec_driver_sql("SELECT prefix FROM page_session").scalar_one()
    notify(world, prefix)
    page = person.get("/alerts/a1")
    assert "your subscription webhook alert opened not accepted yet" in words(page)
    assert "example.org" not in page.text
    assert nobody in words(visitor(name="Kofi").get("/alerts/a1"))
    listed = person.get("/v1/deliveries?alert=a1").json()["items"]
    assert [each["id"] for each in listed] == ["msg1"]
    assert person.get("/v1/deliveries?alert=a0").json()["items"] == []


def test_it_shows_that_an_office_was_notified_and_when_it_arrived(world: World) -> None:
    address = "first.last@example.org"
    desk = Recipient(f"dakar:email:{address}", "dakar", "email", address, "fr")
    offices = (Office("dakar", "Dakar", "fr", ("TGO",), (desk,)),)
    service = replace(world.service(), rulebook=replace(rulebook(), offices=offices))
    message = Message("msg1", "email", address, "An invented one", "", {}, NOW)
    facts = {"change": "opened"}
    told = Notification("n1", desk.id, About.ALERT, "a1", False, facts, NOW, NOW)
    with world.store.write() as connection:
        outbox.enqueue(connection, [(desk.id, message)])
        notifications.add(connection, [told])
        notifications.leave(connection, ["n1"], "msg1")
        tried = {"outbox_id": "msg1", "at": NOW + HOUR, "outcome": "delivered", "detail": ""}
        connection.execute(insert(delivery_attempt).values(tried))
    world.clock.now = NOW + 2 * HOUR
    app = create_app(world.state(service=service, rulebooks=lambda: service.rulebook))
    person, stranger = Person(app), Person(app)
    person.sign_in(world.key("TGO"))
    stranger.sign_in(world.key("BEN"))
    page = person.get("/alerts/a1")
    assert "dakar email alert opened delivered 2 Mar 2020, 13:00 UTC" in words(page)
    assert "example.org" not in page.text
    assert stranger.get("/alerts/a1").status_code == 404
    past = words(person.get("/alerts/a1?as_of=2020-01-25"))
    assert "Nobody that your key may know of was notified" in past


def test_the_newest_score_is_of_the_sources_of_the_alert(world: World, visitor: Visitor) -> None:
    (other,) = [
        replace(each, probability=0.77, sources=(SourceFooting("aaa", Health.OK, 1.0),))
        for each in scores_of(LAST_ORIGIN)
        if (each.region, each.target) == ("TGO", "force")
    ]
    world.terms["aaa"] = OPEN_TERMS
    world.add_scores([other], source="aaa")
    with world.store.read() as connection:
        theirs = connection.exec_driver_sql("SELECT max(id) FROM score").scalar_one()
    world.change(alert(score_id=str(theirs)), ChangeKind.RAISED, NOW, "a reason")
    text = words(visitor().get("/alerts/a1"))
    assert "Probability now 77%" in text


def notify(world: World, prefix: str) -> None:
    """Send a message on the alert, and one on nothing, to a subscription of a key."""
    desk = Recipient("sub1", prefix, "webhook", "https://example.org/in", "en")
    subscription = Subscription("sub1", prefix, "a test", desk, NOW, verified_at=NOW)
    message = Message("msg1", "webhook", desk.address, "An invented one", "", {}, NOW)
    other = replace(message, id="msg2")
    told = Notification("n1", "sub1", About.ALERT, "a1", False, {"change": "opened"}, NOW, NOW)
    with world.store.write() as connection:
        subscriptions.add(connection, subscription)
        outbox.enqueue(connection, [("sub1", message), ("sub1", other)])
        notifications.add(connection, [told])
        notifications.leave(connection, ["n1"], "msg1")


def test_it_shows_the_deployments_that_answer_it(world: World, visitor: Visitor) -> None:
    person = visitor()
    assert "No deployment answers this alert yet." in words(person.get("/alerts/a1"))
    proposal = Proposal(
        "TGO", ("human-rights officer",), 17, "the Government", "office", (), (4, 9), alert_id="a1"
    )
    with world.store.write() as connection:
        deployments.record(connection, propose("d2", proposal, "Accra", NOW, "a reason"))
    assert "human-rights officer · proposed" in words(person.get("/alerts/a1"))


def test_the_link_in_a_mail_leads_to_it(visitor: Visitor) -> None:
    page = visitor().get("/v1/feeds/alerts.atom")
    assert 'href="http://127.0.0.1/alerts/a1"' in page.text
