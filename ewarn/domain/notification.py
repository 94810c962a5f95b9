"""News and its notifications: what people are to be notified of, and for whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ewarn.domain.target import Band, Target


class About(StrEnum):
    """What news is about. Each has its own text and its own shape."""

    ALERT = "alert"
    SOURCE = "source"  # a source became unhealthy or recovered
    FOLLOW_UP = "follow_up"  # a recommendation or a review is overdue
    ENDPOINT = "endpoint"  # an address no longer accepts what is sent there
    VERIFY = "verify"  # a code that verifies the address of a subscriber
    TEST = "test"


@dataclass(frozen=True, slots=True)
class News:
    """Something of which each recipient is to be notified once.

    Attributes:
        thread: All news of one alert, source or recommendation is one thread: who was notified of
            its beginning is notified of its end.
        occasion: Identifies the news within its thread.
        countries: The countries that it concerns.
        facts: Returns the content in a language, as fields of the shape for `about` in
            `ewarn.egress.messages`.
        region: The region; empty if it is about no single region.
        band: The highest band that the alert ever had.
        offices: Only these offices are notified; subscribers have their own wishes.
        readers: The licence that every recipient must carry; empty if none is needed.
        urgent: It ignores quiet hours, digests and the daily limit.
        max_wait: It waits so long for another message to go with, and then causes one of its own.
    """

    about: About
    thread: str
    occasion: str
    countries: tuple[str, ...]
    facts: Callable[[str], Mapping[str, Any]]
    region: str = ""
    target: Target | None = None
    band: Band | None = None
    probability: float | None = None
    tier: int = 1
    offices: tuple[str, ...] = ("*",)
    readers: str = ""
    urgent: bool = False
    max_wait: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Notification:
    """News on its way to one recipient.

    It waits until `due_at`, and leaves in one message with all other notifications that wait there
    for the same `readers`. `facts` are in the recipient's language.
    """

    id: str
    recipient: str
    about: About
    thread: str
    urgent: bool
    facts: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    readers: str = ""
