"""The two cuts through time: what was known by then, and what we had recorded by then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import ColumnElement, Table


@dataclass(frozen=True, slots=True)
class Cut:
    """`as_of` keeps what was knowable by then, `recorded_by` what was stored by then.

    None leaves that side open. Both at one moment give the answer as it was given then; `as_of`
    alone reconstructs it with what was learned since, and must be labelled so.
    """

    as_of: datetime | None = None
    recorded_by: datetime | None = None

    @classmethod
    def at(cls, moment: datetime) -> Self:
        """Both cuts at one moment: an answer once given never changes."""
        return cls(moment, moment)

    def clauses(self, table: Table, known: str = "known_at") -> list[ColumnElement[bool]]:
        """The conditions on a table with a knowledge time `known` and a `recorded_at`."""
        clauses: list[ColumnElement[bool]] = []
        if self.as_of is not None:
            clauses.append(table.c[known] <= self.as_of)
        if self.recorded_by is not None:
            clauses.append(table.c.recorded_at <= self.recorded_by)
        return clauses
