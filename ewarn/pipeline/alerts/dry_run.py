"""What rules would do with a score that nobody made: who would be told what, and when.

Nothing is stored. The decision is `alerting.decide` itself, on the alerts as they stand now.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide, last_of_each
from ewarn.alerting.explain import why_not
from ewarn.alerting.notice import country_alert, muted, silencing
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.key import ApiKey
from ewarn.domain.notice import News
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Region
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.silence import Silence, seen_by
from ewarn.domain.source import Health
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import DAY, midnight, origin_at
from ewarn.pipeline.alerts.staleness import by_the_clock
from ewarn.pipeline.delivery.notifications import bare_news, is_urgent, patience_of
from ewarn.pipeline.delivery.recipients import Directory, directory
from ewarn.pipeline.intake.source_news import ill
from ewarn.pipeline.models.budget import settled, sources_scored
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import notices, outbox
from ewarn.store.scores.score_past import with_past


@dataclass(frozen=True, slots=True)
class Supposed:
    """A score as somebody supposes it, of the last origin before `at`.

    `observed` is None where the week was not observed. `upper` and `false_discovery` are what rules
    on a detector's bound look at, `relative_risk` what they do of a quiet region.
    """

    region: Region
    target: Target
    horizon_weeks: int
    probability: float | None
    basis: Basis
    observed: int | None
    source: str
    at: datetime
    upper: float | None = None
    false_discovery: float | None = None
    relative_risk: float | None = None


@dataclass(frozen=True, slots=True)
class Hearer:
    """One who would be told: an office by its id, or a subscription of who asks; never an address.

    `leaves_at` is when the message would leave, unless another to the same address goes before.
    """

    office: str | None
    subscription: str | None
    channel: str
    tier: int
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    """A change that would be made, who would be told, and what would hold the news back."""

    change: Change
    urgent: bool
    not_told: str | None
    silences: tuple[Silence, ...]
    country_alert: str | None
    source_ill: str | None
    told: tuple[Hearer, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule would do, and every reason why it would not match. `alert` is the one of the
    region that is not closed."""

    rule: Rule
    why_not: tuple[str, ...]
    alert: Alert | None
    changes: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands while a rule is tried."""

    service: Service
    connection: Connection
    known: Sequence[Alert]
    quiet: Sequence[Silence]
    directory: Directory
    sick: frozenset[str]
    key: ApiKey
    readers: str


class Trying:
    """Asks the rules in force, for the API."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    def rules(self, now: datetime) -> tuple[Rule, ...]:
        """The rules in force; those with a budget with the thresholds they have now."""
        service = self._service()
        with service.store.read() as connection:
            return _rules(service, connection, now, now)

    def dry_run(self, key: ApiKey, supposed: Supposed, now: datetime) -> tuple[RuleVerdict, ...]:
        """What each rule in force would do with a score, on alerts and recipients as of now."""
        service, at = self._service(), supposed.at
        with service.store.read() as connection:
            (score,) = with_past(connection, Cut(at, now), [_score(service, supposed)])
            # What the key may not read is not there for it.
            of = service.readers_of(supposed.source)
            readers = of if of in key.licences else ""
            known = {
                each.id: each for each in alerts.standing(connection) if each.readers == readers
            }
            aged = by_the_clock(connection, service, list(known.values()), at)
            known |= {change.alert.id: change.alert for change in aged}
            is_read = service.is_open(supposed.source) or readers
            around = _Around(
                service,
                connection,
                list(known.values()),
                _seen(service, key, silences.in_force(connection, at)),
                directory(connection, service, at),
                ill(connection, at) if is_read else frozenset(),
                key,
                readers,
            )
            rules = _rules(service, connection, at, now)
            return tuple(_verdict(around, rule, score, at) for rule in rules)


