"""Deployments, read from their steps in the audit trail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection

from ewarn.domain.deployment import Deployment, Step, StepKind
from ewarn.store.access import audit
from ewarn.store.access.audit import DEPLOYMENT, Act
from ewarn.store.database.pages import page

_SHAPE = TypeAdapter(Deployment)


@dataclass(frozen=True, slots=True)
class StoredStep:
    """A step with its place in the chain."""

    sequence: int
    step: Step
    hash: str


def record(connection: Connection, step: Step) -> None:
    """Append a step."""
    made = step.deployment
    after = _SHAPE.dump_python(made, mode="json")
    act = Act(
        DEPLOYMENT,
        made.id,
        made.country,
        step.kind,
        step.on,
        step.at,
        step.actor,
        step.reason,
        after,
    )
    audit.record(connection, [act])


def current(connection: Connection, id_: str) -> Deployment | None:
    """Return the current state of a deployment, locked against other writers; None if none."""
    found = audit.current(connection, DEPLOYMENT, id_)
    return None if found is None else _SHAPE.validate_python(found)


def find(
    connection: Connection,
    moment: datetime,
    *,
    countries: Collection[str] = (),
    ids: Collection[str] = (),
    stages: Collection[str] = (),
    after: tuple[date, str] | None = None,
    limit: int | None = None,
) -> list[Deployment]:
    """Return deployments as they were at a moment, newest proposal first and by id within a day.

    Args:
        countries: Only deployments in these countries; empty for all.
        ids: Only these deployments; empty for all.
        stages: Only deployments in these stages; empty for all.
        after: (proposed_on, id) of the last item of the previous page; None for the first page.
        limit: The largest number of items; None for all.
    """
    rows = audit.latest(connection, DEPLOYMENT, moment, countries=countries, subjects=ids)
    found = [_SHAPE.validate_python(row) for row in rows]
    wanted = [each for each in found if not stages or each.stage in stages]
    return page(wanted, lambda each: each.proposed_on, after, limit)


def steps(connection: Connection, id_: str, moment: datetime) -> list[StoredStep]:
    """Return all steps of a deployment up to a moment, oldest first."""
    return [
        StoredStep(
            sequence=each.sequence,
            step=Step(
                kind=StepKind(each.act.act),
                deployment=_SHAPE.validate_python(each.act.after),
                on=each.act.day,
                at=each.act.at,
                actor=each.act.actor,
                reason=each.act.reason,
            ),
            hash=each.hash,
        )
        for each in audit.history(connection, DEPLOYMENT, id_, moment)
    ]
