"""When a lease has lapsed: the single rule for leader election, jobs and messages.

A lease ends at a moment that its holder's clock gave. A clock that once ran a year ahead would hold
the lease for a year. So an end that is further ahead than a lease can be long counts as lapsed.
Clocks may differ by up to one length without harm: a fresh lease of a worker whose clock runs a
little ahead stays valid.
"""

from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, or_

TWICE = 2  # times the length, which allows for the difference between clocks
# Retries and queued slots never wait longer than this on purpose.
LONGEST_WAIT = timedelta(hours=2)


def latest_end(now: datetime, length: timedelta) -> datetime:
    """Return the latest moment at which a lease can end; a lease that ends later has lapsed."""
    return now + TWICE * length


def has_lapsed(
    leased_until: ColumnElement[datetime],
    now: datetime | BindParameter[datetime],
    latest: datetime | BindParameter[datetime],
) -> ColumnElement[bool]:
    """Return the SQL condition that a lease has lapsed.

    Args:
        latest: The latest moment at which such a lease can end, from `latest_end`.
    """
    return or_(leased_until <= now, leased_until > latest)


def is_lapsed(leased_until: datetime, now: datetime, length: timedelta) -> bool:
    """Return whether a lease has lapsed, given its length."""
    return not now < leased_until <= latest_end(now, length)
