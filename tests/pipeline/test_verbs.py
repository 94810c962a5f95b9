"""Tests that the steps of the pipeline, also if repeated, lose nothing and double nothing."""

import base64
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from ewarn.domain.alert import ChangeKind
from ewarn.domain.delivery import Outcome, Receipt
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Office
from ewarn.domain.source import Coverage, Health, Payload, Rejection
from ewarn.domain.target import Band, Basis
from ewarn.errors import RecordRejected, SourceRefused, SourceUnreachable
from ewarn.frames.events import ParsedBatch
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import Prediction
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.webhook import WebhookNotifier
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import outbox
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.intake import newest_runs, payloads, runs
from ewarn.store.scores import scores
from tests.events import frame, row
from tests.pipeline.invented import Echo, InventedSource, Postbox
from tests.receiver import Receiver
from tests.scores import moment, origin

COVERED = (Coverage("invented", "TGO", origin(-60), origin(40)),)


def lethal(number: int, week: int = -1, **others: Any) -> dict[str, Any]:
    day = origin(week) + timedelta(days=number % 6)
    return row(f"e{week}.{number}", kind="force", occurred_on=day, fatalities_low=1, **others)


def put(source: InventedSource, name: str, *rows: dict[str, Any], **batch: Any) -> None:
    source.payloads.append(Payload("invented", name, name.encode(), moment(-1)))
    source.batches[name] = ParsedBatch(frame(*rows), coverage=COVERED, **batch)


def live_week(service: Service, source: InventedSource, week: int = 0) -> Any:
    now = moment(week)
    ingest(service, source, now)
    score(service, "invented", now)
    decided = alert(service, now)
    deliver(service, lambda: now)
    return decided


def test_the_whole_line_from_events_to_a_delivered_message(
    service: Service, source: InventedSource, postbox: Postbox
) -> None:
    put(source, "one", *(lethal(number) for number in range(3)))
    decided = live_week(service, source)
    (told,) = decided.changes
    change, its_score = told.change, told.score
    assert told.suppression is None
    assert (change.kind, change.alert.region) == (ChangeKind.OPENED, "TG-M")
    assert its_score.probability == pytest.approx(0.3)
    assert its_score.band is Band.HIGH
    assert its_score.completeness == 1.0
    assert its_score.drivers[0].event_ids == ("e-1.2", "e-1.1", "e-1.0")
    (sent,) = postbox.sent
    assert sent.subject.startswith("Maritime, Togo: alert opened, level high")
    assert "Suggested: call the country team." in sent.text
    with service.store.read() as connection:
        assert outbox.states(connection) == {"delivered": 1}


def test_a_probability_that_a_model_may_not_claim_is_not_written(
    service: Service, source: InventedSource
) -> None:
    class Bold(Echo):
        def score(self, panel: Panel, only: Sequence[str] | None = None) -> Prediction:
            return Echo().score(panel, only)

    bold = replace(service, models=lambda *_: (Bold(basis=Basis.UNCALIBRATED),))
    put(source, "one", *(lethal(number) for number in range(3)))
    assert live_week(bold, source).changes == ()
    with service.store.read() as connection:
        found = scores.latest_runs(connection, Cut())
        made = scores.in_runs(connection, list(found.values()), scores.ScoreFilter())
    assert {(item.probability, item.low, item.band) for item in made} == {
        (None, None, Band.UNCALIBRATED)
    }
    assert {item.members for item in made} == {()}
    assert {item.observed for item in made} == {0, 3}


def test_running_any_verb_twice_is_a_no_op(
    service: Service, source: InventedSource, postbox: Postbox
) -> None:
    put(source, "one", *(lethal(number) for number in range(3)))
    live_week(service, source)
    again = ingest(service, source, moment(0))
    assert (again.appended.accepted, again.appended.unchanged) == (0, 3)
    assert score(service, "invented", moment(0)).run is None
    assert alert(service, moment(0)).changes == ()
    assert deliver(service, lambda: moment(0)).delivered == 0
    assert len(postbox.sent) == 1


def test_a_score_is_made_anew_where_the_footing_of_its_model_changed(
    service: Service, source: InventedSource, model: Echo
) -> None:
    put(source, "one", lethal(0))
    live_week(service, source)
    model.basis = Basis.ILLUSTRATION
    assert score(service, "invented", moment(0)).run is not None


def test_news_known_before_the_origin_makes_a_second_run_and_the_first_stays(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    live_week(service, source)
    put(source, "late", lethal(1, known_at=moment(0)))
    later = moment(0) + timedelta(days=1)
    ingest(service, source, later)
    assert score(service, "invented", later).run is not None

    def probability(at: datetime) -> float | None:
        with service.store.read() as connection:
            found = scores.latest_runs(connection, Cut.at(at))
            wanted = scores.ScoreFilter(regions=("TG-M",))
            return scores.in_runs(connection, list(found.values()), wanted)[0].probability

    assert probability(moment(0)) == pytest.approx(0.1)
    assert probability(later) == pytest.approx(0.2)


def test_what_is_known_only_after_the_origin_does_not_move_its_score(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0), lethal(1, known_at=moment(0) + timedelta(hours=1)))
    later = moment(0) + timedelta(days=1)
    ingest(service, source, later)
    score(service, "invented", later)
    with service.store.read() as connection:
        found = scores.latest_runs(connection, Cut())
        wanted = scores.ScoreFilter(regions=("TG-M",))
        (one,) = scores.in_runs(connection, list(found.values()), wanted)
    assert one.probability == pytest.approx(0.1)


