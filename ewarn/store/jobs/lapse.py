"""When a lease has lapsed: the one place that decides it, for leading, for jobs and for messages.

A lease ends at a moment that its holder's clock gave. A clock that once ran a year ahead would
keep what it held for a year, so an end that lies further ahead than a lease is long counts as
come. Clocks may differ by as much as one length without that: a fresh lease of a worker whose
clock runs a little ahead is still its own.
"""

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, or_

TWICE = 2  # the length, for the difference between clocks
# What is waited for on purpose, a retry or the turn of a slot, is never further ahead than this.
LONGEST_WAIT = timedelta(hours=2)


def latest_end(now: datetime, length: timedelta) -> datetime:
    """The last moment at which a lease of a length can end; one that ends later has lapsed."""
    return now + TWICE * length


def has_lapsed(
    leased_until: ColumnElement[datetime],
    now: datetime | BindParameter[datetime],
    latest: datetime | BindParameter[datetime],
) -> ColumnElement[bool]:
    """Whether leases have lapsed whose `latest` end is known, as a condition."""
    return or_(leased_until <= now, leased_until > latest)


def is_lapsed(leased_until: datetime, now: datetime, length: timedelta) -> bool:
    """Whether a lease of a length has lapsed."""
    return not now < leased_until <= latest_end(now, length)
