"""Tests that an alert shows which of its changes were suppressed, and why."""

from datetime import timedelta

import pytest

from ewarn.domain.key import ApiKey
from ewarn.domain.recipient import Digest
from ewarn.domain.silence import Silence
from ewarn.domain.source import Health
from ewarn.domain.suppression import SuppressionReason
from ewarn.notify.messages.suppression_reasons import suppression_words, wait_words
from ewarn.pipeline.alerts.change_notifications import UnsentChange, unsent_changes
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.intake import health_changes
from ewarn.store.intake.health_changes import HealthChange
from tests.pipeline.weeks import play, recipient, remind, told_to
from tests.scores import moment

REGION = "TG-M"
KEY = ApiKey("prefix", "", "a test", frozenset(), ("*",), moment(0))


def held(service: Service, week: int, key: ApiKey | None = KEY) -> list[UnsentChange]:
    """Return the changes of the only alert that were suppressed by a week."""
    with service.store.read() as connection:
        (one,) = alerts.standing(connection)
        return unsent_changes(connection, service, key, one.id, moment(week))


def test_what_a_silence_held_back_is_said_without_its_words(service: Service) -> None:
    desk = told_to(service, recipient())
    with service.store.write() as connection:
        quiet = Silence("s1", "Dakar", "a secret reason", moment(0), moment(2), targets=("force",))
        silences.add(connection, quiet)
    play(desk, 0, {REGION: 0.3})
    (one,) = held(desk, 0)
    assert (one.at, one.change, one.cause, one.until) == (moment(0), "opened", "silence", moment(2))
    assert one.reason == "a silence covered it until 20 Jan 2020, 00:00 UTC"
    assert (one.office, one.channel, one.tier) == (None, None, None)
    assert "secret" not in str(one)


def test_what_a_source_that_is_not_well_held_back(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    with service.store.write() as connection:
        health_changes.add(connection, HealthChange("invented", Health.SILENT, "x", moment(1)))
    remind(desk, moment(3))
    (one,) = held(desk, 3)
    assert (one.change, one.cause) == ("went_stale", "source")
    assert one.reason.startswith("the source invented has a problem")
    assert held(desk, 2) == [], "as of a moment before"


def test_what_waits_names_the_class_of_its_recipient_and_no_address(service: Service) -> None:
    digest = recipient("secret@example.org", tier=1, pace={"digest": Digest.WEEKLY})
    desk = told_to(service, digest)
    play(desk, 0, {REGION: 0.3}, hours=1)
    (one,) = held(desk, 1)
    assert (one.office, one.channel, one.tier, one.cause) == ("geneva", "log", 1, "digest")
    assert one.until is not None
    assert one.until > moment(0)
    assert "secret" not in str(one)
    stranger = ApiKey("other", "", "x", frozenset(), ("GHA",), moment(0))
    assert [each.cause for each in held(desk, 1, stranger)] == ["digest"], "it watches Ghana too"
    remind(desk, moment(2) + timedelta(days=1))
    assert held(desk, 3) == [], "it has left by then"
    assert len(held(desk, 1)) == 1, "as of then it waited"


def test_an_operator_who_needs_no_key_sees_what_waits(service: Service) -> None:
    desk = told_to(service, recipient(tier=1, pace={"digest": Digest.WEEKLY}))
    play(desk, 0, {REGION: 0.3}, hours=1)
    (one,) = held(desk, 1, None)
    assert (one.office, one.cause) == ("geneva", "digest")


def test_what_was_told_is_not_held_back(service: Service) -> None:
    desk = told_to(service, recipient())
    play(desk, 0, {REGION: 0.3})
    play(desk, 1, {REGION: 0.15})  # lowered: nobody is ever notified of that
    assert held(desk, 1) == []


@pytest.mark.parametrize("why", SuppressionReason)
def test_every_reason_is_said_in_both_languages(why: SuppressionReason) -> None:
    english, french = (suppression_words(why, "gdelt", moment(1), it) for it in ("en", "fr"))
    assert english != french
    assert "%" not in english + french
    for what in ("digest", "quiet", "patience"):
        assert wait_words(what, "en") != wait_words(what, "fr")
