"""The one place that reads the clock. Everywhere else time is a parameter."""

from datetime import UTC, datetime


def wall() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)
