"""The verb `correct`: which alerts would not have opened on today's data.

"On today's data" means: the origin at which an alert opened is scored again by the same model (its
name and version, parameters included) on the weeks before that origin as they are known now, with
everything that was learned and recorded since: late reports, revisions, deletions, weeks that were
read after all. What happened from the origin on is not looked at. Those weeks are taken to be all
in. Nothing of it is stored as a score: what was said at the origin stays what was said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.alerting.correct import corrected
from ewarn.alerting.notice import marked, muted
from ewarn.domain.alert import Alert, Change
from ewarn.domain.notice import Notice
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.pipeline.delivery.notifications import Told, tell_of
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.budget import settled, sources_scored
from ewarn.pipeline.models.champions import serving
from ewarn.pipeline.panels.panels import panel_at
from ewarn.pipeline.scoring.score import regions_covered
from ewarn.pipeline.scoring.scoring import completeness_of, scored
from ewarn.pipeline.service import Service
from ewarn.ports import PublishesLate
from ewarn.store.alerts import alerts, silences
from ewarn.store.database import store_metadata
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.scores import scores

LOOKED_AT = 4 * WEEK  # after a close
# What a transaction wrote before others may be seen after them; its rows are looked at again.
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CorrectionReport:
    """How many origins were scored again, the changes that came of it, and their notices."""

    scored: int
    changes: tuple[Told, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """An alert with the score that opened it, and what that is on today's data."""

    alert: Alert
    then: Score
    today: Score


def correct(service: Service, now: datetime) -> CorrectionReport:
    """Correct alerts that stand or closed lately, or take that back, and tell of it.

    Each source's origin at which any of them opened is scored once, and only if the weeks before
    it were revised since it was last looked at. Doing it twice tells nothing twice.
    """
    with service.store.read() as connection:
        newest = counts.newest(connection, now - OVERLAP)
        revised = _revised(connection, now)
        found = [
            each
            for (source, origin), opened in revised.items()
            for each in _on_today_s_data(service, connection, source, origin, opened, now)
        ]
        rules = _rules(service, connection, now) if found else {}
    with service.store.write() as connection:
        made = _told(connection, found, rules, now)
        alerts.record(connection, [told.change for told in made], {})
        store_metadata.put(connection, store_metadata.CORRECTIONS, str(newest))
        told = tell_of(connection, service, made, now)
    return CorrectionReport(len(revised), tuple(made), tuple(told))


def _revised(
    connection: Connection, now: datetime
) -> dict[tuple[str, date], list[tuple[Alert, Score]]]:
    """Alerts with the scores that opened them, by source and origin, of those whose weeks before
    were revised after that score and since it was last looked."""
    looked_at = int(store_metadata.get(connection, store_metadata.CORRECTIONS) or 0)
    known = {item.id: item for item in alerts.open_since(connection, origin_at(now) - LOOKED_AT)}
    opened: dict[tuple[str, date], list[tuple[Alert, Score]]] = {}
    for alert_id, score_id in alerts.opening_scores(connection, known).items():
        then = scores.by_id(connection, score_id)
        if then is not None and (origin := _judged_at(then)) <= origin_at(now):
            opened.setdefault((then.source, origin), []).append((known[alert_id], then))
    return {
        (source, origin): found
        for (source, origin), found in opened.items()
        if counts.is_revised(
            connection,
            source,
            origin,
            (min(then.recorded_at for _, then in found), now),
            looked_at,
        )
    }


def _judged_at(score: Score) -> date:
    """The origin at which a score is made anew: of an interim one the end of the week it read."""
    return score.origin + WEEK if score.interim else score.origin


def _on_today_s_data(
    service: Service,
    connection: Connection,
    source: str,
    origin: date,
    opened: Iterable[tuple[Alert, Score]],
    now: datetime,
) -> list[_Opened]:
    """The alerts whose opening score could be made anew: its model still serves that origin."""
    polled = service.sources.get(source)
    if isinstance(polled, PublishesLate) or not service.is_scored(source):
        return []  # it was judged by an older week than the last one, which is out only now
    covered = health.coverage(connection, source, polled, now)
    regions = regions_covered(service, covered, origin)
    wanted = {then.model for _, then in opened}
    models = [
        model
        for model in serving(service, connection, source, Cut(midnight(origin), now))
        if f"{model.name}@{model.version}" in wanted
    ]
    if not regions or not models:
        return []
    panel, _ = panel_at(connection, source, regions, covered, origin, now, as_of=now)
    footing = health.status(connection, source, polled, now, judged_at=midnight(origin))
    complete = completeness_of(panel)
    today = {
        _of(score): score
        for model in models
        for score in scored(service, model, panel, footing, complete, now)
    }
    return [_Opened(alert, then, today[_of(then)]) for alert, then in opened if _of(then) in today]


def _of(score: Score) -> tuple[str, str, str, int]:
    return (score.model, score.region, score.target.value, score.horizon_weeks)


def _rules(service: Service, connection: Connection, now: datetime) -> dict[str, Rule]:
    """The rules in force by id, those with a budget with the thresholds they have now."""
    on = origin_at(now)
    cut = Cut(midnight(on), now)
    sources = sources_scored(connection, cut)
    found = settled(service, connection, service.rulebook.rules, sources, cut, on)
    return {rule.id: rule for rule in found.rules}


def _told(
    connection: Connection, found: Iterable[_Opened], rules: Mapping[str, Rule], now: datetime
) -> list[Told]:
    """Corrections of alerts as they stand now, each with why it is not told."""
    quiet = silences.in_force(connection, now)
    alerts.hold(connection)
    made = []
    for each in found:
        # It may have changed while the past was scored.
        alert, rule = alerts.current(connection, each.alert.id), rules.get(each.alert.rule)
        if alert is None or rule is None:
            continue
        change = corrected(alert, rule, each.then, each.today, now)
        score = scores.by_id(connection, int(alert.score_id))
        if change is None or score is None:
            continue
        why = muted(change, alert, quiet)
        made.append(Told(_marked(change) if why is None else change, score, why))
    return made


def _marked(change: Change) -> Change:
    return marked([change], [change.alert.id])[0]
