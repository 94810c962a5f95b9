"""Replay past weeks with the same functions as the live service and a simulated clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.pipeline.alerts.alert import AlertReport, alert
from ewarn.pipeline.alerts.remind import ReminderReport, remind
from ewarn.pipeline.delivery.deliver import DeliveryReport, deliver
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.intake.intake import IngestReport
from ewarn.pipeline.scoring.score import ScoreReport, score
from ewarn.pipeline.service import Service


@dataclass(frozen=True, slots=True)
class Week:
    """The reports of one week of a replay."""

    origin: date
    ingested: IngestReport
    scored: ScoreReport
    alerted: AlertReport
    reminded: ReminderReport
    delivered: DeliveryReport


def origins(first_week: date, until: date) -> list[date]:
    """Return the Mondays from `first_week` up to `until` at which the service would have run."""
    last = origin_at(midnight(until))
    return [first_week + number * WEEK for number in range((last - first_week).days // 7 + 1)]


def replay(
    service: Service,
    source: str,
    mondays: list[date],
    meanwhile: Callable[[datetime], None] = lambda _: None,
) -> Iterator[Week]:
    """Run ingest, score, alert, remind and deliver at each origin, as if it were that Monday.

    Args:
        meanwhile: Called before each origin with its moment, to simulate what people did in the
            week before.
    """
    for origin in mondays:
        now = midnight(origin)
        meanwhile(now)
        yield Week(
            origin=origin,
            ingested=ingest(service, service.sources[source], now),
            scored=score(service, source, now),
            alerted=alert(service, now),
            reminded=remind(service, now),
            delivered=deliver(service, lambda now=now: now),  # type: ignore[misc]
        )
