"""What is counted of the API itself, and what is read from the store when someone looks."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.serving.access import Reader
from api.serving.state import ApiState
from api.serving.withheld import listed_sources, readers_of
from ewarn.domain.alert import AlertState
from ewarn.domain.source import Health
from ewarn.errors import StoreError
from ewarn.pipeline.delivery.audit import audit
from ewarn.store.alerts import alerts
from ewarn.store.delivery import heartbeats, outbox
from ewarn.store.jobs import jobs, leases

_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds


class Metrics:
    """One registry for each application, so that two in one process do not meet."""

    def __init__(self, state: ApiState) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "ewarn_requests",
            "Requests by route and status.",
            ("route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ewarn_request_seconds",
            "Time to answer.",
            ("route",),
            buckets=_BOUNDS,
            registry=self.registry,
        )
        self._state = state

    def text(self, reader: Reader) -> bytes:
        """All metrics in the Prometheus text format, as far as a key may know of them."""
        stored = CollectorRegistry()
        stored.register(_Stored(self._state, reader))
        return generate_latest(self.registry) + generate_latest(stored)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one request by the template of its route, never by its address."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class _Stored(Collector):
    """Gauges read from the store for one key; absent while the store cannot be read."""

    def __init__(self, state: ApiState, reader: Reader) -> None:
        self._state = state
        self._sources = listed_sources(state, reader)
        self._readers = readers_of(state, reader)

    def describe(self) -> Iterable[Metric]:
        """Nothing: the store need not be there when the registry is made."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Source health, notifications by state, open alerts, how the workers are doing."""
        waiting = GaugeMetricFamily(
            "ewarn_notifications", "Notifications by state.", labels=("state",)
        )
        standing = GaugeMetricFamily("ewarn_open_alerts", "Alerts that are not closed.")
        try:
            self._read(waiting, standing)
            return (
                waiting,
                standing,
                self._rules(),
                *self._of_sources(self._state.clock()),
                *self._workers(),
            )
        except StoreError:
            return ()

    def _rules(self) -> Metric:
        """Broken rules are as bad in a worker, which says so, as here."""
        with self._state.store.read() as connection:
            said = heartbeats.last(connection, heartbeats.RULES)
        broken = bool(self._state.rules_problem() or (said and said[1]["problem"]))
        gauge = GaugeMetricFamily(
            "ewarn_rules_broken",
            "1 while what stands in the files of rules cannot be used, and older rules hold.",
        )
        gauge.add_metric((), float(broken))
        return gauge

    def _of_sources(self, now: datetime) -> tuple[Metric, ...]:
        """What the status of each source says, which is read once."""
        health = GaugeMetricFamily(
            "ewarn_source_health", "1 for the health each source has.", labels=("source", "health")
        )
        unread = GaugeMetricFamily(
            "ewarn_source_unread_payloads", "Payloads not readable so far.", labels=("source",)
        )
        outages = GaugeMetricFamily(
            "ewarn_source_outages", "Regions whose whole volume has dropped.", labels=("source",)
        )
        newest = GaugeMetricFamily(
            "ewarn_source_last_success_timestamp_seconds",
            "When a source was last read well.",
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
        open_ones = [alert for alert in known if alert.state is not AlertState.CLOSED]
        standing.add_metric((), len([alert for alert in open_ones if alert.opened_on]))

    def _workers(self) -> Iterable[Metric]:
        """A job that fails, one that waits, a leader that is gone: each can be alerted on."""
        now = self._state.clock()
        with self._state.store.read() as connection:
            failing = jobs.failing(connection)
            overdue = jobs.overdue(connection, now)
            leader = leases.current(connection, leases.LEADER)
        failed = GaugeMetricFamily(
            "ewarn_job_failed", "1 for each job that failed when it was last run.", labels=("job",)
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
            "What is left of the leader's lease; negative if it is gone.",
        )
        if leader is not None:
            leading.add_metric((), (leader.leased_until - now).total_seconds())
        return (failed, waited, leading, *self._deliveries(now))

    def _deliveries(self, now: datetime) -> Iterable[Metric]:
        """What nobody delivers, and when somebody last delivered and looked: also seen from here
        when the workers are gone."""
        with self._state.store.read() as connection:
            found = audit(connection, now)
            beats = {
                name: heartbeats.last(connection, name)
                for name in (heartbeats.DELIVERER, heartbeats.AUDITOR)
            }
        behind = GaugeMetricFamily(
            "ewarn_left_behind",
            "Messages and notices that should have left a quarter of an hour ago.",
            labels=("what",),
        )
        behind.add_metric(("messages",), found.overdue)
        behind.add_metric(("notices",), found.unsent)
        off = GaugeMetricFamily("ewarn_endpoints_disabled", "Addresses that are switched off.")
        off.add_metric((), found.disabled)
        beating = GaugeMetricFamily(
            "ewarn_heartbeat_timestamp_seconds",
            "When a part of a worker last said that it lives.",
            labels=("part",),
        )
        for name, beat in beats.items():
            if beat is not None:
                beating.add_metric((name,), beat[0].timestamp())
        return (behind, off, beating)
