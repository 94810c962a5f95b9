"""From news to notices of those who are to hear it, and from notices to messages in the outbox."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.delivery import Notification
from ewarn.domain.hold import HeldBack, Hold, Why
from ewarn.domain.notice import About, News, Notice
from ewarn.domain.recipient import DAY, LONGEST_PATIENCE, Recipient, has_come
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from ewarn.notify.compose import compose
from ewarn.notify.facts import CALLS_TO_ACT, Occasion, alert_facts
from ewarn.notify.reasons import OURSELVES
from ewarn.pipeline.delivery.mail_links import links_for
from ewarn.pipeline.delivery.recipients import Directory, directory, in_the_log
from ewarn.pipeline.intake.footing import footing
from ewarn.pipeline.service import Service
from ewarn.store.alerts import held_back
from ewarn.store.delivery import notices, outbox

# News of these kinds waits for nothing when the level is critical.
_URGENT = frozenset({ChangeKind.OPENED, ChangeKind.RAISED, ChangeKind.SURGED, ChangeKind.ESCALATED})
# What nobody must act on leaves with the next message, unless a person did it.
_PATIENT = frozenset({ChangeKind.CLOSED, ChangeKind.SETTLED})


@dataclass(frozen=True, slots=True)
class Told:
    """A change, the score behind it, and why nobody was told of it (None: they were)."""

    change: Change
    score: Score
    muted: Hold | None


def news_of(service: Service, made: Sequence[Told], now: datetime) -> list[News]:
    """The news of changes that are not muted."""
    return [alert_news(service, each, now) for each in made if each.muted is None]


def tell_of(
    connection: Connection,
    service: Service,
    made: Sequence[Told],
    now: datetime,
    also: Sequence[News] = (),
) -> None:
    """Tell of changes that are not muted, and of other news; write down what is held back."""
    held_back.record(
        connection,
        [
            HeldBack(
                each.change.alert.id,
                each.change.at,
                str(each.change.kind),
                each.muted.why,
                each.muted.about,
                each.muted.until,
            )
            for each in made
            if each.muted is not None and each.muted.why is not Why.RECORD
        ],
    )
    tell(connection, service, [*news_of(service, made, now), *also], now)


def alert_news(service: Service, told: Told, now: datetime, occasion: str = "") -> News:
    """The news of one change. An alert under a rule that is gone is told to all that cover it.

    `occasion` sets it apart from other news of one alert; by default its kind, origin and tier do.
    """
    change, alert = told.change, told.change.alert
    rule = next((rule for rule in service.rulebook.rules if rule.id == alert.rule), None)
    playbook = service.rulebook.playbooks.get((rule and rule.playbook) or "")
    region = service.places.get(alert.region)
    country = service.places.get(alert.country)
    spoken = Occasion(
        change=change,
        score=told.score,
        region=region,
        country=country,
        suggestion=playbook.suggestion if playbook else {},
        base_url=service.base_url,
    )

    def facts(language: str) -> Mapping[str, Any]:
        return alert_facts(spoken, language, now)

    usual = f"{change.kind}|{alert.last_origin}|{change.at.isoformat()}|{alert.tier}"
    return News(
        about=About.ALERT,
        thread=alert.id,
        occasion=occasion or usual,
        countries=(alert.country,),
        facts=facts,
        region=alert.region,
        target=alert.target,
        band=alert.highest,
        probability=told.score.probability,
        tier=alert.tier,
        offices=rule.offices if rule else ("*",),
        readers=alert.readers,
        urgent=is_urgent(change),
        patience=patience_of(change),
    )


def is_urgent(change: Change) -> bool:
    """Whether the news of a change waits for nothing."""
    return change.alert.band is Band.CRITICAL and change.kind in _URGENT


def patience_of(change: Change) -> timedelta:
    """How long the news of a change waits for another message."""
    waits = change.kind in _PATIENT and change.actor == OURSELVES
    return LONGEST_PATIENCE if waits else timedelta(0)


def bare_news(alert: Alert, offices: tuple[str, ...]) -> News:
    """News of an alert without its words: enough to ask who would hear it."""
    return News(
        about=About.ALERT,
        thread=alert.id,
        occasion="",
        countries=(alert.country,),
        facts=lambda _: {},
        region=alert.region,
        target=alert.target,
        band=alert.highest,
        probability=alert.probability,
        tier=alert.tier,
        offices=offices,
        readers=alert.readers,
    )


def tell(
    connection: Connection, service: Service, news: Sequence[News], now: datetime
) -> list[Notice]:
    """Notices of news for each who wants to hear it, or has heard of its thread before.

    Told twice, it is one notice: it is known by recipient, thread and occasion.
    """
    if not news:
        return []
    known = directory(connection, service, now)
    heard = set(notices.last_heard(connection, {item.thread for item in news}))
    wanted: dict[str, tuple[Recipient, News]] = {}
    for item in news:
        for recipient in hearers(known, item, heard):
            wanted[notice_id(recipient, item)] = (recipient, item)
            heard.add((recipient.id, item.thread))
    new = notices.unknown(connection, wanted)
    return notices.add(connection, [notice_for(*wanted[id_], now) for id_ in new])


def notice_id(recipient: Recipient, news: News) -> str:
    """The id of the notice of news to one recipient: always the same one."""
    said = "|".join((recipient.id, news.about, news.thread, news.occasion))
    return f"ntc_{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def hearers(
    known: Directory, news: News, heard: Collection[tuple[str, str]]
) -> Iterator[Recipient]:
    """Who hears some news: who wants to, and whose id stands with its thread in `heard`."""
    for recipient in known.covering(news):
        if recipient.wants(news) or (recipient.id, news.thread) in heard:
            yield recipient


def notice_for(recipient: Recipient, news: News, now: datetime) -> Notice:
    """The notice of news to one recipient, in its language, with the moment when it may leave."""
    return Notice(
        id=notice_id(recipient, news),
        recipient=recipient.id,
        about=news.about,
        thread=news.thread,
        urgent=news.urgent,
        facts=news.facts(recipient.language),
        created_at=now,
        due_at=recipient.due_at(now, news),
        readers=news.readers,
    )


def send_due(connection: Connection, service: Service, now: datetime) -> list[Notification]:
    """One message for each recipient of whose notices any may leave now; all that wait go along,
    but what only the holders of a licence may read has a message of its own.

    What waits for a recipient that is no more, or carries its licence no more, goes to the log.
    """
    due = notices.recipients_due(connection, now)
    if not due:
        return []
    known = directory(connection, service, now)
    sent = []
    for id_ in due:
        waiting = notices.waiting(connection, id_)
        for readers in sorted({notice.readers for notice in waiting}):
            mine = [notice for notice in waiting if notice.readers == readers]
            message = _send(connection, service, known, mine, now)
            if message is not None:
                sent.append(message)
    return sent


def _send(
    connection: Connection,
    service: Service,
    known: Directory,
    waiting: Sequence[Notice],
    now: datetime,
) -> Notification | None:
    """Send what waits for one recipient and the same readers; None where it may not leave yet."""
    id_, readers = waiting[0].recipient, waiting[0].readers
    if not any(has_come(notice.due_at, now) for notice in waiting):
        return None  # another worker has sent them meanwhile
    recipient = known.all.get(id_)
    if recipient is None or (readers and readers not in recipient.licences):
        recipient = in_the_log(id_)
    ids = [notice.id for notice in waiting]
    if not any(notice.urgent for notice in waiting):
        leaves_at = _room_at(connection, recipient, waiting, now)
        if leaves_at > now:
            notices.put_off(connection, ids, leaves_at)
            return None
    ground = _footing(connection, service, recipient, waiting, now)
    links = links_for(connection, service, recipient, waiting, now)
    message = compose(recipient, waiting, now, service.base_url, ground, links)
    held = id_ in known.disabled
    outbox.enqueue(connection, [(id_, message)], held=held, readers=readers)
    notices.leave(connection, ids, message.id)
    return message


def _room_at(
    connection: Connection, recipient: Recipient, waiting: Sequence[Notice], now: datetime
) -> datetime:
    """When a message may leave. What calls nobody to act leaves one message of the day to a new
    alert; where there is one a day, what was sent without a call takes none from it."""
    pace, since, readers = recipient.pace, now - DAY, waiting[0].readers
    most = pace.most_a_day
    calls = any(_calls_to_act(notice) for notice in waiting)
    if most is not None and not calls:
        pace = replace(pace, most_a_day=max(1, most - 1))
    if most == 1 and calls:
        told = notices.left_since(connection, recipient.id, since)
        called = (at for notice, at in told if notice.readers == readers and _calls_to_act(notice))
        sent = sorted(set(called))
    else:
        sent = outbox.sent_to(connection, recipient.id, since=since, readers=readers)
    return pace.room_at(now, sent)


def _calls_to_act(notice: Notice) -> bool:
    return notice.about is About.ALERT and notice.facts.get("change") in CALLS_TO_ACT


def _footing(
    connection: Connection,
    service: Service,
    recipient: Recipient,
    waiting: Sequence[Notice],
    now: datetime,
) -> Callable[[str], str]:
    """What to say of the sources that news of alerts rests on, in a language."""
    if all(notice.about is not About.ALERT for notice in waiting):
        return lambda _: ""
    countries = () if "*" in recipient.countries else recipient.countries
    return footing(connection, service, countries, now, recipient.licences).notice
