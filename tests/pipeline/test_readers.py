"""Tests that results of a source under a licence reach only those who carry the licence."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ewarn.domain.alert import Alert, AlertState, ChangeKind
from ewarn.domain.deployment import Proposal
from ewarn.domain.key import ApiKey
from ewarn.domain.recipient import Pace, Recipient
from ewarn.domain.region import Level, Office
from ewarn.domain.source import Coverage, Payload, Terms, of_office
from ewarn.domain.subscription import Subscription
from ewarn.domain.target import Target
from ewarn.errors import UnknownName, UsageError
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.intake.source_news import source_news
from ewarn.pipeline.models.fit import fit, sources_to_fit
from ewarn.pipeline.response.deployments import propose_deployment
from ewarn.pipeline.response.effect import panel_around
from ewarn.pipeline.scoring.scorable import outlooks, sources_to_score
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.access import keys
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import outbox, subscriptions
from ewarn.store.scores import scores
from models.detectors.detector import Detector
from tests.events import frame, row
from tests.pipeline.invented import InventedSource, Postbox
from tests.pipeline.weeks import Decided, alert, remind
from tests.scores import moment, origin, rule

HELD, OPEN = "held", "free"
LICENCE = "acled"
CLOSED = Terms("nobody", "closed", redistribute=False, train=False, url="")
STATED = CLOSED.stated(LICENCE, "own-desk")
FREE = Terms("nobody", "free", redistribute=True, train=False, url="")
BOUND = rule(id="bound", detector=True, raise_at=1.0, close_below=0.0, level=Level.COUNTRY)
KEY = ApiKey("ewdesk", "", "desk", frozenset(), ("*",), moment(-9), licences=frozenset({LICENCE}))


def events(source: str, weeks: range) -> Iterator[dict[str, Any]]:
    """Return one lethal event every fourth week in Togo, and nine in the last week."""
    for week in weeks:
        for event in range(9 if week == -1 else int(week % 4 == 0)):
            day = origin(week) + timedelta(days=event % 6)
            name = f"{source}.{week}.{event}"
            yield row(
                name,
                source=source,
                kind="force",
                occurred_on=day,
                country="TGO",
                region="TGO",
                location_precision="country",
                fatalities_low=1,
            )


def bring(service: Service, source: str, weeks: range = range(-60, 0)) -> None:
    """Store the events of a source in some weeks, all of them observed."""
    now = moment(weeks.stop)
    covered = Coverage(source, "TGO", origin(weeks.start), origin(weeks.stop - 1))
    batch = ParsedBatch(frame(*events(source, weeks)), coverage=(covered,))
    store_batches(service, Payload(source, f"until {now}", b"x", now), [batch], now)


def desk(name: str, *licences: str, **others: Any) -> Recipient:
    return Recipient(name, "geneva", "log", name, "en", licences=licences, pace=Pace(), **others)


@pytest.fixture
def stated(service: Service) -> Service:
    """Return a service with two sources that alarm, one under a licence that one desk carries."""
    offices = (Office("geneva", "Geneva", "en", ("*",), (desk("with", LICENCE), desk("without"))),)
    return replace(
        service,
        sources={
            HELD: InventedSource(name=HELD, terms=STATED),
            OPEN: InventedSource(name=OPEN, terms=FREE),
        },
        models=lambda name, _: (Detector(Target.FORCE, Level.COUNTRY, source=name, pooled=False),),
        rulebook=replace(service.rulebook, rules=(BOUND,), offices=offices),
    )


def unstated(service: Service) -> Service:
    """Return the same service after the operator has removed the licence."""
    held = InventedSource(name=HELD, terms=CLOSED)
    return replace(service, sources={**service.sources, HELD: held})


def run(service: Service, week: int = 0) -> Decided:
    for name in sources_to_score(service, moment(week)):
        score(service, name, moment(week))
    return alert(service, moment(week))


def standing(service: Service) -> dict[str, Alert]:
    """Return the open alerts, by who may read them."""
    with service.store.read() as connection:
        return {item.readers: item for item in alerts.standing(connection) if item.is_standing}


def told(report: Decided) -> list[tuple[str, int]]:
    return [(sent.recipient, len(sent.body["items"])) for sent in report.messages]


def test_what_asks_for_a_licence_is_told_to_who_carries_it(stated: Service) -> None:
    bring(stated, HELD)
    report = run(stated)
    assert told(report) == [("with", 1)]
    assert set(standing(stated)) == {LICENCE}


def test_a_licence_that_no_recipient_carries_is_named(stated: Service) -> None:
    bring(stated, HELD)
    (found,) = [item for item in outlooks(stated, moment(0)) if item.source == HELD]
    assert (found.is_scored, found.reason) == (True, "")
    (office,) = stated.rulebook.offices
    deaf = replace(office, recipients=(desk("without"),))
    book = replace(stated.rulebook, offices=(deaf,))
    (found, _) = outlooks(replace(stated, rulebook=book), moment(0))[::-1]
    assert found.is_scored
    assert found.reason == "no recipient carries the licence acled, so nobody is told of it"


def test_an_alert_rests_on_what_its_readers_may_read(stated: Service) -> None:
    bring(stated, HELD)
    bring(stated, OPEN)
    report = run(stated)
    # One region has two alerts, and no message mixes them.
    assert sorted(told(report)) == [("with", 1), ("with", 1), ("without", 1)]
    found = standing(stated)
    assert set(found) == {"", LICENCE}
    assert len({item.id for item in found.values()}) == 2
    with stated.store.read() as connection:
        rests_on = {
            readers: scores.by_id(connection, int(item.score_id)) for readers, item in found.items()
        }
        assert outbox.states(connection, None, [""]) == {"waiting": 2}
        assert outbox.states(connection, None, [LICENCE]) == {"waiting": 1}
    assert {readers: score and score.source for readers, score in rests_on.items()} == {
        "": OPEN,
        LICENCE: HELD,
    }


def test_what_is_open_is_told_as_if_the_other_source_were_not_there(stated: Service) -> None:
    paced = Pace(most_a_day=1)
    (office,) = stated.rulebook.offices
    both = tuple(replace(each, pace=paced) for each in office.recipients)
    book = replace(stated.rulebook, offices=(replace(office, recipients=both),))
    slow = replace(stated, rulebook=book)
    bring(slow, HELD)
    run(slow)
    bring(slow, OPEN)
    score(slow, OPEN, moment(0) + timedelta(hours=1))
    report = alert(slow, moment(0) + timedelta(hours=1))
    assert sorted(told(report)) == [("with", 1), ("without", 1)], "no budget was used up"


def test_a_licence_no_longer_stated_ends_its_alerts(stated: Service) -> None:
    bring(stated, HELD)
    run(stated)
    off = unstated(stated)
    assert HELD not in sources_to_score(off, moment(0))
    report = alert(off, moment(0) + timedelta(hours=1))
    (change,) = [each.change for each in report.changes]
    assert (change.kind, change.alert.state) == (ChangeKind.WITHDRAWN, AlertState.CLOSED)
    assert "the licence acled is no longer stated" in change.reason
    assert standing(off) == {}
    assert alert(off, moment(0) + timedelta(hours=2)).changes == ()
    later = report.messages or remind(off, moment(5)).messages
    assert {sent.recipient for sent in later} <= {"with"}
    # Earlier scores count no longer.
    assert alert(off, moment(0) + timedelta(hours=3)).changes == ()


def test_nobody_without_it_acts_on_such_an_alert(stated: Service) -> None:
    bring(stated, HELD)
    run(stated)
    alert_id = standing(stated)[LICENCE].id
    with pytest.raises(UnknownName):
        act(stated, alert_id, (), lambda alert: pytest.fail("acted"), moment(0))


def test_no_deployment_names_such_an_alert(stated: Service) -> None:
    bring(stated, HELD)
    run(stated)
    alert_id = standing(stated)[LICENCE].id
    asked = Proposal("TGO", ("officer",), 4, "the Government", "office", (), (), alert_id=alert_id)
    with pytest.raises(UnknownName, match="there is no alert"):
        propose_deployment(stated, "d", asked, "a desk", moment(0), "an invented reason")


@pytest.mark.parametrize("terms", [CLOSED, STATED])
def test_nothing_is_fitted_nor_judged_on_it(stated: Service, terms: Terms) -> None:
    held = replace(stated, sources={HELD: InventedSource(name=HELD, terms=terms)})
    bring(held, HELD)
    assert sources_to_fit(held) == []
    assert not held.may_learn(HELD)
    assert not held.may_pool(HELD)
    with pytest.raises(UsageError, match="nothing is fitted on"):
        fit(held, HELD, moment(0))
    with pytest.raises(UsageError, match="nothing is judged on"):
        panel_around(held, HELD, ["TGO"], origin(-10), moment(0))


def test_its_illness_is_told_to_who_carries_the_licence(stated: Service) -> None:
    bring(stated, HELD)
    with stated.store.write() as connection:
        source_news(connection, stated, moment(9))
        news = source_news(connection, stated, moment(9) + timedelta(hours=3))
        known = directory(connection, stated, moment(9))
    heard = {item.thread: {each.id for each in known.covering(item)} for item in news}
    assert heard[f"source:{HELD}"] == {"with"}
    assert heard[f"source:{OPEN}"] == {"with", "without"}


def test_a_subscription_carries_what_its_key_does(stated: Service) -> None:
    plain = replace(KEY, prefix="ewplain", licences=frozenset())
    with stated.store.write() as connection:
        for key in (KEY, plain):
            keys.add(connection, key)
            asked = replace(desk(f"of {key.prefix}"), owner=key.prefix)
            subscriptions.add(
                connection,
                Subscription(asked.id, key.prefix, "x", asked, moment(-9), verified_at=moment(-9)),
            )
    bring(stated, HELD)
    assert {recipient for recipient, _ in told(run(stated))} == {"with", "of ewdesk"}
    with stated.store.write() as connection:
        assert keys.find(connection, KEY.prefix) == KEY
        keys.revoke(connection, KEY.prefix, moment(0))
        known = directory(connection, stated, moment(0))
    assert "of ewdesk" not in known.all


def test_an_office_hears_of_its_own_reports_and_no_other_does(
    stated: Service, postbox: Postbox
) -> None:
    dakar = Office("dakar", "Dakar", "fr", ("TGO",), (replace(desk("in dakar"), owner="dakar"),))
    lome = Office("lome", "Lomé", "fr", ("TGO",))
    book = replace(stated.rulebook, offices=(*stated.rulebook.offices, dakar, lome))
    own = InventedSource(name="kobo", terms=replace(CLOSED, readers=of_office("dakar")))
    reporting = replace(stated, rulebook=book, sources={"kobo": own})
    bring(reporting, "kobo")
    assert told(run(reporting)) == [("in dakar", 1)]
    with reporting.store.read() as connection:
        (of_kobo,) = scores.latest_runs(connection, Cut.at(moment(0))).values()
        found = scores.in_runs(connection, [of_kobo], scores.ScoreFilter())
    drivers = [driver for item in found for driver in item.drivers]
    assert drivers
    assert {driver.event_ids for driver in drivers} == {()}, "no report is named"
    assert {item.probability for item in found} == {None}


def test_a_driver_of_what_is_no_report_names_its_events(stated: Service) -> None:
    bring(stated, HELD)
    run(stated)
    with stated.store.read() as connection:
        (run_id,) = scores.latest_runs(connection, Cut.at(moment(0))).values()
        found = scores.in_runs(connection, [run_id], scores.ScoreFilter())
    assert any(driver.event_ids for item in found for driver in item.drivers)
