"""A replay: the same verbs as the live service, week by week, under a clock that we move."""

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
    """What one week of a replay brought."""

    origin: date
    ingested: IngestReport
    scored: ScoreReport
    alerted: AlertReport
    reminded: ReminderReport
    delivered: DeliveryReport


def origins(first_week: date, until: date) -> list[date]:
    """The Mondays from `first_week` on at which the service would have run, up to `until`."""
    last = origin_at(midnight(until))
    return [first_week + number * WEEK for number in range((last - first_week).days // 7 + 1)]


def replay(
    service: Service,
    source: str,
    mondays: list[date],
    meanwhile: Callable[[datetime], None] = lambda _: None,
) -> Iterator[Week]:
    """Run ingest, score, alert, remind and deliver at each origin, as if it were that Monday.

    `meanwhile` is called before each with its moment: for what people did since the one before.
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
