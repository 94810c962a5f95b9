"""The verb `alert`: rules on the newest scores, changes and their notifications in one commit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.alerting.decide import decide
from ewarn.alerting.notice import marked, muted, owed
from ewarn.domain.alert import Alert, AlertState, Change
from ewarn.domain.delivery import Notification
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.silence import Silence
from ewarn.domain.time import midnight, origin_at
from ewarn.pipeline.budget import settled
from ewarn.pipeline.service import Service
from ewarn.pipeline.source_news import ill
from ewarn.pipeline.telling import Told, news_of, send_due, tell
from ewarn.rulebook.rules import rule_hash, rule_text
from ewarn.store import alerts, scores, silences
from ewarn.store.cuts import Cut


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
        runs = scores.latest_runs(connection, Cut.at(now), origin=at)
        stated = service.rulebook.rules
        cut = Cut(midnight(at), now)
        found_rules = settled(service, connection, stated, list(runs), cut, at)
        rules = found_rules.rules
        hashes = {rule.id: rule_hash(rule) for rule in rules}
        alerts.hold(connection)  # a person may act, and time bring a change, at this very moment
        before = {item.id: item for item in alerts.standing(connection)}
        found = _scores_that_matter(connection, list(runs.values()), rules, before.values())
        quiet = silences.in_force(connection, now)
        changes = decide(found, before.values(), rules, now)
        texts = {hashes[rule.id]: (rule.id, rule_text(rule)) for rule in rules}
        alerts.record_rules(connection, texts, now)
        made = _told_of(connection, changes, before, quiet, found, now)
        counters = [change for change in changes if change.kind is None]
        alerts.record(connection, [*counters, *(told.change for told in made)], hashes)
        tell(connection, service, news_of(service, made, now), now)
        sent = send_due(connection, service, now)
    return AlertReport(
        origin=at,
        scored=bool(runs),
        changes=made,
        notifications=tuple(sent),
        silent=found_rules.open_questions if runs else (),
    )


def _scores_that_matter(
    connection: Connection, runs: Sequence[int], rules: Sequence[Rule], known: Iterable[Alert]
) -> list[Score]:
    """The scores a rule can act on: those that may raise, and those of regions with an alert."""
    lowest = min((rule.lowest for rule in rules if not rule.detector), default=1.0)
    raising = scores.in_runs(connection, runs, scores.ScoreFilter(at_least=lowest))
    regions = tuple(sorted({item.region for item in known if item.state is not AlertState.CLOSED}))
    watched = scores.ScoreFilter(regions=regions)
    followed = scores.in_runs(connection, runs, watched) if regions else []
    return list({item.id: item for item in (*raising, *followed)}.values())


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
    standing = [item for item in after.values() if item.is_standing]
    real = [change for change in changes if change.kind is not None]
    by_id = {item.id: item for item in found}
    sick = ill(connection, now)
    why = [
        muted(
            change,
            before.get(change.alert.id),
            standing,
            quiet,
            _ill_source(by_id[change.alert.score_id], sick),
        )
        for change in real
    ]
    heard = {change.alert.id for change, reason in zip(real, why, strict=True) if reason is None}
    real = marked(real, heard)
    after |= {change.alert.id: change.alert for change in real}
    reminders = owed([item for item in after.values() if item.is_standing], quiet, now)
    made = [
        Told(change, by_id[change.alert.score_id], w) for change, w in zip(real, why, strict=True)
    ]
    for change in reminders:
        at = change.alert.score_id
        score = by_id.get(at) or scores.by_id(connection, int(at))
        if score is not None:
            made.append(Told(change, score, None))
    return tuple(made)


def _ill_source(score: Score, sick: frozenset[str]) -> str | None:
    return score.source if score.source in sick else None
