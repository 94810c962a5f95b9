"""The two cuts through time: what was known by a moment, and what was stored by a moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, Table


@dataclass(frozen=True, slots=True)
class Cut:
    """A restriction of a query to rows that were known, and stored, by given moments.

    With both at one moment, a query gives the answer that it gave then. With `as_of` alone, the
    past is reconstructed with rows that were stored later, and the result must be labelled so.

    Attributes:
        as_of: Only rows that were knowable by this moment; None means no restriction.
        recorded_by: Only rows that were stored by this moment; None means no restriction.
    """

    as_of: datetime | None = None
    recorded_by: datetime | None = None

    @classmethod
    def at(cls, moment: datetime) -> Self:
        """Return the cut that has both sides at one moment; what it selects never changes later."""
        return cls(moment, moment)

    def clauses(self, table: Table, known: str = "known_at") -> list[ColumnElement[bool]]:
        """Return the SQL conditions of this cut on a table.

        Args:
            table: A table that has a column `recorded_at`.
            known: The name of the table's column that says when a row became knowable.
        """
        clauses: list[ColumnElement[bool]] = []
        if self.as_of is not None:
            clauses.append(table.c[known] <= self.as_of)
        if self.recorded_by is not None:
            clauses.append(table.c.recorded_at <= self.recorded_by)
        return clauses
