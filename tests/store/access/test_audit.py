"""Tests of the audit trail: one hash chain, readable as of any moment, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Thread

from sqlalchemy import delete, update

from ewarn.domain.deployment import Proposal, StepKind
from ewarn.domain.effect import Effect, Estimate, Study, Verdict
from ewarn.domain.recommendation import Body, Recommendation, Status, Theme
from ewarn.response.follow_up import added, moved
from ewarn.response.steps import judged, propose, take
from ewarn.store.access import audit
from ewarn.store.access.audit import Act
from ewarn.store.database import chain
from ewarn.store.database.engine import Store
from ewarn.store.response import deployments, recommendations
from ewarn.store.response.recommendations import RecommendationFilter
from ewarn.store.tables.access import audit as table

AT = datetime(2020, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERY = RecommendationFilter()
PROPOSAL = Proposal(
    "TGO", ("officer",), None, "G", "office", ("x",), (4,), "a1", "p", {"en": "invented"}
)
MONDAY = date(2020, 1, 6)
STUDY = Study(
    "x",
    "TGO",
    "force",
    MONDAY,
    date(2020, 1, 20),
    date(2020, 1, 27),
    (1, None, 0),
    (0, 0, 2),
    {"BEN": (1, 2, None)},
    True,
    None,
)
EFFECT = Effect(
    Verdict.FEWER, ("a",), ("b",), (Estimate("m", 0.5, 0.2, 0.9, 7, 0.125),), {"BEN": 1.0}, STUDY
)


def act(number: int = 1, **others: object) -> Act:
    made = Act("test", f"s{number}", "TGO", "done", AT.date(), AT, "Accra", "why", {"n": number})
    return replace(made, **others)  # type: ignore[arg-type]


def recommendation(number: int, country: str = "TGO") -> Recommendation:
    return Recommendation(
        f"r{number}",
        country,
        Body.MISSION,
        "",
        f"text {number}",
        Theme.ASSEMBLY,
        "",
        "office",
        date(2020, 1, number),
        None,
        None,
        Status.OPEN,
        date(2020, 1, number),
        "",
    )


def test_the_chain_shows_what_was_altered_and_what_was_taken_out(store: Store) -> None:
    with store.write() as connection:
        audit.record(connection, [act(1), act(2), act(3)])
        audit.record(connection, [act(4)])
    with store.read() as connection:
        assert audit.broken_link(connection) is None
    for number, forged in ((2, "because"), (4, "so")):
        with store.write() as connection:
            where = table.c.subject == f"s{number}"
            connection.execute(update(table).where(where).values(reason=forged))
            assert audit.broken_link(connection) == number
            connection.execute(update(table).where(where).values(reason="why"))
            assert audit.broken_link(connection) is None
    with store.write() as connection:
        connection.execute(delete(table).where(table.c.subject == "s2"))
        assert audit.broken_link(connection) == 3


def test_a_link_is_the_hash_that_stored_chains_were_made_with() -> None:
    expected = "72cb475c"
    assert chain.link(chain.GENESIS, {"b": AT, "a": [1, None]})[:8] == expected


def test_writers_at_one_time_make_one_chain(store: Store) -> None:
    def write(number: int) -> None:
        for turn in range(5):
            with store.write() as connection:
                audit.record(connection, [act(number, reason=f"turn {turn}")])

    threads = [Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert audit.broken_link(connection) is None
        assert len(audit.history(connection, "test", "s1", AT)) == 5


def test_what_stands_is_what_the_last_act_left_at_a_moment(store: Store) -> None:
    with store.write() as connection:
        audit.record(connection, [act(1), act(2, country="BEN"), act(3, about="other")])
        audit.record(connection, [act(1, at=AT + HOUR, after={"n": 9})])
    with store.read() as connection:
        assert audit.latest(connection, "test", AT) == [{"n": 1}, {"n": 2}]
        assert audit.latest(connection, "test", AT + HOUR) == [{"n": 2}, {"n": 9}]
        assert audit.latest(connection, "test", AT, countries=["BEN"]) == [{"n": 2}]
        assert audit.latest(connection, "test", AT, subjects=["s1"]) == [{"n": 1}]
        assert audit.latest(connection, "test", AT - HOUR) == []
        assert audit.current(connection, "test", "s1") == {"n": 9}
        assert audit.current(connection, "test", "s3") is None


def test_a_deployment_is_read_back_whole_and_as_it_stood(store: Store) -> None:
    made = propose("d1", PROPOSAL, "Accra", AT, "why")
    steps = [made]
    for hour, kind in enumerate(
        (StepKind.CONSENT_REQUESTED, StepKind.CONSENTED, StepKind.DEPLOYED, StepKind.ENDED), start=1
    ):
        steps.append(take(steps[-1].deployment, kind, "Accra", AT + hour * HOUR, "why"))
    steps.append(judged(steps[-1].deployment, EFFECT, "ewarn", AT + 5 * HOUR))
    with store.write() as connection:
        for step in steps:
            deployments.record(connection, step)
    with store.read() as connection:
        assert [each.step for each in deployments.steps(connection, "d1", AT + 5 * HOUR)] == steps
        for hour, step in enumerate(steps):
            (then,) = deployments.find(connection, AT + hour * HOUR)
            assert then == step.deployment
        assert deployments.find(connection, AT + 9 * HOUR)[0].effect == EFFECT
        assert deployments.find(connection, AT, countries=["BEN"]) == []
        assert deployments.find(connection, AT, stages=["proposed"]) != []
        assert deployments.find(connection, AT + HOUR, stages=["proposed"]) == []
        assert deployments.current(connection, "d2") is None


def test_recommendations_are_paged_filtered_and_read_as_they_stood(store: Store) -> None:
    changes = [added(recommendation(number), "Accra", AT) for number in (1, 2, 3)]
    changes.append(added(recommendation(4, "BEN"), "Accra", AT))
    done = moved(recommendation(2), Status.DONE, "a law", "Accra", AT + HOUR)
    with store.write() as connection:
        recommendations.record(connection, changes)
        recommendations.record(connection, [done])
    with store.read() as connection:
        then = recommendations.find(connection, AT, EVERY, countries=["TGO"])
        assert [item.id for item in then] == ["r3", "r2", "r1"]
        after = (then[0].given_on, then[0].id)
        page = recommendations.find(connection, AT, EVERY, countries=["TGO"], after=after, limit=1)
        assert page == [then[1]]
        is_open = RecommendationFilter(is_open=True)
        later = recommendations.find(connection, AT + HOUR, is_open, countries=["TGO"])
        assert [item.id for item in later] == ["r3", "r1"]
        story = [each.change for each in recommendations.history(connection, "r2", AT + HOUR)]
        assert story == [changes[1], done]
        assert recommendations.current(connection, "r2") == done.recommendation
