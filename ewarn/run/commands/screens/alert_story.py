"""All that is known of one alert: its facts, what happened, who was notified, what was not sent."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ewarn.domain.alert import Alert, AlertEvent, Assessment, ChangeKind
from ewarn.egress.alerts import AlertEventRecord, UnsentChangeRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.languages.formats import colon, moment_words
from ewarn.notify.messages.change_reasons import reason_words
from ewarn.notify.messages.labels import band_words, change_words, target_words
from ewarn.pipeline.alerts.change_notifications import UnsentChange, unsent_changes
from ewarn.pipeline.service import Service
from ewarn.run.commands.screens.words import ScreenWords
from ewarn.run.console import Voice
from ewarn.store.alerts import alerts
from ewarn.store.delivery import deliveries, outbox
from ewarn.store.delivery.deliveries import SentOfThread, messages_of

_AT_ONCE = timedelta(minutes=1)  # a delivery so soon after composing needs no time of its own


@dataclass(frozen=True, slots=True)
class AlertStory:
    """An alert with its changes, its messages, and the changes of which nobody was notified."""

    alert: Alert
    timeline: Sequence[AlertEvent]
    sent: Sequence[SentOfThread]
    unsent: Sequence[UnsentChange]
    notice: str = ""


def story_of(
    connection: Connection, service: Service, alert: Alert, moment: datetime, language: str
) -> AlertStory:
    """Read the story of an alert up to a moment."""
    return AlertStory(
        alert,
        timeline=alerts.timeline(connection, alert.id, moment),
        sent=messages_of(deliveries.of_threads(connection, [alert.id], moment)),
        unsent=unsent_changes(connection, service, None, alert.id, moment, language),
    )


def story_record(story: AlertStory) -> dict[str, Any]:
    """Return a story as values for JSON, beside the record of the alert."""
    return {
        "notice": story.notice,
        "timeline": [outbound(AlertEventRecord, each) for each in story.timeline],
        "notified": [asdict(each) for each in story.sent],
        "unsent": [outbound(UnsentChangeRecord, each) for each in story.unsent],
    }


def say_story(voice: Voice, words: ScreenWords, story: AlertStory) -> None:
    """Print a story."""
    gettext = words.gettext
    voice.heading(story.alert.id)
    for fact in _facts(words, story.alert):
        voice.paragraph(fact, hang="  ")
    if story.notice:
        voice.paragraph(story.notice, hang="  ")
    voice.heading(gettext("What happened"))
    for event in story.timeline:
        voice.paragraph(_change(words, event), hang="  ")
    voice.heading(gettext("Who was notified"))
    for sent in story.sent:
        voice.paragraph(_message(words, sent), hang="  ")
    if not story.sent:
        voice.say(gettext("Nobody so far."))
    if story.unsent:
        voice.heading(gettext("What was not sent"))
    for unsent in story.unsent:
        voice.paragraph(_unsent(words, unsent), hang="  ")


def _facts(words: ScreenWords, alert: Alert) -> Iterator[str]:
    gettext, language = words.gettext, words.language
    highest = gettext("highest: %(level)s") % {"level": band_words(alert.highest, language)}
    facts = (
        (gettext("Region"), f"{words.place(alert.region)} ({alert.region})"),
        (gettext("Risk of"), target_words(alert.target, language)),
        (gettext("Rule"), alert.rule),
        (gettext("State"), words.state(alert)),
        (gettext("Level"), f"{band_words(alert.band, language)} ({highest})"),
        (gettext("Probability at its last change"), words.share(alert.probability)),
        (gettext("Opened"), words.day(alert.opened_on)),
        (gettext("Closed"), words.day(alert.closed_on) if alert.closed_on else ""),
        (gettext("Looked after by"), alert.acknowledged_by or ""),
        (gettext("Assessment"), _assessment(words, alert)),
        (gettext("Only with the licence"), alert.readers),
    )
    for name, value in facts:
        if value:
            yield f"{name}{colon(language)}{value}"


def _assessment(words: ScreenWords, alert: Alert) -> str:
    gettext = words.gettext
    said = {
        Assessment.TRUE_ALARM: gettext("true alarm"),
        Assessment.FALSE_ALARM: gettext("false alarm"),
        Assessment.UNCLEAR: gettext("unclear"),
    }
    return said[alert.assessment] if alert.assessment else ""


def _change(words: ScreenWords, event: AlertEvent) -> str:
    language = words.language
    what = change_words(event.kind, language)
    share = "" if event.probability is None else f", {words.share(event.probability)}"
    level = band_words(event.band, language)
    reason = reason_words(event, language)
    at = moment_words(event.at, language)
    return f"{at}  {what} ({level}{share}), {event.actor}{colon(language)}{reason}"


def _message(words: ScreenWords, sent: SentOfThread) -> str:
    """Return when a message was composed, for whom, and whether it was delivered."""
    at = moment_words(sent.created_at, words.language)
    return f"{at}  {sent.endpoint}{colon(words.language)}{_delivery(words, sent)}"


def _delivery(words: ScreenWords, sent: SentOfThread) -> str:
    gettext = words.gettext
    if sent.delivered_at is None:
        is_dead = sent.state == outbox.DEAD
        return gettext("given up") if is_dead else gettext("not delivered by then")
    if sent.delivered_at - sent.created_at < _AT_ONCE:
        return gettext("delivered")
    moment = moment_words(sent.delivered_at, words.language)
    return gettext("delivered %(moment)s") % {"moment": moment}


def _unsent(words: ScreenWords, unsent: UnsentChange) -> str:
    language = words.language
    kind = ChangeKind(unsent.change) if unsent.change in list(ChangeKind) else None
    what = change_words(kind, language) if kind else unsent.change
    whom = "/".join(str(each) for each in (unsent.office, unsent.channel) if each)
    at = moment_words(unsent.at, language)
    until = f" ({moment_words(unsent.until, language)})" if whom and unsent.until else ""
    return f"{at}  {what}{', ' if whom else ''}{whom}{colon(language)}{unsent.reason}{until}"
