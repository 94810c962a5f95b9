"""What the rules in force would do with a hypothetical score: who would be notified, and when.

Nothing is stored. `alerting.decide` itself makes the decision, on the alerts as they are now.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide, last_of_each
from ewarn.alerting.explain import unmet
from ewarn.alerting.suppression import country_alert, silences_of, suppression_of
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.key import ApiKey
from ewarn.domain.notification import News
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Region
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.silence import Silence, seen_by
from ewarn.domain.source import Health
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import DAY, midnight, origin_at
from ewarn.pipeline.alerts.staleness import staleness_changes
from ewarn.pipeline.delivery.notifications import bare_news, is_urgent, max_wait_of
from ewarn.pipeline.delivery.recipients import Directory, directory
from ewarn.pipeline.intake.source_news import unhealthy_sources
from ewarn.pipeline.models.budget import sources_scored, with_thresholds
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import notifications, outbox
from ewarn.store.scores.score_past import with_past


@dataclass(frozen=True, slots=True)
class HypotheticalScore:
    """A hypothetical score of the last origin before `at`.

    `observed` is None if the week was not observed. Rules on a detector's bound read `upper` and
    `false_discovery`; rules on quiet regions read `relative_risk`.
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
class ExpectedRecipient:
    """A recipient that would be notified: an office by its id, or a subscription of the caller.

    It never names an address. `leaves_at` is when the message would leave, unless another message
    to the same address leaves first.
    """

    office: str | None
    subscription: str | None
    channel: str
    tier: int
    leaves_at: datetime


@dataclass(frozen=True, slots=True)
class PossibleChange:
    """A change that would be made, who would be notified, and what would suppress the news."""

    change: Change
    urgent: bool
    suppression: str | None
    silences: tuple[Silence, ...]
    country_alert: str | None
    unhealthy_source: str | None
    recipients: tuple[ExpectedRecipient, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule would do, and every reason why it would not match.

    `alert` is the alert of the region that is not closed, if there is one.
    """

    rule: Rule
    unmet: tuple[str, ...]
    alert: Alert | None
    changes: tuple[PossibleChange, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    """The alerts, silences, recipients and source health under which a rule is tried."""

    service: Service
    connection: Connection
    known: Sequence[Alert]
    in_force: Sequence[Silence]
    directory: Directory
    unhealthy: frozenset[str]
    key: ApiKey
    readers: str


class DryRuns:
    """Dry runs of the rules in force, for the API."""

    def __init__(self, service: Callable[[], Service]) -> None:
        self._service = service

    def rules(self, now: datetime) -> tuple[Rule, ...]:
        """Return the rules in force; those with a budget have their thresholds of now."""
        service = self._service()
        with service.store.read() as connection:
            return _rules(service, connection, now, now)

    def dry_run(
        self, key: ApiKey, supposed: HypotheticalScore, now: datetime
    ) -> tuple[RuleVerdict, ...]:
        """Return what each rule in force would do with a score, on current alerts."""
        service, at = self._service(), supposed.at
        with service.store.read() as connection:
            (score,) = with_past(connection, Cut(at, now), [_score(service, supposed)])
            # The dry run must not reveal what the key may not read.
            of = service.readers_of(supposed.source)
            readers = of if of in key.licences else ""
            known = {
                each.id: each for each in alerts.standing(connection) if each.readers == readers
            }
            stale = staleness_changes(connection, service, list(known.values()), at)
            known |= {change.alert.id: change.alert for change in stale}
            is_read = service.is_open(supposed.source) or readers
            context = _Context(
                service,
                connection,
                list(known.values()),
                _seen(service, key, silences.in_force(connection, at)),
                directory(connection, service, at),
                unhealthy_sources(connection, at) if is_read else frozenset(),
                key,
                readers,
            )
            rules = _rules(service, connection, at, now)
            return tuple(_verdict(context, rule, score, at) for rule in rules)


def _seen(service: Service, key: ApiKey, found: Iterable[Silence]) -> list[Silence]:
    """Return silences with only those parts that the key covers."""
    seen = (seen_by(key, each, lambda code: service.places.get(code).country) for each in found)
    return [each for each in seen if each is not None]


def _rules(
    service: Service, connection: Connection, at: datetime, now: datetime
) -> tuple[Rule, ...]:
    origin = origin_at(at)
    cut = Cut(midnight(origin), now)
    sources = sources_scored(connection, cut)
    return with_thresholds(service, connection, service.rulebook.rules, sources, cut, origin).rules


def _score(service: Service, supposed: HypotheticalScore) -> Score:
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


def _verdict(context: _Context, rule: Rule, score: Score, at: datetime) -> RuleVerdict:
    mine = last_of_each(
        item for item in context.known if (item.rule, item.region) == (rule.id, score.region)
    )
    last = mine[-1] if mine else None
    closed = next((item for item in reversed(mine) if item.closed_on is not None), None)
    found = decide([score], mine, [rule], at, readers=context.readers)
    made = [change for change in found if change.kind is not None]
    return RuleVerdict(
        rule=rule,
        unmet=tuple(unmet(rule, score, last, closed)),
        alert=last if last is not None and last.state is not AlertState.CLOSED else None,
        changes=tuple(_tried(context, rule, change, last, score, at) for change in made),
    )


def _tried(
    context: _Context, rule: Rule, change: Change, before: Alert | None, score: Score, at: datetime
) -> PossibleChange:
    after = {item.id: item for item in context.known} | {change.alert.id: change.alert}
    standing = [item for item in after.values() if item.is_standing]
    unhealthy = score.source if score.source in context.unhealthy else None
    why = suppression_of(change, before, context.in_force, unhealthy)
    above = country_alert(change.alert, standing)
    return PossibleChange(
        change=change,
        urgent=is_urgent(change),
        suppression=None if why is None else str(why),
        silences=tuple(silences_of(change.alert, context.in_force)),
        country_alert=None if above is None else above.id,
        unhealthy_source=unhealthy,
        recipients=()
        if why is not None
        else tuple(_expected_recipients(context, rule, change, at)),
    )


def _expected_recipients(
    context: _Context, rule: Rule, change: Change, at: datetime
) -> Iterable[ExpectedRecipient]:
    urgent = is_urgent(change)
    bare = bare_news(change.alert, rule.offices)
    news = replace(bare, urgent=urgent, max_wait=max_wait_of(change))
    notified = notifications.last_notified(context.connection, {news.thread})
    for recipient in context.directory.recipients_of(news, notified):
        is_office = recipient.id in context.directory.of_offices
        if not is_office and recipient.owner != context.key.prefix:
            continue  # subscriptions of other keys are private
        yield ExpectedRecipient(
            office=recipient.owner if is_office else None,
            subscription=None if is_office else recipient.id,
            channel=recipient.channel,
            tier=recipient.tier,
            leaves_at=_leaves_at(context.connection, recipient, at, news),
        )


def _leaves_at(connection: Connection, recipient: Recipient, at: datetime, news: News) -> datetime:
    due = recipient.due_at(at, news)
    if news.urgent:
        return due
    sent = outbox.sent_to(connection, recipient.id, since=due - DAY, readers=news.readers)
    return recipient.pace.room_at(due, sent)
