"""What `ewarn status` reads: the state of the service at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.alert import Alert
from ewarn.domain.baseline import Baseline
from ewarn.domain.source import SourceStatus, VolumeDrop
from ewarn.domain.time import WEEK
from ewarn.pipeline.alerts.staleness import valid_until
from ewarn.pipeline.delivery.audit import Audit
from ewarn.pipeline.delivery.audit import audit as look
from ewarn.pipeline.models.outcomes_so_far import OutcomesSoFar, outcomes_so_far
from ewarn.pipeline.service import Service
from ewarn.run.commands.rules import RulesStand, rules_of
from ewarn.run.wiring import baseline_at, outages_of, source_status
from ewarn.store.alerts import alert_pages
from ewarn.store.alerts.alerts import AlertFilter
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import deliveries, outbox
from ewarn.store.delivery.deliveries import CountedMessages, SentOfThread, messages_of
from ewarn.store.jobs import jobs, leases
from ewarn.store.maintenance import clocks
from ewarn.store.scores import score_age
from ewarn.store.scores.score_age import LastRun

MOST_ALERTS = 200  # of the last week that are read


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The state of the service.

    Attributes:
        runs: The last scores of each source.
        valid_until: Until when the last scores of each source are valid.
        new_alerts: The alerts that opened in the last seven days.
        notified: The messages about these alerts.
        messages: The messages of the last seven days, by recipient and state.
        outbox: The number of messages in each state.
        finished: When each job last succeeded.
        failing: Why a job failed the last time it ran.
        overdue: The job that waits longest for a worker, and since when.
        ahead: A sentence for each clock that was ahead.
    """

    now: datetime
    database: str
    sources: Sequence[SourceStatus]
    baselines: Mapping[str, Baseline]
    outages: Sequence[VolumeDrop]
    outcomes: Sequence[OutcomesSoFar]
    rules: RulesStand
    runs: Sequence[LastRun]
    valid_until: Mapping[str, datetime]
    new_alerts: Sequence[Alert]
    notified: Sequence[SentOfThread]
    messages: Sequence[CountedMessages]
    outbox: Mapping[str, int]
    audit: Audit
    finished: Mapping[str, datetime]
    failing: Mapping[str, str]
    overdue: tuple[str, datetime] | None
    leader: leases.Lease | None
    ahead: Sequence[str]


def read_state(service: Service, now: datetime) -> ServiceState:
    """Read the state of a service at a moment."""
    names = sorted(service.sources)
    read = {name: baseline_at(service, name, now) for name in names}
    with service.store.read() as connection:
        new = _new_alerts(connection, now)
        return ServiceState(
            now=now,
            database=service.store.url.render_as_string(hide_password=True),
            sources=[source_status(service, name, now) for name in names],
            baselines={name: each for name, each in read.items() if each is not None},
            outages=[drop for name in names for drop in outages_of(service, name, now)],
            outcomes=outcomes_so_far(service, connection, now),
            rules=rules_of(service, connection),
            runs=score_age.last_runs(connection, Cut.at(now)),
            valid_until=valid_until(connection, service, now),
            new_alerts=new,
            notified=messages_of(deliveries.of_threads(connection, [each.id for each in new], now)),
            messages=deliveries.counted_since(connection, now - WEEK),
            outbox=outbox.states(connection),
            audit=look(connection, now),
            finished=jobs.last_finished(connection),
            failing=jobs.failing(connection),
            overdue=jobs.overdue(connection, now),
            leader=leases.current(connection, leases.LEADER),
            ahead=clocks.ahead(connection, now),
        )


def _new_alerts(connection: Connection, now: datetime) -> list[Alert]:
    """Return the alerts that opened in the last seven days."""
    first = (now - WEEK + timedelta(days=1)).date()
    wanted = AlertFilter(since=first)
    return alert_pages.page(connection, wanted, now, limit=MOST_ALERTS).alerts
