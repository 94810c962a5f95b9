"""Notices: one fact for each recipient who is to hear it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection

from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.hold import HeldBack, Hold, Why
from ewarn.domain.notice import About, News, Notice
from ewarn.domain.recipient import LONGEST_PATIENCE, Recipient
from ewarn.domain.score import Score
from ewarn.domain.target import Band
from ewarn.notify.change_reasons import OURSELVES
from ewarn.notify.payload_fields import Occasion, alert_facts
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.store.alerts import held_back
from ewarn.store.delivery import notices

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
) -> list[Notice]:
    """Store notices of changes that are not muted and of other news, and why others are held back.

    Returns the new notices.
    """
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
    return tell(connection, service, [*news_of(service, made, now), *also], now)


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
        item = replace(item, facts=cache(item.facts))  # once for all who read one language
        for recipient in known.told(item, heard):
            wanted[notice_id(recipient, item)] = (recipient, item)
            heard.add((recipient.id, item.thread))
    return notices.add(connection, [notice_for(*each, now) for each in wanted.values()])


def notice_id(recipient: Recipient, news: News) -> str:
    """The id of the notice of news to one recipient: always the same one."""
    said = "|".join((recipient.id, news.about, news.thread, news.occasion))
    return f"ntc_{hashlib.sha256(said.encode()).hexdigest()[:24]}"


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
