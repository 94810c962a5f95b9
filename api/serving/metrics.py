"""Metrics for Prometheus: counters of the API, and gauges read from the store on request."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import prometheus_client as prometheus
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.serving.access import Reader
from api.serving.state import ApiState
from api.serving.withheld import listed_sources, readers_of
from ewarn.domain.alert import AlertState
from ewarn.domain.source import Health
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import StoreError
from ewarn.pipeline.delivery.audit import OVERDUE_AFTER, audit
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import deliveries, heartbeats, outbox
from ewarn.store.jobs import jobs, leases
from ewarn.store.scores import score_age

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds


class Metrics:
    """The metrics of one application. Its own registry separates applications in one process."""

    def __init__(self, state: ApiState) -> None:
        self.registry = CollectorRegistry()
        self._requests = prometheus.Counter(
            "ewarn_requests",
            "Requests by route and status.",
            ("route", "status"),
            registry=self.registry,
        )
        self._seconds = prometheus.Histogram(
            "ewarn_request_seconds",
            "Time to answer.",
            ("route",),
            buckets=_BOUNDS,
            registry=self.registry,
        )
        # Finding the child of some labels takes longer than counting.
        self._children: dict[tuple[str, int], tuple[prometheus.Counter, prometheus.Histogram]] = {}
        self._state = state

    def text(self, reader: Reader) -> bytes:
        """Return the metrics that a key may see, in the Prometheus text format."""
        stored = CollectorRegistry()
        stored.register(_Stored(self._state, reader))
        return generate_latest(self.registry) + generate_latest(stored)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one request by the template of its route, never by its address."""
        known = self._children.get((route, status))
        if known is None:
            known = (self._requests.labels(route, str(status)), self._seconds.labels(route))
            self._children[route, status] = known
        number, taken = known
        number.inc()
        taken.observe(seconds)


