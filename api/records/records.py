"""From the domain to what leaves: one function for each kind of record, all through egress.

With them what must be said of scores: their footing, and how old they are.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from api.serving.access import Reader
from api.serving.answers import unwell_records
from api.serving.state import ApiState
from ewarn.domain.alert import Alert, AlertEvent
from ewarn.domain.baseline import BASELINE_WEEKS, Baseline
from ewarn.domain.event import Event
from ewarn.domain.region import Level, Office, Region
from ewarn.domain.score import Driver, Score
from ewarn.domain.source import SourceStatus, Terms, VolumeDrop
from ewarn.domain.target import Basis
from ewarn.domain.time import DAY, midnight
from ewarn.egress import outbound
from ewarn.notify import labels
from ewarn.notify.source_notices import blind_words, interim_words, machine_words, together
from ewarn.pipeline.alerts.held import held_of
from ewarn.pipeline.intake.footing import Footing
from ewarn.store.scores.score_standing import StandingScores

Record = dict[str, Any]
_HOUR = 3600
OLD_AFTER = timedelta(days=14)  # two origins: one may be late, two missing ones are not an accident


def region_record(region: Region) -> Record:
    """A region with its names and codes."""
    return outbound(
        "region", asdict(region) | {"names": dict(region.names), "codes": dict(region.codes)}
    )


def office_record(office: Office) -> Record:
    """An office without its recipients."""
    return outbound("office", asdict(office))


def event_record(event: Event) -> Record:
    """An event as one version has it."""
    return outbound("event", {name: getattr(event, name) for name in Event.__slots__})


def score_record(state: ApiState, score: Score, *, with_events: bool = False) -> Record:
    """A score with its drivers in words; the ids of their events only where asked for."""
    values = {name: getattr(score, name) for name in Score.__slots__}
    return outbound(
        "score",
        values
        | {
            "region_name": state.places.get(score.region).name,
            "level": score.level,
            "unit": score.target.unit,
            "exceeds_bound": score.exceeds_bound,
            "members": dict(score.members),
            "sources": [asdict(footing) for footing in score.sources],
            "drivers": [driver_record(item, with_events=with_events) for item in score.drivers],
            "notice": score_notice(score),
            "is_observed": score.observed is not None,
            "unobserved_since": None,
        },
    )


def driver_record(driver: Driver, *, with_events: bool, **others: Any) -> Record:
    """What moved a score."""
    values = asdict(driver) | {"words": labels.driver_words(driver)} | others
    if not with_events:
        del values["event_ids"]
    return outbound("driver", values)


def alert_record(
    state: ApiState,
    alert: Alert,
    basis: Basis | None,
    footing: Footing | None = None,
    **others: Any,
) -> Record:
    """An alert, with the notice that belongs to the score and, if it stands alone, to the sources
    it rests on."""
    level = Level.COUNTRY if alert.region == alert.country else Level.ADMIN1
    return outbound(
        "alert",
        {name: getattr(alert, name) for name in Alert.__slots__}
        | {
            "region_name": state.places.get(alert.region).name,
            "level": level,
            "notice": together(
                (labels.basis_notice(basis) if basis else "", footing.notice() if footing else "")
            ),
        }
        | ({"unwell": unwell_records(footing)} if footing else {})
        | others,
    )


def alert_event_record(event: AlertEvent) -> Record:
    """One change in the life of an alert."""
    return outbound("alert_event", asdict(event))


def held_records(
    connection: Connection, state: ApiState, reader: Reader, alert_id: str, moment: datetime
) -> list[Record]:
    """What was held back of an alert, as far as a key may know of it."""
    found = held_of(connection, state.service, reader.key, alert_id, moment)
    return [outbound("held_back", asdict(each)) for each in found]


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
        "source",
        {"attribution": None, "licence": None, "redistribute": None, "train": None, "url": None}
        | (asdict(terms) if terms else {})
        | {
            "source": status.source,
            "health": status.health,
            "reason": status.reason,
            "last_success_at": status.last_success_at,
            "last_event_on": status.last_event_on,
            "cadence_hours": cadence.total_seconds() / _HOUR if cadence else None,
            "unread": status.unread,
            "outages": [
                {
                    "region": drop.region,
                    "until": drop.until,
                    "records": drop.records,
                    "expected": round(drop.expected, 1),
                }
                for drop in drops
            ],
            "completeness": completeness,
            "baseline": baseline
            and {
                "weeks_read": baseline.weeks_read,
                "weeks_wanted": BASELINE_WEEKS,
                "read_from": baseline.read_from,
                "is_whole": baseline.is_whole,
                "words": f"{baseline.sentence}.",
            },
            "outcomes": outcomes,
        },
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
