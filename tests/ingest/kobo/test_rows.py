"""Tests of reports as events: which count, which not yet, and which are refused without a quote."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import MOST
from ewarn.domain.source import Coverage
from ewarn.errors import RecordRejected
from ewarn.frames.events import EVENT_SCHEMA, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.kobo.form import Form
from ingest.kobo.rows import read_submissions
from tests.ingest.kobo.provider import APPROVED_AT, status, submission

FETCHED_AT = datetime(2024, 2, 8, tzinfo=UTC)
PLACES = load_gazetteer()


def read(*submissions: Any, form: Form | None = None) -> ParsedBatch:
    body = json.dumps({"results": list(submissions)}).encode()
    return read_submissions(body, form or Form(), PLACES, FETCHED_AT)


def event(**answers: Any) -> dict[str, Any]:
    batch = read(submission(1, **answers))
    assert batch.rejected == ()
    (row,) = batch.events.to_dict("records")
    return {str(name): value for name, value in row.items()}


def refusal(**answers: Any) -> str:
    batch = read(submission(7, **answers))
    assert len(batch.events) == 0
    (rejected,) = batch.rejected
    assert batch.refused_ids == {"7"}
    return rejected.reason


def test_an_event_has_kind_week_region_and_counts_and_nothing_else() -> None:
    row = event(participants="120", injured=3, fatalities="0", place="Lomé", notes="invented")
    assert (row["source"], row["source_event_id"], row["kind"]) == ("kobo", "1", "arrest")
    assert row["occurred_on"].date() == date(2024, 2, 5)  # a Monday
    assert row["ended_on"].date() == date(2024, 2, 11)
    assert row["date_precision"] == "week"
    assert (row["country"], row["region"], row["location_precision"]) == ("TGO", "TG-M", "admin1")
    assert (row["participants_low"], row["participants_high"], row["injured"]) == (120, 120, 3)
    assert (row["fatalities_low"], row["fatalities_high"]) == (0, 0)
    told = {"place", "latitude", "longitude", "summary", "source_url", "arrests"}
    assert all(
        row[name] is None or row[name] != row[name] or str(row[name]) == "<NA>" for name in told
    )
    assert row["tags"] == ""


def test_whatever_day_of_the_week_it_was_only_the_week_is_kept() -> None:
    days = ["2024-01-29", "2024-02-01", "2024-02-04T23:10:00.000+00:00"]
    assert {event(day=day)["occurred_on"].date() for day in days} == {date(2024, 1, 29)}


def test_it_is_known_from_its_approval() -> None:
    row = event()
    assert (row["known_at"], row["known_at_estimated"]) == (APPROVED_AT, False)


@pytest.mark.parametrize("sent", ["2024-02-06T10:00:00", "2024-02-06T12:00:00+02:00"])
def test_where_the_approval_has_no_time_it_is_estimated(sent: str) -> None:
    row = event(_validation_status=status("approved", None), _submission_time=sent)
    assert row["known_at"] == datetime(2024, 2, 7, tzinfo=UTC)
    assert row["known_at_estimated"]


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ({}, "not verified yet"),
        (None, "not verified yet"),
        ("validation_status_approved", "not verified yet"),
        (status("on_hold"), "not verified yet"),
        (status("not_approved"), "refused by its verifier"),
    ],
)
def test_only_what_somebody_approved_counts(verdict: Any, reason: str) -> None:
    batch = read(submission(1, _validation_status=verdict), submission(2))
    assert list(batch.events["source_event_id"]) == ["2"]
    assert dict(batch.skipped) == {reason: 1}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"kind": "picnic"}, "its kind is not one of"),
        ({"kind": None}, "its kind is not one of"),
        ({"kind": ["arrest"]}, "its kind is not one of"),
        ({"day": "yesterday"}, "its day cannot be read"),
        ({"day": None}, "its day cannot be read"),
        ({"day": "2024-02-30"}, "its day cannot be read"),
        ({"day": "2024-02-09"}, "its day is after it was reported"),
        ({"day": "0001-01-01"}, "its day is after it was reported, or long ago"),
        ({"country": "Ruritania"}, "its country is not a country"),
        ({"country": 3}, "its country is not a country"),
        ({"injured": "many"}, "injured is not a whole number"),
        ({"injured": "-1"}, "injured is not a whole number"),
        ({"injured": "1.5"}, "injured is not a whole number"),
        ({"injured": "٣"}, "injured is not a whole number"),
        ({"injured": True}, "injured is not a whole number"),
        ({"participants": 22890112}, "participants is not a whole number from 0 to 999999"),
        ({"_validation_status": status("approved") | {"timestamp": 1e99}}, "time of approval"),
        ({"_validation_status": status("approved") | {"timestamp": 4e9}}, "in the future"),
        (
            {"_validation_status": status("approved", None), "_submission_time": "noon"},
            "its time of submission cannot be read",
        ),
        (
            {
                "_validation_status": status("approved", None),
                "_submission_time": "9999-12-31T23:00:00-05:00",
            },
            "its time of submission cannot be read",
        ),
    ],
)
def test_a_wrong_answer_is_refused_by_number_and_not_quoted(
    answers: dict[str, Any], reason: str
) -> None:
    said = refusal(**answers)
    assert said.startswith("submission 7: ")
    assert reason in said
    for value in answers.values():
        assert isinstance(value, int) or str(value) not in said


def test_a_subdivision_that_is_not_known_is_left_out_and_not_quoted() -> None:
    batch = read(submission(1, admin1="Planted"), submission(2, admin1=None), submission(3))
    assert list(batch.events["region"]) == ["TGO", "TGO", "TG-M"]
    assert list(batch.events["location_precision"]) == ["country", "country", "admin1"]
    assert batch.notes == ("2 submissions name no known subdivision: stored at country precision.",)


@pytest.mark.parametrize("id_", [None, "1", 0, -1, True, 2**60, [1]])
def test_a_submission_without_a_number_is_refused_by_its_place(id_: Any) -> None:
    batch = read(submission(1), submission(1, _id=id_))
    assert batch.refused_ids == frozenset()
    (rejected,) = batch.rejected
    assert rejected.reason == "record 2 of the payload has no number of its own."


def test_what_stands_there_twice_counts_once() -> None:
    batch = read(submission(1), submission(1, kind="force"))
    assert list(batch.events["kind"]) == ["arrest"]
    assert dict(batch.skipped) == {"the same submission again": 1}


def test_choices_of_a_form_are_read_as_its_description_says() -> None:
    form = Form(
        questions={"kind": "what", "day": "day"},
        kinds={"coups": EventKind.FORCE},
        country="TGO",
    )
    batch = read(submission(1, what="coups", country="BEN"), form=form)
    assert list(batch.events[["kind", "country", "region"]].iloc[0]) == ["force", "TGO", "TGO"]


def test_it_claims_to_have_observed_the_weeks_with_reports_only() -> None:
    found = read(submission(1), submission(2), submission(3, kind="picnic"))
    (event, _) = found.events.to_dict("records")
    monday = event["occurred_on"].date()
    assert found.coverage == (Coverage("kobo", event["country"], monday, monday),)
    assert read(submission(1, kind="picnic")).coverage == ()


@given(body=st.binary(max_size=200))
def test_bytes_of_anything_are_refused_whole(body: bytes) -> None:
    with pytest.raises(RecordRejected):
        read_submissions(body, Form(), PLACES, FETCHED_AT)


ANSWERS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=8)
    | st.sampled_from(["arrest", "2024-02-05", "TGO", "Maritime", "12", "\ud800", "2024-02-05T"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
QUESTIONS = [*submission(1), "participants", "injured", "arrests", "fatalities"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    changes=st.lists(st.dictionaries(st.sampled_from(QUESTIONS), ANSWERS, max_size=4), max_size=5),
    stray=st.lists(ANSWERS, max_size=2),
)
def test_whatever_is_answered_every_submission_is_accounted_for(
    changes: list[dict[str, Any]], stray: list[Any]
) -> None:
    submissions = [submission(n, **change) for n, change in enumerate(changes, start=1)]
    batch = read(*submissions, *stray)
    EVENT_SCHEMA.validate(batch.events)
    accounted = len(batch.events) + len(batch.rejected) + batch.skipped.total()
    assert accounted == len(submissions) + len(stray)
    assert len(batch.refused_ids) <= len(batch.rejected)


def test_limits_let_no_telephone_number_pass_as_a_count() -> None:
    assert max(MOST.values()) < 1_000_000
