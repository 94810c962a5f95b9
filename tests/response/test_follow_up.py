"""Tests of recommendations: how an act changes them, and what is overdue."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ewarn.domain.deployment import Deployment, Proposal, Stage
from ewarn.domain.recommendation import Body, Recommendation, RecommendationAct, Status, Theme
from ewarn.errors import UsageError
from ewarn.response.follow_up import (
    added,
    identity,
    moved,
    overdue,
    overdue_reviews,
    row_change,
)

AT = datetime(2020, 3, 2, 9, tzinfo=UTC)
TODAY = AT.date()
DAY = timedelta(days=1)
ONE = Recommendation(
    id="r1",
    country="TGO",
    body=Body.UPR,
    reference="invented",
    text="An invented recommendation.",
    theme=Theme.ASSEMBLY,
    addressee="a ministry",
    owner="office",
    given_on=date(2019, 11, 1),
    due_on=date(2020, 2, 1),
    review_on=None,
    status=Status.OPEN,
    status_on=date(2019, 11, 1),
    evidence="",
)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"text": " "}, "needs its text"),
        ({"owner": "Dr Example"}, "the owner must be a role"),
        ({"addressee": "someone@example.org"}, "the addressee must be a role"),
        ({"reference": "someone@example.org"}, "the reference must hold no e-mail"),
        ({"given_on": TODAY + DAY}, "in the future"),
        ({"due_on": date(2019, 10, 31)}, "before it was given"),
        ({"review_on": date(2019, 10, 31)}, "to be reviewed on 2019-10-31, before it was given"),
        ({"status": Status.DONE}, "needs evidence"),
    ],
)
def test_what_contradicts_itself_or_names_people_is_refused(
    wrong: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        added(replace(ONE, **wrong), "Accra", AT)  # type: ignore[arg-type]


def test_a_file_adds_amends_and_leaves_the_status_alone() -> None:
    new = row_change(None, ONE, "Accra", AT, "file")
    assert new is not None
    assert (new.act, new.recommendation) == (RecommendationAct.ADDED, ONE)
    assert row_change(ONE, ONE, "Accra", AT, "file") is None
    moved_on = moved(ONE, Status.DONE, "a law", "Accra", AT).recommendation
    assert row_change(moved_on, ONE, "Accra", AT, "file") is None
    later = replace(ONE, due_on=date(2021, 1, 1), review_on=date(2020, 6, 1))
    amended = row_change(moved_on, later, "Accra", AT, "file")
    assert amended is not None
    assert amended.act is RecommendationAct.AMENDED
    assert amended.recommendation == replace(moved_on, due_on=date(2021, 1, 1))


def test_a_status_has_evidence_and_a_day_that_fits() -> None:
    change = moved(ONE, Status.UNDER_WAY, " a bill ", "Accra", AT, review_on=TODAY + 30 * DAY)
    after = change.recommendation
    assert (after.status, after.evidence, after.status_on) == (Status.UNDER_WAY, "a bill", TODAY)
    assert after.review_on == TODAY + 30 * DAY
    with pytest.raises(UsageError, match="needs evidence"):
        moved(ONE, Status.DONE, " ", "Accra", AT)
    with pytest.raises(UsageError, match="before the status of"):
        moved(ONE, Status.DONE, "a law", "Accra", AT, review_on=TODAY - DAY)
    for day in (date(2019, 10, 31), TODAY + DAY):
        with pytest.raises(UsageError, match="must be of a day from 2019-11-01 to 2020-03-02"):
            moved(ONE, Status.DONE, "x", "Accra", AT, on=day)


def test_a_new_word_answers_a_review_that_was_due_and_keeps_one_ahead() -> None:
    due = replace(ONE, review_on=TODAY - DAY)
    assert moved(due, Status.OPEN, "asked", "Accra", AT).recommendation.review_on is None
    ahead = replace(ONE, review_on=TODAY + DAY)
    kept = moved(ahead, Status.OPEN, "asked", "Accra", AT).recommendation
    assert kept.review_on == TODAY + DAY


def test_overdue_is_what_is_open_and_whose_day_has_passed() -> None:
    late = replace(ONE, id="r2", review_on=date(2020, 1, 1))
    done = replace(ONE, id="r3", status=Status.DONE)
    today = replace(ONE, id="r4", due_on=TODAY)
    found = overdue([ONE, late, done, today], TODAY)
    assert [(each.id, each.kind, each.days) for each in found] == [
        ("r2", "review", 61),
        ("r1", "recommendation", 30),
        ("r2", "recommendation", 30),
    ]


def test_reviews_of_a_deployment_are_overdue_until_it_was_looked_at() -> None:
    proposal = Proposal("TGO", ("officer",), 4, "G", "office", (), (2, 6))
    began = TODAY - timedelta(weeks=8)
    one = Deployment("d1", proposal, Stage.ENDED, began, began, deployed_on=began)
    (late,) = overdue_reviews([one], TODAY)
    assert (late.due_on, late.days, late.roles) == (began + timedelta(weeks=2), 42, ("officer",))
    (next_one,) = overdue_reviews([replace(one, reviews=1)], TODAY)
    assert next_one.due_on == began + timedelta(weeks=6)
    assert overdue_reviews([replace(one, reviews=2)], TODAY) == []
    assert overdue_reviews([replace(one, deployed_on=None)], TODAY) == []


def test_identity_is_the_reference_or_the_words() -> None:
    assert identity("TGO", "upr", "A/1", "x") == identity("TGO", "upr", " A/1", "y")
    assert identity("TGO", "upr", "", "a  b") == identity("TGO", "upr", "", "a b")
    different = {
        identity("TGO", "upr", "", "a"),
        identity("BEN", "upr", "", "a"),
        identity("TGO", "mission", "", "a"),
        identity("TGO", "upr", "", "b"),
    }
    assert len(different) == 4
