"""Conversion of domain objects to records, one function per kind, through the shapes of egress.

It also holds the notice on how old scores are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from api.serving.access import Reader
from api.serving.state import ApiState
from ewarn.domain.alert import Alert
from ewarn.domain.baseline import BASELINE_WEEKS, Baseline
from ewarn.domain.event import Event
from ewarn.domain.region import Office, Region
from ewarn.domain.score import Score
from ewarn.domain.source import SourceStatus, Terms, VolumeDrop
from ewarn.domain.target import Basis
from ewarn.egress.alerts import AlertWithTimeline
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.events import EventRecord
from ewarn.egress.places import OfficeRecord, RegionRecord
from ewarn.egress.service import BaselineRecord, SourceRecord
from ewarn.languages.catalogues import ENGLISH
from ewarn.notify.messages import labels
from ewarn.notify.messages.score_notices import old_from, old_scores_words
from ewarn.notify.messages.source_notices import joined
from ewarn.pipeline.alerts.change_notifications import sent_changes, unsent_changes
from ewarn.pipeline.intake.footing import footing
from ewarn.pipeline.scoring import score_records
from ewarn.store.alerts import alerts
from ewarn.store.scores import scores
from ewarn.store.scores.score_standing import StandingScores

Record = dict[str, Any]
_HOUR = 3600
_TERMS = ("attribution", "licence", "redistribute", "train", "url")


def region_record(region: Region) -> Record:
    """Return the record of a region, with its names and codes."""
    return outbound(RegionRecord, region, names=dict(region.names), codes=dict(region.codes))


def office_record(office: Office) -> Record:
    """Return the record of an office, without its recipients."""
    return outbound(OfficeRecord, office)


def event_record(event: Event) -> Record:
    """Return the record of one version of an event."""
    return outbound(EventRecord, event)


def score_record(
    state: ApiState, score: Score, language: str, *, with_events: bool = False
) -> Record:
    """Return the record of a score, with its notice in a language and its drivers in words.

    `with_events` adds the ids of the events behind each driver.
    """
    return score_records.score_record(state.places, score, language, with_events=with_events)


def alert_record(
    state: ApiState, alert: Alert, basis: Basis | None, language: str = ENGLISH, **others: Any
) -> Record:
    """Return the record of an alert, with the notice on the basis of its score in a language."""
    values = {
        "region_name": state.places.get(alert.region).name,
        "notice": labels.basis_notice(basis, language) if basis else "",
    }
    return outbound(AlertWithTimeline, alert, **(values | others))


def _days_open(alert: Alert, day: date) -> int | None:
    end = alert.closed_on or (day if alert.is_standing else None)
    return None if alert.opened_on is None or end is None else (end - alert.opened_on).days


def alert_with_timeline(
    connection: Connection,
    state: ApiState,
    reader: Reader,
    alert: Alert,
    moment: datetime,
    language: str = ENGLISH,
) -> Record:
    """Return the record of a single alert, with its notice in a language.

    It contains the changes up to `moment`, the suppressed notifications that the key may know
    about, and the sources that the alert depends on.
    """
    basis = scores.bases(connection, [alert.score_id]).get(alert.score_id)
    ground = footing(connection, state.service, (alert.country,), moment, reader.key.licences)
    return alert_record(
        state,
        alert,
        basis,
        notice=joined(
            (labels.basis_notice(basis, language) if basis else "", ground.notice(language)),
            language,
        ),
        days_open=_days_open(alert, moment.date()),
        unwell=ground.unwell,
        timeline=alerts.timeline(connection, alert.id, moment),
        sent=sent_changes(connection, state.service, reader.key, alert.id, moment),
        unsent=unsent_changes(connection, state.service, reader.key, alert.id, moment),
    )


def source_record(
    status: SourceStatus,
    terms: Terms | None,
    completeness: str,
    drops: Sequence[VolumeDrop],
    baseline: Baseline | None,
    outcomes: str | None,
    **counts: Any,
) -> Record:
    """Return the record of a source: its health and its terms.

    Args:
        terms: The terms of use; None for a source that is known only from imported files.
        outcomes: How many outcomes of another source there are to train on, in words.
        counts: Its refused rows and its events by week.
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
        **counts,
        **{name: terms and getattr(terms, name) for name in _TERMS},
    )


def _baseline(baseline: Baseline) -> Record:
    return outbound(
        BaselineRecord,
        baseline,
        weeks_wanted=BASELINE_WEEKS,
        words=f"{baseline.sentence}.",
    )


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the scores of each source are at a moment.

    `newest` holds, by source, when the newest scores were recorded and their origin.
    """

    newest: Mapping[str, tuple[datetime, date]]
    moment: datetime

    @property
    def old(self) -> dict[str, date]:
        """The origins that are too long before the moment, by source."""
        return {
            source: origin
            for source, (_, origin) in sorted(self.newest.items())
            if old_from(origin) <= self.moment
        }

    @property
    def since(self) -> datetime | None:
        """The moment of the last change: when scores arrived or became old. None without scores."""
        turns = [recorded_at for recorded_at, _ in self.newest.values()]
        turns += [old_from(origin) for origin in self.old.values()]
        return max(turns, default=None)

    def notice(self, shown: Collection[Score], language: str) -> str:
        """Return the notice on sources whose scores are old, in a language.

        It covers the sources of the scores shown, or all sources if no score is shown.
        """
        sources = {score.sources[0].source for score in shown} or set(self.newest)
        is_named = len(self.newest) > 1
        return joined(
            (
                old_scores_words(origin, source if is_named else "", language)
                for source, origin in self.old.items()
                if source in sources
            ),
            language,
        )


def freshness(standing: Sequence[StandingScores], moment: datetime) -> Freshness:
    """Return the freshness of the scores in force in the countries that a reader covers."""
    return Freshness({each.source: (each.recorded_at, each.origin) for each in standing}, moment)
