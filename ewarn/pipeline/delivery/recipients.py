"""Who is notified: the recipients of offices and running subscriptions, and the news for each.

Why nobody is notified of a change is decided in `ewarn.alerting.suppression`, and nowhere else.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.key import EVERYWHERE, ApiKey
from ewarn.domain.notification import News
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Office
from ewarn.domain.source import of_office
from ewarn.domain.subscription import Subscription
from ewarn.pipeline.service import Service
from ewarn.store.access import keys
from ewarn.store.delivery import endpoints, subscriptions

LOG = "log"


@dataclass(frozen=True, slots=True)
class Directory:
    """All recipients by id.

    `of_offices` are the ids of the recipients of offices, for which a rule may name its offices.
    Nothing is sent to the `disabled` ones, but the messages that they miss are stored for them.
    """

    all: Mapping[str, Recipient]
    of_offices: frozenset[str]
    disabled: frozenset[str]

    def covering(self, news: News) -> Iterator[Recipient]:
        """Yield the recipients that watch the place and target of the news, whatever its level."""
        for recipient in self.all.values():
            is_meant = "*" in news.offices or recipient.owner in news.offices
            if (is_meant or recipient.id not in self.of_offices) and recipient.covers(news):
                yield recipient

    def recipients_of(
        self, news: News, notified: Collection[tuple[str, str]]
    ) -> Iterator[Recipient]:
        """Yield the recipients of some news.

        Those are the recipients that want it, and those that were notified of its thread before:
        whoever was notified of a beginning is notified of its end.

        Args:
            notified: Pairs of a recipient's id and a thread of which it was notified.
        """
        for recipient in self.covering(news):
            if recipient.wants(news) or (recipient.id, news.thread) in notified:
                yield recipient

    def notified_before(
        self, news: News, notified: Mapping[tuple[str, str], datetime]
    ) -> Iterator[tuple[Recipient, datetime]]:
        """Yield the recipients that were notified of the thread of some news and may still read it.

        Each comes with the last time it was notified. `notified` holds these times by recipient id
        and thread.
        """
        for (id_, thread), last in notified.items():
            recipient = self.all.get(id_)
            if thread == news.thread and recipient is not None and recipient.may_read(news):
                yield recipient, last

    def alternatives_to(self, recipient: Recipient) -> list[Recipient]:
        """Return other ways to reach the same office or subscriber; the log if there is none."""
        others = [
            each
            for each in self.all.values()
            if each.owner == recipient.owner
            and each.address != recipient.address
            and each.id not in self.disabled
        ]
        return others or [log_recipient(recipient.owner, recipient.language)]


def directory(connection: Connection, service: Service, now: datetime) -> Directory:
    """Return all recipients that can be notified now.

    A subscription whose key has expired or was revoked has no recipient any more.
    """
    disabled = frozenset(
        id_ for id_, known in endpoints.find(connection).items() if known.disabled_at is not None
    )
    of_offices = [
        recipient
        for office in service.rulebook.offices
        for recipient in _of_office(office, frozenset(service.notifiers), disabled)
    ]
    subscribed = _subscribed(connection, service, now)
    return Directory(
        all={recipient.id: recipient for recipient in (*of_offices, *subscribed)},
        of_offices=frozenset(recipient.id for recipient in of_offices),
        disabled=disabled,
    )


def recipient_ids(offices: Sequence[Office]) -> list[str]:
    """Return the ids of all recipients that some offices may have, with their log recipient."""
    return [
        id_
        for office in offices
        for id_ in (f"{office.id}:{LOG}", *(each.id for each in office.recipients))
    ]


def log_recipient(
    owner: str, language: str = "en", countries: tuple[str, ...] = (EVERYWHERE,)
) -> Recipient:
    """Return a recipient whose messages go to the log, so that no news is lost."""
    return Recipient(f"{owner}:{LOG}", owner, LOG, owner, language, countries)


def _of_office(
    office: Office, channels: frozenset[str], disabled: frozenset[str]
) -> list[Recipient]:
    """Return an office's recipients on channels that are switched on.

    If none of tier 1 can be reached, the log recipient comes first.
    """
    own = of_office(office.id)  # the licence for what the office's own people report
    found = [
        replace(each, licences=(*each.licences, own))
        for each in office.recipients
        if each.channel in channels
    ]
    if any(each.id not in disabled and each.tier == 1 for each in found):
        return found
    log = log_recipient(office.id, office.language, office.countries)
    return [replace(log, licences=(own,)), *found]


def _subscribed(connection: Connection, service: Service, now: datetime) -> list[Recipient]:
    valid = {key.prefix: key for key in keys.every(connection) if key.valid_at(now)}
    return [
        recipient
        for each in subscriptions.of_keys(connection, valid.keys())
        if each.is_active_at(now) and each.recipient.channel in service.notifiers
        if (recipient := _within(each, valid[each.key_prefix], now)) is not None
    ]


def _within(subscription: Subscription, key: ApiKey, now: datetime) -> Recipient | None:
    """Return a subscription's recipient, limited to the countries and licences of its key.

    Returns:
        The recipient, or None if its key covers none of its countries.
    """
    asked = subscription.recipient
    allowed: Sequence[str] = key.countries
    if EVERYWHERE in allowed:
        covered = asked.countries
    elif EVERYWHERE in asked.countries:
        covered = tuple(allowed)
    else:
        covered = tuple(country for country in asked.countries if country in allowed)
    if not covered:
        return None
    return replace(
        asked,
        countries=covered,
        signers=subscription.signers_at(now),
        licences=tuple(sorted(key.licences)),
    )
