"""The only module that reads the clock. Everywhere else, time is a parameter."""

from datetime import UTC, datetime


def wall() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)