def test_only_regions_that_a_source_covers_are_scored(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    ingest(service, source, moment(0))
    assert score(service, "invented", moment(0)).scores == 5  # the five regions of Togo
    assert score(service, "invented", moment(-70)).scores == 0


def test_a_week_that_was_not_observed_is_missing_and_not_zero(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    live_week(service, source)
    beyond = moment(1)
    score(service, "invented", beyond)
    with service.store.read() as connection:
        found = scores.latest_runs(connection, Cut())
        one = scores.in_runs(connection, list(found.values()), scores.ScoreFilter())[0]
    assert one.observed is None
    assert one.completeness == pytest.approx(11 / 12)


def test_an_alert_goes_stale_when_its_data_stop_and_nobody_closes_it(
    service: Service, source: InventedSource, postbox: Postbox
) -> None:
    source.payloads.append(Payload("invented", "one", b"one", moment(-1)))
    rows = frame(*(lethal(number) for number in range(3)))
    short = Coverage("invented", "TGO", origin(-60), origin(-1))
    source.batches["one"] = ParsedBatch(rows, coverage=(short,))
    live_week(service, source, 0)
    for week in range(1, 8):
        live_week(service, source, week)
    with service.store.read() as connection:
        (found,) = alerts.find(connection, alerts.AlertFilter(), moment(9))
    assert (found.state.value, found.stale) == ("open", True)
    assert [item["change"] for sent in postbox.sent for item in sent.body["items"]] == [
        "opened",
        "went_stale",
    ]


def test_a_provider_that_fails_is_health_and_not_an_error(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    source.failure = SourceUnreachable("no answer within 30 s")
    report = ingest(service, source, moment(0))
    assert (report.health, report.appended.accepted) == (Health.LATE, 1), "the first is kept"
    source.failure = SourceRefused("the answer is a web page")
    assert ingest(service, source, moment(1)).health is Health.BROKEN
    with service.store.read() as connection:
        status = health.status(connection, "invented", source, moment(1))
    assert (status.health, status.reason) == (Health.BROKEN, "the answer is a web page")


def test_a_payload_that_cannot_be_read_is_kept_and_said(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    source.batches["one"] = RecordRejected("this is no table")
    assert ingest(service, source, moment(0)).health is Health.BROKEN
    with service.store.read() as connection:
        kept = payloads.read(connection, 1)
        assert kept is not None
        assert kept.body == b"one"
        assert current(connection, Cut(), EventFilter()) == []


def test_a_payload_that_cannot_be_read_does_not_stand_in_the_way_of_the_next(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    put(source, "two", lethal(1))
    source.batches["one"] = RecordRejected("this is no table")
    assert ingest(service, source, moment(0)).appended.accepted == 1
    source.batches["one"] = ParsedBatch(frame(lethal(2)))
    report = ingest(service, source, moment(1))
    assert source.asked_since == [None, None], "it is asked again for what was not read"
    assert (report.appended.accepted, report.appended.unchanged) == (1, 1)


def test_a_fault_of_a_parser_stands_in_nobodys_way_and_quotes_nothing(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    put(source, "two", lethal(1))
    source.batches["one"] = ValueError("a name of somebody")
    report = ingest(service, source, moment(0))
    assert report.appended.accepted == 1
    with service.store.read() as connection:
        (missed,) = runs.missed(connection, "invented", moment(0))
    assert missed.reason.startswith("one: a fault of ewarn while it was read (ValueError in ")
    assert "somebody" not in missed.reason


def test_refused_and_skipped_rows_are_counted(service: Service, source: InventedSource) -> None:
    put(
        source,
        "one",
        lethal(0),
        rejected=(Rejection(7, "no day"),),
        skipped=Counter({"not a tracked kind": 4}),
    )
    report = ingest(service, source, moment(0))
    assert (len(report.rejected), report.skipped["not a tracked kind"]) == (1, 4)
    with service.store.read() as connection:
        assert newest_runs.latest_runs(connection, moment(0))["invented"].rejected == 1


def test_a_source_is_asked_since_its_last_good_reading(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", lethal(0))
    ingest(service, source, moment(0))
    ingest(service, source, moment(1))
    source.payloads = [
        Payload("invented", "one", b"two", moment(2), published_at=moment(1) + timedelta(hours=5))
    ]
    ingest(service, source, moment(2))
    source.payloads = []
    ingest(service, source, moment(3))
    assert source.asked_since[:2] == [None, moment(0)]
    assert source.asked_since[3] == moment(1) + timedelta(hours=5), "its own mark, not our clock"


def test_a_source_that_answers_again_is_well_again(
    service: Service, source: InventedSource
) -> None:
    source.failure = SourceUnreachable("no answer")
    ingest(service, source, moment(0))
    source.failure = None
    assert ingest(service, source, moment(1)).reason == "answers again, nothing new"
    with service.store.read() as connection:
        assert newest_runs.latest_runs(connection, moment(1))["invented"].health is Health.OK


@pytest.mark.parametrize(
    ("weeks", "state"),
    [(0, Health.OK), (2, Health.OK), (3, Health.LATE), (5, Health.SILENT)],
)
def test_health_follows_the_cadence(
    service: Service, source: InventedSource, weeks: int, state: Health
) -> None:
    put(source, "one", lethal(0))
    ingest(service, source, moment(0))
    with service.store.read() as connection:
        assert health.status(connection, "invented", source, moment(weeks)).health is state
        assert health.status(connection, "never", None, moment(0)).reason == "never read"


def test_a_polled_week_is_observed_once_most_of_its_slots_were_read(
    service: Service, source: InventedSource
) -> None:
    source.cadence = timedelta(days=1)
    source.payloads = []
    for day in range(7):
        at = moment(0) + timedelta(days=day)
        name = f"day {day}"
        source.payloads = [Payload("invented", name, name.encode(), at)]
        source.batches[name] = ParsedBatch(frame(lethal(day, 0)))
        ingest(service, source, at)
        with service.store.read() as connection:
            weeks = health.coverage(connection, "invented", source, at)
        expected = [Coverage("invented", "*", origin(0), origin(0))] if day >= 5 else []
        assert weeks == expected


def test_an_uncalibrated_score_opens_nothing_by_probability(
    service: Service, source: InventedSource, model: Echo
) -> None:
    model.basis = Basis.UNCALIBRATED
    put(source, "one", *(lethal(number) for number in range(9)))
    decided = live_week(service, source)
    assert decided.changes == ()


def test_a_message_that_fails_waits_and_comes_again_with_its_id(
    service: Service, source: InventedSource, postbox: Postbox
) -> None:
    postbox.receipt = Receipt(Outcome.RETRY, "HTTP 503")
    put(source, "one", *(lethal(number) for number in range(3)))
    live_week(service, source)
    assert deliver(service, lambda: moment(0)).delivered == 0
    postbox.receipt = Receipt(Outcome.DELIVERED, "HTTP 200")
    assert deliver(service, lambda: moment(1)).delivered == 1
    assert len(postbox.sent) == 2
    assert postbox.sent[0].id == postbox.sent[1].id


def test_a_message_for_a_channel_that_is_off_waits(
    service: Service, source: InventedSource
) -> None:
    put(source, "one", *(lethal(number) for number in range(3)))
    ingest(service, source, moment(0))
    score(service, "invented", moment(0))
    alert(service, moment(0))
    off = replace(service, notifiers={})
    report = deliver(off, lambda: moment(0))
    assert (report.delivered, report.waiting) == (0, 1)


def test_historical_countries_are_not_scored_after_their_end(
    service: Service, source: InventedSource
) -> None:
    source.payloads.append(Payload("invented", "one", b"one", moment(-1)))
    rows = frame(row("e1", region="SUN", country="SUN", occurred_on=date(1991, 1, 5)))
    covered = Coverage("invented", "SUN", date(1990, 1, 1), date(1995, 1, 2))
    source.batches["one"] = ParsedBatch(rows, coverage=(covered,))
    ingest(service, source, moment(0))
    assert score(service, "invented", moment(0), origin=date(1992, 6, 1)).scores == 0


def test_a_webhook_reaches_its_receiver_after_it_recovers(
    service: Service, source: InventedSource, receiver: Receiver
) -> None:
    secret = "whsec_" + base64.b64encode(b"invented secret of 32 bytes long").decode()
    desk = Recipient("geneva:hook", "geneva", "webhook", receiver.url, "en")
    office = Office("geneva", "Geneva", "en", ("*",), (desk,))
    receiver.answers = [(503, {"retry-after": "600"})]
    put(source, "one", *(lethal(number) for number in range(3)))
    with WebhookTransport(networks(["127.0.0.0/8"])) as line:
        webhook = WebhookNotifier(line, [secret])
        posted = replace(
            service,
            notifiers={"webhook": webhook},
            rulebook=replace(service.rulebook, offices=(office,)),
        )
        live_week(posted, source)
        assert deliver(posted, lambda: moment(0) + timedelta(minutes=9)).delivered == 0
        assert deliver(posted, lambda: moment(0) + timedelta(minutes=10)).delivered == 1
    ids = {headers["webhook-id"] for headers, _ in receiver.received}
    bodies = {body for _, body in receiver.received}
    assert (len(receiver.received), len(ids), len(bodies)) == (2, 1, 1)
    assert json.loads(bodies.pop())["items"][0]["region"] == "TG-M"
