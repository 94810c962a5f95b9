"""What is wrong with the service, in sentences: what `ewarn status` shows first."""

from collections.abc import Iterator
from datetime import datetime

from ewarn.pipeline.delivery.audit import OVERDUE_AFTER
from ewarn.pipeline.intake.source_news import HEALTHY
from ewarn.run.commands.screens.service_state import ServiceState
from ewarn.run.commands.sources import outage_sentence
from ewarn.store.jobs import leases


def problems(state: ServiceState) -> list[str]:
    """Return a sentence for each thing that is wrong; nothing if all is well."""
    return [*_of_rules(state), *_of_workers(state), *_of_messages(state), *_of_data(state)]


def _of_rules(state: ServiceState) -> Iterator[str]:
    if state.rules.problem:
        yield f"rules: {state.rules.sentence}"


def _of_workers(state: ServiceState) -> Iterator[str]:
    if state.leader is None or state.leader.has_lapsed(state.now):
        yield f"worker: {leading(state.leader, state.now)}"
    for name, reason in state.failing.items():
        yield f"failed job {name}: {reason}"
    if state.overdue and state.now - state.overdue[1] > OVERDUE_AFTER:
        job, since = state.overdue
        yield f"overdue: {job} waits for a worker since {minute(since)}"
    for sentence in state.ahead:
        yield f"clocks: {sentence}"


def _of_messages(state: ServiceState) -> Iterator[str]:
    if not state.audit.is_healthy:
        yield f"deliveries: {state.audit.sentence}"
    if state.audit.dead:
        yield f"messages: {state.audit.dead} were given up; see `ewarn deliveries --state dead`"
    if state.audit.disabled:
        yield f"addresses: {state.audit.disabled} are switched off; see `ewarn deliveries`"


def _of_data(state: ServiceState) -> Iterator[str]:
    for item in state.sources:
        if item.health not in HEALTHY:
            yield f"source {item.source}: {item.health.value} ({item.reason})"
    for drop in state.outages:
        yield f"outage: {outage_sentence(drop)}"
    for run in state.runs:
        until = state.valid_until.get(run.source)
        if until is not None and until <= state.now:
            yield f"scores of {run.source}: the last ones are of {run.origin}, and no longer valid"


def leading(leader: leases.Lease | None, now: datetime) -> str:
    """Return which worker leads."""
    if leader is None:
        return "no worker has led yet; start `ewarn work`"
    if leader.leased_until <= now:
        return f"none leads since {minute(leader.leased_until)}; start `ewarn work`"
    if leader.has_lapsed(now):
        return (
            f"{leader.holder} until {minute(leader.leased_until)}, which is longer than a lease, "
            "because its clock was ahead. The lease counts as lapsed, and the next worker leads"
        )
    return leader.holder


def minute(moment: datetime) -> str:
    """Return a moment to the minute, such as `2020-01-06 12:30 UTC`."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
