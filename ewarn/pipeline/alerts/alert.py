"""The verb `alert`: rules on the newest scores, changes and their notifications in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide, shut
from ewarn.alerting.notice import marked, muted, owed
from ewarn.alerting.situations import settled as settled_alerts
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.delivery import Notification
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.silence import Silence
from ewarn.domain.time import midnight, origin_at
from ewarn.pipeline.alerts.staleness import by_the_clock
from ewarn.pipeline.delivery.notifications import Told, send_due, tell_of
from ewarn.pipeline.intake.source_news import ill
from ewarn.pipeline.models.budget import settled
from ewarn.pipeline.service import Service
from ewarn.rulebook.rules import rule_hash, rule_text
from ewarn.store.alerts import alerts, rule_versions, silences
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from ewarn.store.scores.score_past import with_past


@dataclass(frozen=True, slots=True)
class AlertReport:
    """What a decision changed (counters left out) and the notifications it caused.

    `scored` is False where no scores stood at the origin, so that nothing could be decided.
    `silent` says of rules with a budget why they have no threshold somewhere, and do not fire.
    """

    origin: date
    scored: bool
    changes: tuple[Told, ...]
    notifications: tuple[Notification, ...]
    silent: tuple[str, ...] = ()


def alert(service: Service, now: datetime, *, origin: date | None = None) -> AlertReport:
    """Apply the rules to the newest scores of an origin. Doing it twice changes nothing."""
    at = origin or origin_at(now)
    with service.store.write() as connection:
        newest = scores.latest_runs(connection, Cut.at(now), origin=at)
        # What was scored under a licence that is no longer stated counts for nobody.
        runs = {source: run for source, run in newest.items() if service.is_scored(source)}
        stated = service.rulebook.rules
        cut = Cut(midnight(at), now)
        found_rules = settled(service, connection, stated, list(runs), cut, at)
        rules = found_rules.rules
        hashes = {rule.id: rule_hash(rule) for rule in rules}
        alerts.hold(connection)  # a person may act, and time bring a change, at this very moment
        before = {item.id: item for item in alerts.standing(connection)}
        watched = [item.region for item in before.values() if item.state is not AlertState.CLOSED]
        found = scores_that_matter(connection, list(runs.values()), rules, watched, Cut.at(now))
        raised = scores.interim_scores(connection, Cut.at(now), runs, at)
        raised = with_past(connection, Cut.at(now), raised)
        quiet = silences.in_force(connection, now)
        changes = _decided(service, (found, raised), before, rules, at, now)
        changes += _aged(connection, service, before, changes, now)
        texts = {hashes[rule.id]: (rule.id, rule_text(rule)) for rule in rules}
        rule_versions.record(connection, texts, now)
        made = _told_of(connection, changes, before, quiet, [*found, *raised], now)
        counters = [change for change in changes if change.kind is None]
        alerts.record(connection, [*counters, *(told.change for told in made)], hashes)
        tell_of(connection, service, made, now)
        sent = send_due(connection, service, now)
    return AlertReport(
        origin=at,
        scored=bool(runs),
        changes=made,
        notifications=tuple(sent),
        silent=found_rules.open_questions if runs else (),
    )


def _decided(
    service: Service,
    found: Iterable[Sequence[Score]],
    before: Mapping[str, Alert],
    rules: Sequence[Rule],
    origin: date,
    now: datetime,
) -> list[Change]:
    """What scores change, Monday's before those of the week so far and for each kind of readers
    apart, and which alerts became standing situations."""
    changes: list[Change] = []
    after = dict(before)
    for each in found:
        made = _of_readers(service, each, after, rules, now)
        after |= {change.alert.id: change.alert for change in made}
        changes += made
    return changes + settled_alerts(after.values(), origin, now)


def _of_readers(
    service: Service,
    found: Sequence[Score],
    before: Mapping[str, Alert],
    rules: Sequence[Rule],
    now: datetime,
) -> list[Change]:
    """What scores change, for each kind of readers apart; alerts of a licence that is no longer
    stated are shut."""
    changes: list[Change] = []
    for readers in sorted({"", *service.readers, *(item.readers for item in before.values())}):
        mine = [item for item in before.values() if item.readers == readers]
        if readers and readers not in service.readers:
            changes += shut(mine, now)
            continue
        heard = [item for item in found if service.readers_of(item.source) == readers]
        changes += decide(heard, mine, rules, now, readers=readers)
    return changes


def _aged(
    connection: Connection,
    service: Service,
    before: Mapping[str, Alert],
    changes: Iterable[Change],
    now: datetime,
) -> list[Change]:
    """Alerts that no score has touched, and whose newest one holds no longer."""
    touched = {change.alert.id for change in changes}
    standing = [item for item in before.values() if item.is_standing and item.id not in touched]
    return by_the_clock(connection, service, standing, now)


def scores_that_matter(
    connection: Connection,
    runs: Sequence[int],
    rules: Sequence[Rule],
    regions: Iterable[str],
    cut: Cut,
) -> list[Score]:
    """The scores of some runs that rules can act on: those that may raise, and those of `regions`,
    where alerts stand, each with what stood before it under `cut`."""
    # A detector listens to a bound, which a score of any probability may exceed, unless it states
    # the share of mistaken alarms that it bears.
    every = any(rule.detector and rule.false_discovery is None for rule in rules)
    lowest = min((rule.lowest for rule in rules if not rule.detector), default=1.0)
    borne = [rule.false_discovery for rule in rules if rule.false_discovery is not None]
    some = scores.ScoreFilter(
        at_least=lowest, has_probability=True, or_alarming=max(borne, default=None)
    )
    found = scores.in_runs(connection, runs, scores.ScoreFilter() if every else some)
    watched = tuple(sorted(set(regions)))
    if watched and not every:
        found += scores.in_runs(connection, runs, scores.ScoreFilter(regions=watched))
    return with_past(connection, cut, list({item.id: item for item in found}.values()))


def _told_of(
    connection: Connection,
    changes: Sequence[Change],
    before: Mapping[str, Alert],
    quiet: Sequence[Silence],
    found: Iterable[Score],
    now: datetime,
) -> tuple[Told, ...]:
    """Every change that is one, with why it is not told; then what is owed of earlier runs."""
    after = dict(before) | {change.alert.id: change.alert for change in changes}
    real = [change for change in changes if change.kind is not None]
    behind = _behind(connection, found, real)
    sick = ill(connection, now)
    why = [
        muted(
            change,
            before.get(change.alert.id),
            quiet,
            _ill_source(behind[change.alert.score_id], sick),
        )
        for change in real
    ]
    heard = {change.alert.id for change, reason in zip(real, why, strict=True) if reason is None}
    real = marked(real, heard)
    after |= {change.alert.id: change.alert for change in real}
    reminders = owed([item for item in after.values() if item.is_standing], quiet, now)
    behind = _behind(connection, behind.values(), reminders)
    return tuple(
        Told(change, behind[change.alert.score_id], reason)
        for change, reason in zip(
            [*real, *reminders], [*why, *[None] * len(reminders)], strict=True
        )
        if change.alert.score_id in behind
    )


def _behind(
    connection: Connection, found: Iterable[Score], changes: Iterable[Change]
) -> dict[str, Score]:
    """Scores by id: those found, and the earlier ones that changes without a new one rest on."""
    known = {item.id: item for item in found}
    missing = {change.alert.score_id for change in changes} - known.keys()
    earlier = (scores.by_id(connection, int(id_)) for id_ in sorted(missing))
    return known | {score.id: score for score in earlier if score is not None}


def _ill_source(score: Score, sick: frozenset[str]) -> str | None:
    return score.source if score.source in sick else None
