"""From the domain to what leaves: one function for each kind of record, all through egress.

With them what must be said of scores: their footing, and how old they are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from api.serving.access import Reader
from api.serving.state import ApiState
from ewarn.domain.alert import Alert
from ewarn.domain.baseline import BASELINE_WEEKS, Baseline
from ewarn.domain.event import Event
from ewarn.domain.region import Level, Office, Region
from ewarn.domain.score import Driver, Score
from ewarn.domain.source import SourceStatus, Terms, VolumeDrop
from ewarn.domain.target import Basis
from ewarn.domain.time import DAY, midnight
from ewarn.egress.alerts import AlertWithTimeline
from ewarn.egress.events import EventRecord
from ewarn.egress.places import OfficeRecord, RegionRecord
from ewarn.egress.scores import DriverRecord, ScoreRecord
from ewarn.egress.service import BaselineRecord, SourceRecord
from ewarn.egress.shapes import outbound
from ewarn.notify import labels
from ewarn.notify.source_notices import blind_words, interim_words, machine_words, together
from ewarn.pipeline.alerts.held import held_of
from ewarn.pipeline.intake.footing import footing
from ewarn.store.alerts import alerts
from ewarn.store.scores import scores
from ewarn.store.scores.score_standing import StandingScores

Record = dict[str, Any]
_HOUR = 3600
_TERMS = ("attribution", "licence", "redistribute", "train", "url")
OLD_AFTER = timedelta(days=14)  # two origins: one may be late, two missing ones are not an accident


def region_record(region: Region) -> Record:
    """A region with its names and codes."""
    return outbound(RegionRecord, region, names=dict(region.names), codes=dict(region.codes))


def office_record(office: Office) -> Record:
    """An office without its recipients."""
    return outbound(OfficeRecord, office)


def event_record(event: Event) -> Record:
    """An event as one version has it."""
    return outbound(EventRecord, event)


def score_record(state: ApiState, score: Score, *, with_events: bool = False) -> Record:
    """A score with its drivers in words; the ids of their events only where asked for."""
    return outbound(
        ScoreRecord,
        score,
        region_name=state.places.get(score.region).name,
        unit=score.target.unit,
        members=dict(score.members),
        drivers=[driver_record(item, with_events=with_events) for item in score.drivers],
        notice=score_notice(score),
        is_observed=score.observed is not None,
        unobserved_since=None,
    )


def driver_record(driver: Driver, *, with_events: bool, **others: Any) -> Record:
    """What moved a score."""
    record = outbound(DriverRecord, driver, words=labels.driver_words(driver), **others)
    if not with_events:
        del record["event_ids"]
    return record


def alert_record(state: ApiState, alert: Alert, basis: Basis | None, **others: Any) -> Record:
    """An alert, with the notice that belongs to its score."""
    level = Level.COUNTRY if alert.region == alert.country else Level.ADMIN1
    values = {
        "region_name": state.places.get(alert.region).name,
        "level": level,
        "notice": labels.basis_notice(basis) if basis else "",
    }
    return outbound(AlertWithTimeline, alert, **(values | others))


def _days_open(alert: Alert, day: date) -> int | None:
    end = alert.closed_on or (day if alert.is_standing else None)
    return None if alert.opened_on is None or end is None else (end - alert.opened_on).days


def alert_with_timeline(
    connection: Connection, state: ApiState, reader: Reader, alert: Alert, moment: datetime
) -> Record:
    """An alert that is shown alone: with its changes up to a moment, what was held back of them as
    far as a key may know of it, and the sources it rests on."""
    basis = scores.bases(connection, [alert.score_id]).get(alert.score_id)
    ground = footing(connection, state.service, (alert.country,), moment, reader.key.licences)
    return alert_record(
        state,
        alert,
        basis,
        notice=together((labels.basis_notice(basis) if basis else "", ground.notice())),
        days_open=_days_open(alert, moment.date()),
        unwell=ground.unwell,
        timeline=alerts.timeline(connection, alert.id, moment),
        held_back=held_of(connection, state.service, reader.key, alert.id, moment),
    )


def source_record(
    status: SourceStatus,
    terms: Terms | None,
    completeness: str,
    drops: Sequence[VolumeDrop],
    baseline: Baseline | None,
    outcomes: str | None,
) -> Record:
    """How a source is doing and on what terms it is used (None: from an imported file).

    `outcomes` says how many there are of another source that it can learn from.
    """
    cadence = status.cadence
    return outbound(
        SourceRecord,
        status,
        cadence_hours=cadence.total_seconds() / _HOUR if cadence else None,
        outages=[replace(drop, expected=round(drop.expected, 1)) for drop in drops],
        completeness=completeness,
        baseline=baseline and _baseline(baseline),
        outcomes=outcomes,
        **{name: terms and getattr(terms, name) for name in _TERMS},
    )


def _baseline(baseline: Baseline) -> Record:
    return outbound(
        BaselineRecord,
        baseline,
        weeks_wanted=BASELINE_WEEKS,
        words=f"{baseline.sentence}.",
    )


def score_notice(score: Score) -> str:
    """What must be said with one score."""
    blind = blind_words() if score.observed is None else ""
    so_far = interim_words(score.as_of) if score.interim else ""
    machine = machine_words(score.source)
    return together(
        (labels.basis_notice(score.basis), machine, reconstructed(score), blind, so_far)
    )


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the newest scores of each source were recorded and of which origin, at a moment."""

    newest: Mapping[str, tuple[datetime, date]]
    moment: datetime

    @property
    def old(self) -> dict[str, date]:
        """The origins that lie too long before the moment, by source."""
        return {
            source: origin
            for source, (_, origin) in sorted(self.newest.items())
            if _old_from(origin) <= self.moment
        }

    @property
    def since(self) -> datetime | None:
        """Since when nothing changed: no scores came, and none became old. None without scores."""
        turns = [recorded_at for recorded_at, _ in self.newest.values()]
        turns += [_old_from(origin) for origin in self.old.values()]
        return max(turns, default=None)

    def notice(self, shown: Collection[Score]) -> str:
        """What to say of the sources shown (nothing shown: of all) whose scores are old."""
        sources = {score.sources[0].source for score in shown} or set(self.newest)
        return "; ".join(
            f"the newest scores{self._named(source)} are of {origin}: nothing has been scored since"
            for source, origin in self.old.items()
            if source in sources
        )

    def _named(self, source: str) -> str:
        return f" of {source}" if len(self.newest) > 1 else ""


def freshness(standing: Sequence[StandingScores], moment: datetime) -> Freshness:
    """The freshness of what stands of each source in the countries that a reader covers."""
    return Freshness({each.source: (each.recorded_at, each.origin) for each in standing}, moment)


def reconstructed(score: Score) -> str:
    """What to say of a score that was computed long after its origin; else nothing."""
    if score.recorded_at < _old_from(score.as_of.date()):
        return ""
    day = score.recorded_at.date()
    return f"reconstructed on {day} from what was known at its origin"


def _old_from(day: date) -> datetime:
    """The first midnight from which a day lies more than `OLD_AFTER` back."""
    return midnight(day) + OLD_AFTER + DAY
