"""Tests after Alertmanager's acceptance scenarios, as far as no other test covers them.

The whole list, with the tests of the others, is in docs/decisions/0023-proof-under-fire.md.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.recipient import LONGEST_WAIT, Digest
from ewarn.domain.region import Level
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.service import Service
from ewarn.run.rulebooks import Rulebooks
from ewarn.store.scores import scores
from tests.pipeline.invented import KEPT, Postbox
from tests.pipeline.weeks import HOUR, REGION, alert, play, recipient, remind, told_to
from tests.scores import moment, origin, rule, score

DAY = timedelta(days=1)
RULE = """
- {id: force, target: force, level: admin1, horizon_weeks: 4, raise_at: %s, close_below: 0.1}
"""
OFFICES = """
- {id: geneva, name: G, language: en, countries: ['*'], recipients: [%s]}
"""


def told(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """Region and change of all that messages tell, in order."""
    return [
        (item["region"], step["change"])
        for message in messages
        for item in message.body["items"]
        for step in item["changes"]
    ]


def test_merge_news_of_one_alert_is_one_item_and_a_later_alert_is_another(
    service: Service, postbox: Postbox
) -> None:
    desk = told_to(service, recipient(pace={"digest": Digest.WEEKLY}), keep_for=1, cool_down=0)
    play(desk, 0, {REGION: 0.3}, hours=9)
    play(desk, 1, {REGION: 0.5}, hours=1)
    deliver(desk, lambda: moment(1) + 9 * HOUR)
    (first,) = postbox.sent
    (item,) = first.body["items"]
    assert [step["change"] for step in item["changes"]] == ["opened", "raised"]
    play(desk, 2, {REGION: 0.01})
    play(desk, 3, {REGION: 0.3})
    deliver(desk, lambda: moment(4) + 9 * HOUR)
    ids = [item["alert_id"] for message in postbox.sent for item in message.body["items"]]
    assert len(set(ids)) == 2


def test_retry_one_that_fails_hears_in_the_end_and_the_other_hears_once(service: Service) -> None:
    well, ill = Postbox(), Postbox(Receipt(Outcome.RETRY, "HTTP 500"), name="webhook")
    desks = told_to(service, recipient(), recipient("hook", channel="webhook"))
    both = replace(desks, notifiers={"log": well, "webhook": ill})
    play(both, 0, {REGION: 0.3})
    for seconds in (0, 10):
        deliver(both, lambda seconds=seconds: moment(0) + timedelta(seconds=seconds))  # type: ignore[misc]
    ill.receipt = KEPT
    deliver(both, lambda: moment(0) + HOUR)
    deliver(both, lambda: moment(0) + DAY)
    assert (len(well.sent), len(ill.sent)) == (1, 3)
    assert len({sent.id for sent in ill.sent}) == 1


def test_resolved_all_that_closed_is_one_message_to_those_who_heard_of_it(
    service: Service, postbox: Postbox
) -> None:
    desk = told_to(service, recipient(), keep_for=1)
    three = ("TG-K", "TG-M", "TG-P")
    play(desk, 0, dict.fromkeys(three, 0.3))
    later = told_to(service, recipient(), recipient("new", at_least=0.9), keep_for=1)
    play(later, 1, dict.fromkeys(three, 0.01))
    later_on = moment(1) + LONGEST_WAIT  # there was no other news that they could leave with
    assert [sent.recipient for sent in remind(later, later_on).messages] == ["desk"]
    deliver(later, lambda: later_on)
    opened, closed = postbox.sent
    assert told([opened]) == [(region, "opened") for region in three]
    assert told([closed]) == [(region, "closed") for region in three]


def test_cold_start_after_a_month_tells_what_waited_and_what_time_brought_once(
    service: Service, postbox: Postbox
) -> None:
    desks = told_to(
        service,
        recipient("first", pace={"repeat_days": 28}),
        recipient("second", tier=2),
        acknowledge_within=24 * HOUR,
        keep_for=1,
    )
    play(desks, 0, {"TG-K": 0.3})
    deliver(desks, lambda: moment(0))
    play(desks, 0, {REGION: 0.3}, hours=6)  # then nothing runs for a month
    postbox.sent.clear()
    now = moment(5)
    for _ in range(2):  # and the second time there is no news
        remind(desks, now)
        alert(desks, now)
        deliver(desks, lambda: now)
    assert sorted(told(postbox.sent)) == [
        *[("TG-K", "escalated")] * 2,
        *[("TG-K", "went_stale")] * 2,  # stale by the clock: nothing was scored for a month
        *[(REGION, "escalated")] * 2,
        (REGION, "opened"),
        *[(REGION, "went_stale")] * 2,
    ]
    play(desks, 5, {"TG-K": 0.01, REGION: 0.01}, hours=1)
    postbox.sent.clear()
    remind(desks, now + HOUR + LONGEST_WAIT)
    deliver(desks, lambda: now + HOUR + LONGEST_WAIT)
    each = [(region, kind) for region in ("TG-K", REGION) for kind in ("closed", "recovered")]
    assert sorted(told(postbox.sent)) == sorted(each * 2)


def test_reload_tells_nothing_twice_and_the_new_rules_hold_from_then_on(
    service: Service, postbox: Postbox, tmp_path: Path
) -> None:
    def write(raise_at: str, recipients: str, at: int) -> None:
        (tmp_path / "rules.yaml").write_text(RULE.strip() % raise_at + "\n")
        (tmp_path / "offices.yaml").write_text(OFFICES.strip() % recipients + "\n")
        for path in tmp_path.iterdir():
            os.utime(path, (at, at))

    write("0.2", "log:desk", 1)
    live = replace(service, sources={}, rulebooks=Rulebooks(tmp_path))
    play(live.with_current_rules(), 0, {REGION: 0.3, "TG-K": 0.15})
    deliver(live.with_current_rules(), lambda: moment(0))
    write("0.12", "log:desk, log:second", 2)
    changed = alert(live.with_current_rules(), moment(0)).messages  # the open alert brings no news
    assert [told([sent]) for sent in changed] == [[("TG-K", "opened")]] * 2
    assert alert(live.with_current_rules(), moment(0)).messages == ()
    assert remind(live.with_current_rules(), moment(0)).messages == ()
    play(live.with_current_rules(), 1, {REGION: 0.3, "TG-K": 0.15})
    deliver(live.with_current_rules(), lambda: moment(1))
    assert [(sent.recipient, told([sent])) for sent in postbox.sent] == [
        ("desk", [(REGION, "opened")]),
        ("desk", [("TG-K", "opened")]),
        ("second", [("TG-K", "opened")]),
    ]
    (tmp_path / "rules.yaml").write_text("- {id: nonsense}\n")
    assert live.with_current_rules().rulebook.rules == live.with_current_rules().rulebook.rules
    assert [each.id for each in live.with_current_rules().rulebook.rules] == ["force"]


def test_inhibiting_a_country_mutes_nothing_and_its_regions_travel_with_it(
    service: Service, postbox: Postbox
) -> None:
    plain = told_to(service, recipient(), keep_for=1)
    country = rule(id="force-country", level=Level.COUNTRY, keep_for=1)
    both = replace(plain, rulebook=replace(plain.rulebook, rules=(*plain.rulebook.rules, country)))

    def week(number: int, of_country: float, of_region: float) -> list[tuple[str, str]]:
        now = moment(number)
        made = [
            replace(score(of_country, number, region="TGO"), id=""),
            replace(score(of_region, number, region=REGION), id=""),
        ]
        with service.store.write() as connection:
            scores.record(connection, "invented", origin(number), str(number), made, now)
        alert(both, now)
        postbox.sent.clear()
        deliver(both, lambda: now)
        return told(postbox.sent)

    assert sorted(week(0, 0.3, 0.3)) == [(REGION, "opened"), ("TGO", "opened")]
    assert postbox.sent[0].subject == "2 alerts: Togo high (alert opened), now also: Maritime"
    assert week(1, 0.3, 0.5) == [(REGION, "raised")]
    assert week(2, 0.01, 0.5) == [], "an end waits for other news"
    assert week(3, 0.01, 0.01) == []
    remind(both, moment(2) + LONGEST_WAIT)
    postbox.sent.clear()
    deliver(both, lambda: moment(2) + LONGEST_WAIT)
    assert sorted(told(postbox.sent)) == [(REGION, "closed"), ("TGO", "closed")]
