"""How many field reports there are, by state and age. No report is opened for it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from ewarn.domain.reports.field_report import ReportState
from ewarn.store.reports import reports

LAST_DAYS = (7, 30)  # the ages, in days, at which a report moves to the next group


@dataclass(frozen=True, slots=True)
class ReportTally:
    """How many reports are in a state.

    Attributes:
        by_age: The numbers of reports up to 7 days old, up to 30 days old, and older.
        oldest: The age of the oldest one in days.
    """

    state: ReportState
    by_age: tuple[int, ...]
    oldest: int


def tally(connection: Connection, today: date) -> Sequence[ReportTally]:
    """Return the numbers of reports by state, in the order in which a report goes through them."""
    ages: dict[ReportState, list[int]] = defaultdict(list)
    for state, day, number in reports.numbers(connection):
        ages[state] += [(today - day).days] * number
    return [_tally(state, ages[state]) for state in ReportState if ages[state]]


def _tally(state: ReportState, ages: Sequence[int]) -> ReportTally:
    groups = [0] * (len(LAST_DAYS) + 1)
    for age in ages:
        groups[sum(age > last for last in LAST_DAYS)] += 1
    return ReportTally(state, tuple(groups), max(ages))
