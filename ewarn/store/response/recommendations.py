"""Recommendations, read from their acts in the audit trail."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection

from ewarn.domain.recommendation import (
    Recommendation,
    RecommendationAct,
    RecommendationChange,
)
from ewarn.store.access import audit
from ewarn.store.access.audit import RECOMMENDATION, Act
from ewarn.store.database.pages import page

_SHAPE = TypeAdapter(Recommendation)


@dataclass(frozen=True, slots=True)
class RecommendationFilter:
    """Conditions on recommendations; empty collections and None mean no condition.

    `overdue_on` selects the open ones whose due date or review date is before that day.
    """

    bodies: Collection[str] = ()
    themes: Collection[str] = ()
    statuses: Collection[str] = ()
    is_open: bool | None = None
    overdue_on: date | None = None

    def matches(self, item: Recommendation) -> bool:
        """Return whether a recommendation meets all conditions."""
        return (
            (not self.bodies or item.body in self.bodies)
            and (not self.themes or item.theme in self.themes)
            and (not self.statuses or item.status in self.statuses)
            and (self.is_open is None or item.status.is_open is self.is_open)
            and (self.overdue_on is None or _late(item, self.overdue_on))
        )


@dataclass(frozen=True, slots=True)
class StoredChange:
    """A change with its place in the chain."""

    sequence: int
    change: RecommendationChange
    hash: str


def record(connection: Connection, changes: Sequence[RecommendationChange]) -> None:
    """Append changes."""
    audit.record(connection, [_act(change) for change in changes])


def current(connection: Connection, id_: str) -> Recommendation | None:
    """Return the current state of a recommendation, locked against other writers; None if none."""
    found = audit.current(connection, RECOMMENDATION, id_)
    return None if found is None else _SHAPE.validate_python(found)


def find(
    connection: Connection,
    moment: datetime,
    wanted: RecommendationFilter,
    *,
    countries: Collection[str] = (),
    ids: Collection[str] = (),
    after: tuple[date, str] | None = None,
    limit: int | None = None,
) -> list[Recommendation]:
    """Return recommendations as they were at a moment, newest first by `given_on`, then by id.

    Args:
        wanted: Conditions on the recommendations.
        countries: Only recommendations to these countries; empty for all.
        ids: Only these recommendations; empty for all.
        after: (given_on, id) of the last item of the previous page; None for the first page.
        limit: The largest number of items; None for all.
    """
    rows = audit.latest(connection, RECOMMENDATION, moment, countries=countries, subjects=ids)
    found = [item for row in rows if wanted.matches(item := _SHAPE.validate_python(row))]
    return page(found, lambda item: item.given_on, after, limit)


def history(connection: Connection, id_: str, moment: datetime) -> list[StoredChange]:
    """Return all changes of a recommendation up to a moment, oldest first."""
    return [
        StoredChange(
            sequence=each.sequence,
            change=RecommendationChange(
                act=RecommendationAct(each.act.act),
                recommendation=_SHAPE.validate_python(each.act.after),
                at=each.act.at,
                actor=each.act.actor,
                reason=each.act.reason,
            ),
            hash=each.hash,
        )
        for each in audit.history(connection, RECOMMENDATION, id_, moment)
    ]


def _act(change: RecommendationChange) -> Act:
    item = change.recommendation
    moved = change.act is RecommendationAct.STATUS
    return Act(
        about=RECOMMENDATION,
        subject=item.id,
        country=item.country,
        act=change.act,
        day=item.status_on if moved else change.at.date(),
        at=change.at,
        actor=change.actor,
        reason=change.reason,
        after=_SHAPE.dump_python(item, mode="json"),
    )


def _late(item: Recommendation, today: date) -> bool:
    dates = (item.due_on, item.review_on)
    return item.status.is_open and any(day is not None and day < today for day in dates)
