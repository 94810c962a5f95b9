"""Who is told: the recipients of offices and running subscriptions, and which of them some news is
for. Why nobody is told of a change is decided in `ewarn.alerting.notice`, and nowhere else."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.key import EVERYWHERE, ApiKey
from ewarn.domain.notice import News
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
    """All recipients by id. `of_offices` are those that news may be meant for by their office;
    to those that are `disabled` nothing is sent, but what they miss is kept for them."""

    all: Mapping[str, Recipient]
    of_offices: frozenset[str]
    disabled: frozenset[str]

    def covering(self, news: News) -> Iterator[Recipient]:
        """Those that watch what the news is of, whatever its gravity."""
        for recipient in self.all.values():
            is_meant = "*" in news.offices or recipient.owner in news.offices
            if (is_meant or recipient.id not in self.of_offices) and recipient.covers(news):
                yield recipient

    def told(self, news: News, heard: Collection[tuple[str, str]]) -> Iterator[Recipient]:
        """Those that are told some news: who wants to hear it, and whose id stands with its thread
        in `heard`: who was told of a beginning is told of its end."""
        for recipient in self.covering(news):
            if recipient.wants(news) or (recipient.id, news.thread) in heard:
                yield recipient

    def told_before(
        self, news: News, heard: Mapping[tuple[str, str], datetime]
    ) -> Iterator[tuple[Recipient, datetime]]:
        """Those that were told of the thread of some news and may still read of it, each with when
        that was last."""
        for (id_, thread), last in heard.items():
            recipient = self.all.get(id_)
            if thread == news.thread and recipient is not None and recipient.may_read(news):
                yield recipient, last

    def beside(self, recipient: Recipient) -> list[Recipient]:
        """Other ways to reach the same office or subscriber; the log where there is none."""
        others = [
            each
            for each in self.all.values()
            if each.owner == recipient.owner
            and each.address != recipient.address
            and each.id not in self.disabled
        ]
        return others or [in_the_log(recipient.owner, recipient.language)]


def directory(connection: Connection, service: Service, now: datetime) -> Directory:
    """Everybody who can be told now. A subscription whose key has ended is told nothing more."""
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


def recipients_of(offices: Sequence[Office]) -> list[str]:
    """Ids of everybody whom some offices may tell, the log in their name included."""
    return [
        id_
        for office in offices
        for id_ in (f"{office.id}:{LOG}", *(each.id for each in office.recipients))
    ]


def in_the_log(
    owner: str, language: str = "en", countries: tuple[str, ...] = (EVERYWHERE,)
) -> Recipient:
    """A recipient whose messages go to the log, so that nothing goes unsaid."""
    return Recipient(f"{owner}:{LOG}", owner, LOG, owner, language, countries)


def _of_office(
    office: Office, channels: frozenset[str], disabled: frozenset[str]
) -> list[Recipient]:
    """An office's recipients whose channel is switched on; the log if none of them takes any."""
    own = of_office(office.id)  # what its own people report is the office's
    found = [
        replace(each, licences=(*each.licences, own))
        for each in office.recipients
        if each.channel in channels
    ]
    if any(each.id not in disabled and each.tier == 1 for each in found):
        return found
    log = in_the_log(office.id, office.language, office.countries)
    return [replace(log, licences=(own,)), *found]


def _subscribed(connection: Connection, service: Service, now: datetime) -> list[Recipient]:
    held = {key.prefix: key for key in keys.every(connection) if key.valid_at(now)}
    return [
        recipient
        for each in subscriptions.of_keys(connection, held.keys())
        if each.stands_at(now) and each.recipient.channel in service.notifiers
        if (recipient := _within(each, held[each.key_prefix], now)) is not None
    ]


def _within(subscription: Subscription, key: ApiKey, now: datetime) -> Recipient | None:
    """A subscriber's recipient, of the countries that its key still covers and under the licences
    that it carries; None where it covers none."""
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