def _seen(service: Service, key: ApiKey, found: Iterable[Silence]) -> list[Silence]:
    """Silences as far as the key covers what they speak of."""
    seen = (seen_by(key, each, lambda code: service.places.get(code).country) for each in found)
    return [each for each in seen if each is not None]


def _rules(
    service: Service, connection: Connection, at: datetime, now: datetime
) -> tuple[Rule, ...]:
    origin = origin_at(at)
    cut = Cut(midnight(origin), now)
    sources = sources_scored(connection, cut)
    return settled(service, connection, service.rulebook.rules, sources, cut, origin).rules


def _score(service: Service, supposed: Supposed) -> Score:
    region, origin = supposed.region, origin_at(supposed.at)
    footing = (SourceFooting(supposed.source, Health.OK, 1.0),) if supposed.source else ()
    return Score(
        region=region.id,
        country=region.country,
        target=supposed.target,
        horizon_weeks=supposed.horizon_weeks,
        origin=origin,
        model="supposed",
        basis=supposed.basis,
        band=service.rulebook.cuts[supposed.target, region.level].band(supposed.probability),
        probability=supposed.probability,
        low=None,
        high=None,
        expected=None,
        upper=supposed.upper,
        observed=supposed.observed,
        completeness=1.0,
        sources=footing,
        drivers=(),
        as_of=midnight(origin),
        recorded_at=supposed.at,
        false_discovery=supposed.false_discovery,
        relative_risk=supposed.relative_risk,
    )


def _verdict(around: _Around, rule: Rule, score: Score, at: datetime) -> RuleVerdict:
    mine = last_of_each(
        item for item in around.known if (item.rule, item.region) == (rule.id, score.region)
    )
    last = mine[-1] if mine else None
    closed = next((item for item in reversed(mine) if item.closed_on is not None), None)
    found = decide([score], mine, [rule], at, readers=around.readers)
    made = [change for change in found if change.kind is not None]
    return RuleVerdict(
        rule=rule,
        why_not=tuple(why_not(rule, score, last, closed)),
        alert=last if last is not None and last.state is not AlertState.CLOSED else None,
        changes=tuple(_tried(around, rule, change, last, score, at) for change in made),
    )


def _tried(
    around: _Around, rule: Rule, change: Change, before: Alert | None, score: Score, at: datetime
) -> Tried:
    after = {item.id: item for item in around.known} | {change.alert.id: change.alert}
    standing = [item for item in after.values() if item.is_standing]
    sick = score.source if score.source in around.sick else None
    why = muted(change, before, around.quiet, sick)
    above = country_alert(change.alert, standing)
    return Tried(
        change=change,
        urgent=is_urgent(change),
        not_told=None if why is None else str(why),
        silences=tuple(silencing(change.alert, around.quiet)),
        country_alert=None if above is None else above.id,
        source_ill=sick,
        told=() if why is not None else tuple(_hearers(around, rule, change, at)),
    )


def _hearers(around: _Around, rule: Rule, change: Change, at: datetime) -> Iterable[Hearer]:
    urgent = is_urgent(change)
    bare = bare_news(change.alert, rule.offices)
    news = replace(bare, urgent=urgent, patience=patience_of(change))
    heard = notices.last_heard(around.connection, {news.thread})
    for recipient in around.directory.told(news, heard):
        is_office = recipient.id in around.directory.of_offices
        if not is_office and recipient.owner != around.key.prefix:
            continue  # whom others told of their address is theirs alone to know
        yield Hearer(
            office=recipient.owner if is_office else None,
            subscription=None if is_office else recipient.id,
            channel=recipient.channel,
            tier=recipient.tier,
            leaves_at=_leaves_at(around.connection, recipient, at, news),
        )


def _leaves_at(connection: Connection, recipient: Recipient, at: datetime, news: News) -> datetime:
    due = recipient.due_at(at, news)
    if news.urgent:
        return due
    sent = outbox.sent_to(connection, recipient.id, since=due - DAY, readers=news.readers)
    return recipient.pace.room_at(due, sent)
