"""Tests of the response on both databases: consent, effect, import, reminders, brief."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from ewarn.domain.deployment import Proposal, Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.notification import About
from ewarn.domain.recommendation import Status
from ewarn.domain.source import Coverage, Health
from ewarn.domain.target import Basis
from ewarn.errors import InputError, UnknownName, UsageError
from ewarn.pipeline.response import deployments as verbs
from ewarn.pipeline.response.brief import brief
from ewarn.pipeline.response.follow_up import reminders
from ewarn.pipeline.response.recommendations import move, take_in
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.access import audit
from ewarn.store.events import events
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.response import deployments
from ewarn.store.scores import scores
from models.effect.effect import estimate
from tests.events import frame, row
from tests.scores import score

MONDAY = date(2017, 12, 4)
PROPOSAL = Proposal("TGO", ("officer",), 17, "the Government", "office", (), (4, 9))
FILE = b"""country,body,reference,text,theme,owner,given_on,due_on
TGO,upr,1,Free the held,detention,office,2017-01-01,2017-06-01
BEN,upr,2,Hold the vote,elections,office,2017-01-01,2017-09-01
TGO,mission,3,Train teachers,other,office,2017-01-01,
"""


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def played(service: Service, steps: Sequence[tuple[StepKind, date]]) -> None:
    begun = date(2017, 10, 2)
    verbs.propose_deployment(service, "d1", PROPOSAL, "Accra", at(begun), "why")
    for kind, day in steps:
        verbs.step(service, "d1", (), kind, "Accra", at(day), "why")


WHOLE = (
    (StepKind.CONSENT_REQUESTED, date(2017, 10, 9)),
    (StepKind.CONSENTED, date(2017, 11, 20)),
    (StepKind.DEPLOYED, MONDAY),
    (StepKind.ENDED, date(2018, 4, 2)),
)


def store_events(service: Service, source: str = "invented") -> None:
    """Store two to four uses of force a week for three years, and none during the deployment."""
    first = MONDAY - timedelta(weeks=150)
    rows = [
        row(
            source=source,
            source_event_id=f"{week}-{number}",
            kind="force",
            occurred_on=first + timedelta(weeks=week, days=2),
            country="TGO",
            region="TG-M",
        )
        for week in range(150)
        for number in range(2 + week % 3)
    ]
    with service.store.write() as connection:
        events.append(connection, frame(*rows), at(first))
        run = runs.Run(source, at(first), Health.OK, "read", Appended(), 0, {}, MONDAY)
        covered = [Coverage(source, "TGO", first, date(2018, 6, 25))]
        runs.record_run(connection, runs.Reading(run, covered=covered))


def test_a_deployment_without_consent_never_begins(service: Service) -> None:
    played(service, WHOLE[:1])
    with pytest.raises(UsageError, match="nobody is deployed without consent"):
        verbs.step(service, "d1", (), StepKind.DEPLOYED, "Accra", at(MONDAY), "why")
    with service.store.read() as connection:
        (found,) = deployments.find(connection, at(MONDAY))
        assert found.stage is Stage.CONSENT_REQUESTED
        assert len(deployments.steps(connection, "d1", at(MONDAY))) == 2


def test_what_is_of_other_countries_is_not_there(service: Service) -> None:
    played(service, ())
    for countries, id_ in ((("BEN",), "d1"), ((), "d2")):
        with pytest.raises(UnknownName, match="there is no deployment"):
            verbs.step(service, id_, countries, StepKind.WITHDRAWN, "x", at(MONDAY), "why")
    wrong = replace(PROPOSAL, alert_id="a9")
    with pytest.raises(UnknownName, match="there is no alert 'a9' of TGO"):
        verbs.propose_deployment(service, "d3", wrong, "x", at(MONDAY), "why")
    with pytest.raises(UnknownName, match="there is no playbook 'none'"):
        verbs.proposal_of(service, "none", "TGO", None, at(MONDAY))


def test_its_effect_is_judged_when_it_ends_and_kept(service: Service) -> None:
    service = replace(service, effect=estimate)
    store_events(service)
    with service.store.write() as connection:
        scored = [score(0.3, region="TGO", origin=MONDAY)]
        scores.record(connection, "invented", MONDAY, "", scored, at(MONDAY))
    played(service, WHOLE)
    with service.store.read() as connection:
        (found,) = deployments.find(connection, at(date(2018, 4, 2)))
        last = deployments.steps(connection, "d1", at(date(2018, 4, 2)))[-1].step
    assert found.effect is not None
    assert (found.effect.study.start, found.effect.study.end) == (MONDAY, date(2018, 4, 2))
    assert found.effect.verdict is Verdict.NOT_IDENTIFIABLE  # late reports of it may still arrive
    assert (last.kind, last.actor) == (StepKind.JUDGED, "ewarn")
    assert last.reason.startswith("not identifiable from these data. ")
    years = at(date(2018, 12, 31))
    again = verbs.judge(service, "d1", (), years, source="invented")
    assert again.effect is not None
    assert again.effect.verdict is Verdict.FEWER, again.effect.reasons
    hindsight = replace(service, in_hindsight=frozenset({"invented"}))
    honest = verbs.judge(hindsight, "d1", (), years, source="invented").effect
    assert honest is not None
    assert honest.verdict is Verdict.NOT_IDENTIFIABLE
    assert honest.study.in_hindsight


def test_where_nothing_is_stored_it_ends_all_the_same(service: Service) -> None:
    service = replace(service, effect=estimate)
    played(service, WHOLE)
    with service.store.read() as connection:
        (found,) = deployments.find(connection, at(date(2018, 4, 2)))
    assert (found.stage, found.effect) == (Stage.ENDED, None)
    with pytest.raises(InputError, match="no source is scored here"):
        verbs.judge(service, "d1", (), at(date(2018, 4, 3)))


def test_a_file_twice_changes_nothing_and_other_countries_are_refused(service: Service) -> None:
    now = at(MONDAY)
    places = load_gazetteer()
    first = take_in(service.store, places, FILE, (), "Accra", now, "file")
    assert (first.added, first.unchanged, first.rejected) == (3, 0, ())
    again = take_in(service.store, places, FILE, (), "Accra", now, "file")
    assert (again.added, again.amended, again.unchanged) == (0, 0, 3)
    edited = FILE.replace(b"2017-06-01", b"2017-07-01") + b"TGO,upr,1,Again,,office,2017-01-01,\n"
    third = take_in(service.store, places, edited, ("TGO",), "Accra", now, "file")
    assert (third.amended, third.unchanged) == (1, 1)
    assert [(each.line, each.reason[:20]) for each in third.rejected] == [
        (3, "country 'BEN' is not"),
        (5, "the same recommendat"),
    ]
    with service.store.read() as connection:
        assert len(audit.latest(connection, audit.RECOMMENDATION, now)) == 3
        assert audit.broken_link(connection) is None


def test_a_file_does_not_take_back_a_status(service: Service) -> None:
    now = at(MONDAY)
    places = load_gazetteer()
    body = (
        FILE.splitlines()[0] + b",status,evidence\nTGO,upr,1,x,,office,2017-01-01,,under way,bill"
    )
    take_in(service.store, places, body, (), "Accra", now, "file")
    with service.store.read() as connection:
        (item,) = audit.latest(connection, audit.RECOMMENDATION, now)
    move(service.store, item["id"], (), Status.DONE, "a law", "Accra", now)
    found = take_in(service.store, places, body, (), "Accra", now, "file")
    assert (found.amended, found.unchanged) == (0, 1)
    assert found.warnings == (
        "line 2: the status stays done: a file changes no status, evidence does",
    )


def test_reminders_name_what_is_overdue_in_the_readers_language(service: Service) -> None:
    now = at(date(2018, 2, 1))
    take_in(service.store, load_gazetteer(), FILE, (), "Accra", at(MONDAY), "file")
    played(service, WHOLE[:3])
    with service.store.read() as connection:
        found = reminders(connection, service, now)
        assert [each.occasion for each in found] == [
            "recommendation 2017-06-01",
            "recommendation 2017-09-01",
            "review 2018-01-01",
        ]
        assert reminders(connection, service, at(date(2017, 5, 1))) == []
    review = found[-1]
    assert (review.about, review.thread, review.countries, review.region) == (
        About.FOLLOW_UP,
        "d1",
        ("TGO",),
        "TGO",
    )
    assert review.facts("fr") == {
        "type": "follow_up.review",
        "id": "d1",
        "kind": "review",
        "title": "officer",
        "country": "TGO",
        "country_name": "Togo",
        "owner": "office",
        "due_on": "2018-01-01",
        "days_overdue": 31,
        "link": "http://127.0.0.1:8000/response?where=TGO",
    }
    json.dumps(found[1].facts("fr"))  # it is stored as JSON until the notification is sent
    assert found[1].facts("fr")["country_name"] == "Bénin"


def told(service: Service, now: datetime, language: str = "en", **others: Any) -> dict[str, Any]:
    return brief(service, load_gazetteer().get("TGO"), now, language, **others)


def test_a_brief_of_an_empty_store_says_nothing_and_fails_not(service: Service) -> None:
    found = told(service, at(MONDAY), "xx")
    assert (found["country_name"], found["language"], found["scores"]) == ("Togo", "en", [])
    assert found["series"] is None


def test_a_brief_holds_what_bears_on_the_harm_and_nothing_withheld(service: Service) -> None:
    store_events(service)
    now = at(date(2017, 12, 11))
    with service.store.write() as connection:
        one = score(0.3, region="TGO", origin=MONDAY, basis=Basis.ILLUSTRATION)
        scores.record(connection, "invented", MONDAY, "", [one], at(MONDAY))
        vote = row(
            source="calendar",
            source_event_id="v1",
            kind="election",
            occurred_on=date(2018, 6, 1),
            known_at=at(MONDAY),
            country="TGO",
            region="TGO",
            tags="calendar:vote;topic:referendum",
        )
        observed = {**vote, "source_event_id": "v2", "tags": "calendar:observed;topic:anniversary"}
        planned = {**vote, "source_event_id": "v3", "tags": "calendar:vote;planned"}
        events.append(connection, frame(vote, observed, planned), at(MONDAY))
    take_in(service.store, load_gazetteer(), FILE, (), "Accra", at(MONDAY), "file")
    found = told(service, now, "fr")
    assert [each["text"] for each in found["recommendations"]] == ["Free the held"]
    assert found["recommendations"][0]["days_overdue"] == 193
    assert found["scores"][0]["band_words"] == "élevé"
    assert found["notice"].startswith("illustration :")
    assert [(each["topic"], each["what"]) for each in found["elections"]] == [
        ("referendum", "vote")
    ]
    assert found["series"]["source"] == "invented"
    assert max(count or 0 for count in found["series"]["series"][0]["counts"]) == 4
    assert found["series"]["series"][0]["counts"][-1] == 0
    hidden = told(service, now, withheld=("invented", "calendar"))
    assert (hidden["scores"], hidden["series"], hidden["elections"]) == ([], None, [])
    before = told(service, at(date(2017, 12, 3)))
    assert (before["recommendations"], before["elections"]) == ([], [])
