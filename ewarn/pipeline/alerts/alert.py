"""The verb `alert`: rules on the newest scores; changes and their notices in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide, shut
from ewarn.alerting.notice import marked, muted, owed
from ewarn.alerting.situations import settled as settled_alerts
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.notice import Notice
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.silence import Silence
from ewarn.domain.time import midnight, origin_at
from ewarn.pipeline.alerts.staleness import by_the_clock
from ewarn.pipeline.delivery.notifications import Told, tell_of
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
    """What a decision changed (counters left out) and the notices it caused.

    `scored` is False where no scores stood at the origin, so that nothing could be decided.
    `silent` says of rules with a budget why they have no threshold somewhere, and do not fire.
    """

    origin: date
    scored: bool
    changes: tuple[Told, ...]
    notices: tuple[Notice, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Decision:
    """What was decided of alerts as they stood `before`, under the silences of that moment, and is
    not stored yet."""

    before: tuple[Alert, ...]
    quiet: tuple[Silence, ...]
    rules: tuple[Rule, ...]
    counters: tuple[Change, ...]
    report: AlertReport


def alert(service: Service, now: datetime, *, origin: date | None = None) -> AlertReport:
    """Apply the rules to the newest scores of an origin. Doing it twice changes nothing.

    The decision is made in a read transaction and stored in a short write. Where a person or time
    changed an alert in between, or somebody silenced one, it is made again.
    """
    at = origin or origin_at(now)
    report = None
    while report is None:
        with service.store.read() as connection:
            decision = _decision(service, connection, at, now)
        report = _stored(service, decision, now)
    return report


def _decision(service: Service, connection: Connection, at: date, now: datetime) -> _Decision:
    newest = scores.latest_runs(connection, Cut.at(now), origin=at)
    # What was scored under a licence that is no longer stated counts for nobody.
    runs = {source: run for source, run in newest.items() if service.is_scored(source)}
    cut = Cut(midnight(at), now)
    found_rules = settled(service, connection, service.rulebook.rules, list(runs), cut, at)
    rules = found_rules.rules
    standing = alerts.standing(connection)
    before = {item.id: item for item in standing}
    watched = [item.region for item in standing if item.state is not AlertState.CLOSED]
    found = scores_that_matter(connection, list(runs.values()), rules, watched)
    raised = scores.interim_scores(connection, Cut.at(now), runs, at)
    known = with_past(connection, Cut.at(now), [*found, *raised])
    split = known[: len(found)], known[len(found) :]
    changes = _decided(service, split, before, rules, at, now)
    changes += _aged(connection, service, before, changes, now)
    quiet = silences.in_force(connection, now)
    made = _told_of(connection, changes, before, quiet, known, now)
    silent = found_rules.open_questions if runs else ()
    return _Decision(
        before=tuple(standing),
        quiet=tuple(quiet),
        rules=rules,
        counters=tuple(change for change in changes if change.kind is None),
        report=AlertReport(at, bool(runs), made, silent=silent),
    )


def _stored(service: Service, decision: _Decision, now: datetime) -> AlertReport | None:
    """Store a decision with its notices; None where an alert or a silence that it rests on has
    changed."""
    made = decision.report.changes
    hashes = {rule.id: rule_hash(rule) for rule in decision.rules}
    texts = {hashes[rule.id]: (rule.id, rule_text(rule)) for rule in decision.rules}
    with service.store.write() as connection:
        alerts.hold(connection)
        if tuple(alerts.standing(connection)) != decision.before:
            return None
        if tuple(silences.in_force(connection, now)) != decision.quiet:
            return None
        rule_versions.record(connection, texts, now)
        changes = [*decision.counters, *(told.change for told in made)]
        alerts.record(connection, changes, hashes)
        told = tell_of(connection, service, made, now)
    return replace(decision.report, notices=tuple(told))


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
) -> list[Score]:
    """The scores of some runs that rules can act on: those that may raise, and those of `regions`,
    where alerts stand."""
    # A detector listens to a bound, which a score of any probability may exceed, unless it states
    # the share of mistaken alarms that it bears.
    every = any(rule.detector and rule.false_discovery is None for rule in rules)
    lowest = min((rule.lowest for rule in rules if not rule.detector), default=1.0)
    borne = [rule.false_discovery for rule in rules if rule.false_discovery is not None]
    some = scores.ScoreFilter(
        at_least=lowest,
        has_probability=True,
        or_alarming=max(borne, default=None),
        or_regions=tuple(sorted(set(regions))),
    )
    return scores.in_runs(connection, runs, scores.ScoreFilter() if every else some)


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
    return known | {score.id: score for score in scores.by_ids(connection, missing)}


def _ill_source(score: Score, sick: frozenset[str]) -> str | None:
    return score.source if score.source in sick else None
