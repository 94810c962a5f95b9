"""Tests of removed rules, on both databases.

A removed rule ends its alerts and says so. If it is put back, it starts again.
"""

from dataclasses import replace

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.pipeline.service import Service
from ewarn.rulebook.rules import rule_hash
from ewarn.store.alerts import alerts
from tests.pipeline.weeks import HOUR, REGION, alert, play, recipient, told_to
from tests.scores import moment, score


def without_rules(service: Service) -> Service:
    return replace(service, rulebook=replace(service.rulebook, rules=()))


def test_its_alerts_are_withdrawn_and_who_heard_of_them_is_told_once(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    report = alert(without_rules(desk), moment(0) + HOUR)
    (told,) = report.changes
    assert (told.change.kind, told.suppression) == (ChangeKind.WITHDRAWN, None)
    assert told.change.reason.startswith("the rule force-admin1 is gone")
    (message,) = report.messages
    assert message.body["items"][0]["changes"][0]["change"] == "withdrawn"
    assert alert(without_rules(desk), moment(1)).changes == ()
    with service.store.read() as connection:
        story = alerts.timeline(connection, told.change.alert.id, moment(9))
        assert alerts.broken_link(connection) is None
        assert alerts.inconsistent_alerts(connection, moment(9)) == []
    assert [event.rule_hash for event in story] == [rule_hash(desk.rulebook.rules[0])] * 2


def test_one_put_back_opens_at_the_next_origin_whatever_its_cool_down(service: Service) -> None:
    desk = told_to(service, recipient(), cool_down=26)
    play(desk, 0, {REGION: 0.3})
    alert(without_rules(desk), moment(0) + HOUR)
    assert alert(desk, moment(0) + 2 * HOUR).changes == ()
    (told,) = play(desk, 1, {REGION: 0.3}).changes
    assert told.change.kind is ChangeKind.OPENED
    with service.store.read() as connection:
        states = [each.state for each in alerts.standing(connection)]
    assert sorted(states) == [AlertState.CLOSED, AlertState.OPEN]


def test_a_cool_down_that_ran_goes_on_after_a_withdrawal(service: Service) -> None:
    desk = told_to(service, recipient(), keep_for=1, cool_down=6)
    for week, probability in enumerate((0.3, 0.05)):
        play(desk, week, {REGION: probability})
    play(desk, 2, {REGION: 0.5})  # critical: it opens in spite of the cool-down
    play(without_rules(desk), 3, {REGION: 0.5})
    assert play(desk, 4, {REGION: 0.3}).changes == ()
    assert len(play(desk, 7, {REGION: 0.3}).changes) == 1


def test_a_detector_s_rule_hears_of_scores_however_improbable(service: Service) -> None:
    desk = told_to(service, recipient(), detector=True)
    assert play(desk, 0, {REGION: 0.01}, observed=9).changes[0].change.kind is ChangeKind.OPENED


def test_of_several_sources_the_gravest_score_counts(service: Service) -> None:
    desk = told_to(service, recipient())
    assert score(0.3).source == "invented"
    play(desk, 0, {REGION: 0.3}, also={"another": 0.5})
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        story = alerts.timeline(connection, standing.id, moment(9))
    assert [event.kind for event in story] == [ChangeKind.OPENED]
    assert standing.probability == 0.5
    play(desk, 1, {REGION: 0.01}, also={"another": 0.3})
    play(desk, 2, {REGION: 0.01}, also={"another": 0.3})
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
    assert standing.state is AlertState.OPEN
