"""Tests of who is notified of what, when, and in how many messages, on both databases."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from benchmarks.bad_year import CALM, wobble
from ewarn.alerting.acts import acknowledge, close
from ewarn.domain.alert import Change, ChangeKind
from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.recipient import Digest, QuietHours
from ewarn.domain.silence import Silence
from ewarn.domain.target import Band
from ewarn.notify.channels.email import ATTEMPT_SECONDS
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.deliver import LEASE, deliver
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.delivery import endpoints, notifications, outbox
from ewarn.store.tables.delivery import outbox as table
from tests.pipeline.invented import Postbox
from tests.pipeline.weeks import HOUR, REGION, alert, play, recipient, remind, told_to
from tests.scores import moment

DAY = timedelta(days=1)


def changes(*messages: Message) -> list[tuple[str, list[str]]]:
    """Return the region and the changes of each item in messages."""
    return [
        (item["region"], [step["change"] for step in item["changes"]])
        for message in messages
        for item in message.body["items"]
    ]


def sent_at(service: Service, postbox: Postbox, now: Any) -> list[Message]:
    postbox.sent.clear()
    deliver(service, lambda: now)
    return list(postbox.sent)


def test_all_of_one_run_leaves_as_one_message_to_each(service: Service) -> None:
    desks = told_to(service, recipient("one"), recipient("two", language="fr"))
    report = play(desks, 0, {"TG-M": 0.3, "TG-K": 0.5, "TG-P": 0.25})
    assert [sent.recipient for sent in report.messages] == ["one", "two"]
    assert changes(report.messages[0]) == [
        ("TG-K", ["opened"]),
        ("TG-M", ["opened"]),
        ("TG-P", ["opened"]),
    ]
    assert report.messages[1].subject.startswith("3 alertes")


def test_who_did_not_ask_for_it_does_not_hear_it_and_who_heard_hears_the_end(
    service: Service,
) -> None:
    grave = recipient("grave", level=Band.CRITICAL)
    likely = recipient("likely", at_least=0.6)
    others = recipient("others", countries=("GHA",))
    desks = told_to(service, grave, likely, others)
    assert play(desks, 0, {REGION: 0.3}).messages == ()
    assert [n.recipient for n in play(desks, 1, {REGION: 0.5}).messages] == ["grave"]
    play(desks, 2, {REGION: 0.01})
    assert play(desks, 3, {REGION: 0.01}).messages == (), "an end waits for other news"
    (late,) = remind(desks, moment(7)).messages
    assert (late.recipient, changes(late)) == ("grave", [(REGION, ["closed"])])


def test_an_end_leaves_with_the_next_news(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    play(desk, 1, {REGION: 0.01})
    assert play(desk, 2, {REGION: 0.01}).messages == ()
    (news,) = play(desk, 3, {"TG-K": 0.3}).messages
    assert changes(news) == [("TG-K", ["opened"]), (REGION, ["closed"])]


def test_an_end_by_hand_is_told_at_once(service: Service) -> None:
    desk = told_to(service, recipient())
    (opened,) = play(desk, 0, {REGION: 0.3}).changes
    act(desk, opened.change.alert.id, (), lambda it: close(it, "Lomé", moment(1), "x"), moment(1))
    compose_due(desk, moment(1))
    with service.store.read() as connection:
        sent = [row.body["items"][0]["changes"] for row in connection.execute(select(table))]
    assert [[each["change"] for each in item] for item in sent] == [["opened"], ["closed"]]


def test_news_at_night_waits_for_the_morning_unless_it_is_critical(
    service: Service, postbox: Postbox
) -> None:
    night = QuietHours(time(22), time(6))
    desk = told_to(service, recipient(pace={"quiet": night}))
    assert play(desk, 0, {"TG-M": 0.3}, hours=1).messages == ()
    assert sent_at(desk, postbox, moment(0) + 5 * HOUR) == []
    (woken,) = play(desk, 0, {"TG-K": 0.5}, hours=2).messages
    assert changes(woken) == [("TG-K", ["opened"]), ("TG-M", ["opened"])]
    assert play(desk, 0, {"TG-P": 0.3}, hours=3).messages == ()
    waited = sent_at(desk, postbox, moment(0) + 6 * HOUR)
    assert changes(*waited) == [*changes(woken), ("TG-P", ["opened"])]


def test_what_a_clock_a_year_ahead_put_off_is_told_once_the_clock_is_right(
    service: Service, postbox: Postbox
) -> None:
    night = QuietHours(time(22), time(6))
    desk = told_to(service, recipient(pace={"quiet": night, "most_a_day": 1}))
    play(desk, 52, {"TG-M": 0.3}, hours=1)
    (told,) = sent_at(desk, postbox, moment(0) + 12 * HOUR)
    assert changes(told) == [("TG-M", ["opened"])]
    assert sent_at(desk, postbox, moment(0) + 13 * HOUR) == []


def test_a_digest_tells_every_change_of_an_alert_as_one_item(
    service: Service, postbox: Postbox
) -> None:
    desk = told_to(service, recipient(pace={"digest": Digest.WEEKLY}), keep_for=1, cool_down=0)
    for week, probability in enumerate((0.3, 0.05, 0.3, 0.35)):
        play(desk, week, {REGION: probability}, hours=9)
    assert [changes(each) for each in sent_at(desk, postbox, moment(4) + 9 * HOUR)] == [
        [(REGION, ["opened", "closed"])],
        [(REGION, ["opened"])],
    ]


def test_a_budget_holds_messages_back_and_loses_nothing(service: Service, postbox: Postbox) -> None:
    desk = told_to(service, recipient(pace={"most_a_day": 1}))
    assert len(play(desk, 0, {"TG-M": 0.3}).messages) == 1
    assert play(desk, 0, {"TG-K": 0.3}, hours=6).messages == ()
    assert play(desk, 0, {"TG-P": 0.3}, hours=12).messages == ()
    sent_at(desk, postbox, moment(0) + 13 * HOUR)
    assert sent_at(desk, postbox, moment(0) + 23 * HOUR) == []
    (waited,) = sent_at(desk, postbox, moment(0) + 24 * HOUR)
    assert changes(waited) == [("TG-K", ["opened"]), ("TG-P", ["opened"])]


def test_an_alert_that_nobody_acknowledges_goes_to_the_next_tier_once(service: Service) -> None:
    desks = told_to(
        service, recipient("first"), recipient("second", tier=2), acknowledge_within=24 * HOUR
    )
    play(desks, 0, {REGION: 0.3})
    assert remind(desks, moment(0) + 23 * HOUR).messages == ()
    report = remind(desks, moment(0) + 24 * HOUR)
    assert [change.kind for change in report.changes] == [ChangeKind.ESCALATED]
    assert [(sent.recipient, changes(sent)) for sent in report.messages] == [
        ("first", [(REGION, ["escalated"])]),
        ("second", [(REGION, ["escalated"])]),
    ]
    assert remind(desks, moment(0) + 90 * HOUR).changes == ()
    with service.store.read() as connection:
        assert alerts.broken_link(connection) is None
        (standing,) = alerts.standing(connection)
    assert standing.tier == 2
    act(desks, standing.id, (), lambda it: acknowledge(it, "HQ", moment(0)), moment(0))


def test_one_that_was_acknowledged_goes_no_further(service: Service) -> None:
    desks = told_to(
        service, recipient("first"), recipient("second", tier=2), acknowledge_within=24 * HOUR
    )
    play(desks, 0, {REGION: 0.3})
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
    act(desks, standing.id, (), lambda it: acknowledge(it, "Dakar", moment(0)), moment(0))
    assert remind(desks, moment(2)).changes == ()


def test_an_alert_that_stands_is_told_again_after_its_interval_until_acknowledged(
    service: Service,
) -> None:
    desk = told_to(service, recipient(pace={"repeat_days": 7}))
    play(desk, 0, {REGION: 0.3})
    assert remind(desk, moment(0) + 6 * DAY).repeated == 0
    due = remind(desk, moment(0) + 7 * DAY)
    assert (due.repeated, due.messages) == (1, ()), "it waits for other news"
    (again,) = remind(desk, moment(0) + 11 * DAY).messages
    assert changes(again) == [(REGION, ["reminded"])]
    assert remind(desk, moment(0) + 11 * DAY).messages == ()
    play(desk, 2, {REGION: 0.3})
    assert remind(desk, moment(2)).repeated == 1
    assert len(remind(desk, moment(2) + 4 * DAY).messages) == 1
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        story = alerts.timeline(connection, standing.id, moment(9))
    assert [event.kind for event in story] == ["opened"]
    act(desk, standing.id, (), lambda it: acknowledge(it, "Dakar", moment(2)), moment(2))
    play(desk, 9, {REGION: 0.3})
    assert remind(desk, moment(9)).messages == ()


def test_a_silence_that_ends_between_decisions_is_made_up_for(service: Service) -> None:
    desk = told_to(service, recipient())
    with service.store.write() as connection:
        silences.add(
            connection,
            Silence("s1", "Dakar", "x", moment(0), moment(0) + 2 * DAY, targets=("force",)),
        )
    assert play(desk, 0, {REGION: 0.3}).messages == ()
    assert remind(desk, moment(0) + DAY).messages == ()
    (told,) = remind(desk, moment(0) + 2 * DAY).messages
    assert changes(told) == [(REGION, ["reminded"])]


def test_an_office_without_anybody_to_tell_is_told_in_the_log(service: Service) -> None:
    desk = told_to(service, recipient("hook", channel="webhook"))
    (told,) = play(desk, 0, {REGION: 0.3}).messages
    assert (told.channel, told.recipient) == ("log", "geneva")


def test_notices_of_a_recipient_that_is_gone_leave_for_the_log(
    service: Service, postbox: Postbox
) -> None:
    digest = told_to(service, recipient("gone", pace={"digest": Digest.WEEKLY}))
    play(digest, 0, {REGION: 0.3}, hours=9)
    (left,) = sent_at(told_to(service, recipient("new")), postbox, moment(1) + 8 * HOUR)
    assert (left.channel, left.recipient) == ("log", "geneva:gone")


def test_an_address_that_is_gone_is_switched_off_and_its_owner_told_beside_it(
    service: Service, postbox: Postbox
) -> None:
    hook = Postbox(Receipt(Outcome.GONE, "HTTP 410"), name="webhook")
    two = told_to(service, recipient("hook", channel="webhook"), recipient("desk"))
    both = replace(two, notifiers={"log": postbox, "webhook": hook})
    play(both, 0, {REGION: 0.3})
    assert [changes(sent) for sent in sent_at(both, postbox, moment(0))] == [[(REGION, ["opened"])]]
    (told,) = sent_at(both, postbox, moment(0))
    assert told.body["items"][0]["type"] == "endpoint.disabled"
    hook.sent.clear()
    play(both, 1, {REGION: 0.5})
    assert [changes(sent) for sent in sent_at(both, postbox, moment(1))] == [[(REGION, ["raised"])]]
    assert hook.sent == []
    with service.store.read() as connection:
        held = connection.execute(select(table.c.id).where(table.c.state == "dead")).scalars().all()
        assert len(held) == 2
    with service.store.write() as connection:
        assert outbox.replay(connection, held, moment(2)) == 2
    hook.receipt = Receipt(Outcome.DELIVERED, "ok")
    deliver(both, lambda: moment(2))
    assert sorted(sent.id for sent in hook.sent) == sorted(held)


def test_an_address_that_failed_for_five_days_is_switched_off(
    service: Service, postbox: Postbox
) -> None:
    hook = Postbox(Receipt(Outcome.RETRY, "HTTP 503"), name="webhook")
    two = told_to(service, recipient("hook", channel="webhook"), recipient("desk"))
    both = replace(two, notifiers={"log": postbox, "webhook": hook})
    play(both, 0, {REGION: 0.3})
    deliver(both, lambda: moment(0))
    for day in range(1, 8):
        play(both, 0, {f"TG-{'CKPS'[day % 4]}": 0.3}, hours=24 * day)
        deliver(both, lambda day=day: moment(0) + day * DAY)  # type: ignore[misc]
    tried = len(hook.sent)
    deliver(both, lambda: moment(4))
    assert len(hook.sent) == tried
    told = [i["type"] for sent in postbox.sent for i in sent.body["items"]]
    assert told.count("endpoint.disabled") == 1


def test_no_attempt_begins_that_might_outlive_its_lease(service: Service) -> None:
    """On a slow channel, each attempt takes as long as a mail may. No other worker may send it."""
    begun: list[timedelta] = []
    clock = [moment(0) + 5 * HOUR]

    class Slow(Postbox):
        def send(self, message: Message, now: datetime) -> Receipt:
            begun.append(clock[0] - moment(0) - 5 * HOUR)
            clock[0] += timedelta(seconds=ATTEMPT_SECONDS)
            return self.receipt

    desk = replace(told_to(service, recipient()), notifiers={"log": Slow()})
    for hours in range(4):
        play(desk, 0, {f"TG-{'CKPS'[hours]}": 0.3}, hours=hours)
    assert deliver(desk, lambda: clock[0]).delivered == 1
    assert begun == [timedelta()]
    assert begun[-1] + timedelta(seconds=ATTEMPT_SECONDS) < LEASE
    assert [deliver(desk, lambda: clock[0]).delivered for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("milliseconds", "written"), [(20, [0, 0, 0, 3, 3]), (60, [0, 1, 2, 3, 4])]
)
def test_quick_answers_are_written_together_and_a_slow_one_at_once(
    service: Service, milliseconds: int, written: list[int]
) -> None:
    """How long an attempt takes, and how many answers are written as each of five begins."""
    begun: list[int] = []
    clock = [moment(0) + 5 * HOUR]
    delivered = select(func.count()).where(table.c.state == "delivered")

    class Timed(Postbox):
        def send(self, message: Message, now: datetime) -> Receipt:
            with service.store.read() as connection:
                begun.append(connection.execute(delivered).scalar_one())
            clock[0] += timedelta(milliseconds=milliseconds)
            return self.receipt

    desk = replace(told_to(service, recipient()), notifiers={"log": Timed()})
    for hours, part in enumerate("CKMPS"):
        play(desk, 0, {f"TG-{part}": 0.3}, hours=hours)
    assert deliver(desk, lambda: clock[0]).delivered == 5
    assert begun == written


def test_a_message_that_is_refused_is_told_once_a_day_and_begins_no_failing(
    service: Service, postbox: Postbox
) -> None:
    hook = Postbox(Receipt(Outcome.REFUSED, "HTTP 404"), name="webhook")
    two = told_to(service, recipient("hook", channel="webhook"), recipient("desk"))
    both = replace(two, notifiers={"log": postbox, "webhook": hook})
    for number, hours in enumerate((0, 1, 24)):
        play(both, 0, {f"TG-{'CKP'[number]}": 0.3}, hours=hours)
        deliver(both, lambda hours=hours: moment(0) + hours * HOUR)  # type: ignore[misc]
    deliver(both, lambda: moment(0) + 25 * HOUR)
    told = [i["type"] for sent in postbox.sent for i in sent.body["items"]]
    assert told.count("endpoint.disabled") == 2
    hook.receipt = Receipt(Outcome.RETRY, "HTTP 503")
    play(both, 0, {"TG-S": 0.3}, hours=24 * 6)
    deliver(both, lambda: moment(0) + 6 * DAY)
    with service.store.read() as connection:
        known = endpoints.find(connection)["geneva:hook"]
    assert (known.disabled_at, known.failing_since) == (None, moment(0) + 6 * DAY)


def test_the_end_of_an_alert_that_nobody_heard_of_is_not_told(service: Service) -> None:
    desk = told_to(service, recipient())
    with service.store.write() as connection:
        silences.add(
            connection, Silence("s1", "Dakar", "x", moment(0), moment(1) + DAY, targets=("force",))
        )
    play(desk, 0, {REGION: 0.3})
    for week in (1, 2):
        assert play(desk, week, {REGION: 0.01}).messages == ()


def test_a_failing_address_is_asked_once_a_round_and_holds_up_nobody_else(
    service: Service, postbox: Postbox
) -> None:
    hook = Postbox(Receipt(Outcome.RETRY, "HTTP 503"), name="webhook")
    two = told_to(service, recipient("hook", channel="webhook"), recipient("desk"))
    both = replace(two, notifiers={"log": postbox, "webhook": hook})
    for hours in range(4):
        play(both, 0, {f"TG-{'CKPS'[hours]}": 0.3}, hours=hours)
    report = deliver(both, lambda: moment(0) + 3 * HOUR)
    assert (len(postbox.sent), len(hook.sent)) == (4, 1)
    assert (report.delivered, report.waiting, report.dead) == (4, 1, 0)
    hook.receipt = Receipt(Outcome.DELIVERED, "ok")
    deliver(both, lambda: moment(0) + 4 * HOUR)
    assert len({sent.id for sent in hook.sent}) == 4


def test_an_act_is_told_to_those_who_heard_of_the_alert(service: Service) -> None:
    desk = told_to(service, recipient("desk"), recipient("grave", level=Band.CRITICAL))
    play(desk, 0, {REGION: 0.3})
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)

    def ended(it: Any) -> Change:
        return close(it, "Dakar", moment(0) + HOUR, "a copy")

    act(desk, standing.id, (), ended, moment(0) + HOUR)
    compose_due(desk, moment(0) + HOUR)
    with service.store.read() as connection:
        to = connection.execute(select(table.c.recipient).order_by(table.c.created_at)).scalars()
        assert list(to) == ["desk", "desk"]


def test_the_same_decision_told_twice_makes_no_second_notice(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    assert alert(desk, moment(0)).messages == ()
    with service.store.read() as connection:
        assert notifications.recipients_due(connection, moment(99)) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_bad_season_floods_nobody_and_loses_no_change(service: Service) -> None:
    """The test of a whole year is `python -m benchmarks.run bad_year`."""
    season = wobble(service, weeks=10, regions=20, levels=CALM)
    assert season.told == season.changes > 35
    assert season.most_on_a_day == 2
    assert season.open_twice == 0
