"""Recommendations, as the acts in the audit trail left them."""

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
    """Which recommendations; empty collections and None mean all.

    `overdue_on` keeps those that are open and whose due or review date lies before that day.
    """

    bodies: Collection[str] = ()
    themes: Collection[str] = ()
    statuses: Collection[str] = ()
    is_open: bool | None = None
    overdue_on: date | None = None

    def matches(self, item: Recommendation) -> bool:
        """Whether a recommendation is wanted."""
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
    """A recommendation as it stands now, held against other writers; None if there is none."""
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
    """Recommendations as they stood at a moment, those given last first, ties by id.

    `after` is the (given_on, id) of the last one of the page before.
    """
    rows = audit.latest(connection, RECOMMENDATION, moment, countries=countries, subjects=ids)
    found = [item for row in rows if wanted.matches(item := _SHAPE.validate_python(row))]
    return page(found, lambda item: item.given_on, after, limit)


def history(connection: Connection, id_: str, moment: datetime) -> list[StoredChange]:
    """Everything done to a recommendation up to a moment, oldest first."""
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