class _Stored(Collector):
    """Gauges read from the store for one key. They are absent while the store cannot be read."""

    def __init__(self, state: ApiState, reader: Reader) -> None:
        self._state = state
        self._sources = listed_sources(state, reader)
        self._readers = readers_of(state, reader)

    def describe(self) -> Iterable[Metric]:
        """Return nothing, because the store need not be available at registration."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return gauges of source health, notifications, open alerts and workers."""
        waiting = GaugeMetricFamily(
            "ewarn_notifications", "Notifications by state.", labels=("state",)
        )
        standing = GaugeMetricFamily(
            "ewarn_open_alerts", "Alerts that are not closed, by band.", labels=("band",)
        )
        try:
            self._read(waiting, standing)
            return (
                waiting,
                standing,
                self._scores(self._state.clock()),
                self._rules(),
                *self._of_sources(self._state.clock()),
                *self._workers(),
            )
        except StoreError:
            return ()

    def _rules(self) -> Metric:
        """Return the gauge of broken rules, which a worker reports or this process sees."""
        with self._state.store.read() as connection:
            said = heartbeats.last(connection, heartbeats.RULES)
        broken = bool(self._state.rules_problem() or (said and said[1]["problem"]))
        gauge = GaugeMetricFamily(
            "ewarn_rules_broken",
            "1 while the rule files cannot be used and older rules stay in force.",
        )
        gauge.add_metric((), float(broken))
        return gauge

    def _of_sources(self, now: datetime) -> tuple[Metric, ...]:
        """Return gauges on the status of each source, which is read once."""
        health = GaugeMetricFamily(
            "ewarn_source_health",
            "1 for the current health of each source.",
            labels=("source", "health"),
        )
        unread = GaugeMetricFamily(
            "ewarn_source_unread_payloads", "Payloads that could not be read.", labels=("source",)
        )
        outages = GaugeMetricFamily(
            "ewarn_source_outages", "Regions whose whole volume has dropped.", labels=("source",)
        )
        newest = GaugeMetricFamily(
            "ewarn_source_last_success_timestamp_seconds",
            "When a source was last read successfully.",
            labels=("source",),
        )
        for source in self._sources:
            status = source.status(now)
            for possible in Health:
                health.add_metric((source.name, possible.value), float(possible is status.health))
            unread.add_metric((source.name,), status.unread)
            outages.add_metric((source.name,), len(source.drops(now)))
            if status.last_success_at is not None:
                newest.add_metric((source.name,), status.last_success_at.timestamp())
        return (health, unread, outages, newest)

    def _read(self, waiting: GaugeMetricFamily, standing: GaugeMetricFamily) -> None:
        with self._state.store.read() as connection:
            for name, number in sorted(outbox.states(connection, None, self._readers).items()):
                waiting.add_metric((name,), number)
            found = alerts.standing(connection)
        known = [alert for alert in found if alert.readers in self._readers]
        opened = [each for each in known if each.opened_on and each.state is not AlertState.CLOSED]
        bands = Counter(alert.band for alert in opened)
        for band in Band:
            standing.add_metric((band.value,), bands[band])

    def _scores(self, now: datetime) -> Metric:
        """Return the gauge of the age of the newest scores."""
        gauge = GaugeMetricFamily(
            "ewarn_score_age_seconds",
            "Time since the newest origin that was scored.",
            labels=("source",),
        )
        with self._state.store.read() as connection:
            newest = score_age.newest_origins(connection, Cut.at(now))
        for source in sorted({each.name for each in self._sources} & newest.keys()):
            age = (now - midnight(newest[source])).total_seconds()
            gauge.add_metric((source,), age)
        return gauge

    def _workers(self) -> Iterable[Metric]:
        """Return gauges on failed jobs, overdue jobs and the leader, to define alerts on."""
        now = self._state.clock()
        with self._state.store.read() as connection:
            failing = jobs.failing(connection)
            overdue = jobs.overdue(connection, now)
            leader = leases.current(connection, leases.LEADER)
        failed = GaugeMetricFamily(
            "ewarn_job_failed", "1 for each job whose last run failed.", labels=("job",)
        )
        known = {source.name for source in self._state.sources()}
        hidden = known - {source.name for source in self._sources}
        for name in sorted(set(failing) - {f"ingest:{source}" for source in hidden}):
            failed.add_metric((name,), 1.0)
        waited = GaugeMetricFamily(
            "ewarn_job_overdue_seconds", "How long the oldest due job has waited for a worker."
        )
        waited.add_metric((), (now - overdue[1]).total_seconds() if overdue else 0.0)
        leading = GaugeMetricFamily(
            "ewarn_leader_lease_seconds",
            "Seconds until the leader's lease ends; negative if it has ended.",
        )
        if leader is not None:
            leading.add_metric((), (leader.leased_until - now).total_seconds())
        return (failed, waited, leading, *self._deliveries(now))

    def _deliveries(self, now: datetime) -> Iterable[Metric]:
        """Return gauges on undelivered messages and on the last heartbeats of delivery and audit.

        They are also available when the workers are down.
        """
        with self._state.store.read() as connection:
            found = audit(connection, now)
            number, late = deliveries.delivered_since(connection, now - WEEK, OVERDUE_AFTER)
            beats = {
                name: heartbeats.last(connection, name)
                for name in (heartbeats.DELIVERER, heartbeats.AUDITOR)
            }
        behind = GaugeMetricFamily(
            "ewarn_left_behind",
            "Messages and notices that are overdue by a quarter of an hour.",
            labels=("what",),
        )
        behind.add_metric(("messages",), found.overdue)
        behind.add_metric(("notices",), found.unsent)
        off = GaugeMetricFamily("ewarn_endpoints_disabled", "Addresses that are switched off.")
        off.add_metric((), found.disabled)
        beating = GaugeMetricFamily(
            "ewarn_heartbeat_timestamp_seconds",
            "When a part of a worker last sent a heartbeat.",
            labels=("part",),
        )
        for name, beat in beats.items():
            if beat is not None:
                beating.add_metric((name,), beat[0].timestamp())
        told = GaugeMetricFamily(
            "ewarn_delivered_messages",
            "Messages delivered in the last seven days; late ones took over a quarter of an hour.",
            labels=("when",),
        )
        told.add_metric(("in_time",), number - late)
        told.add_metric(("late",), late)
        return (behind, off, beating, told)
