"""News, and the notices of it: what is to be told, before and after it is known to whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ewarn.domain.target import Band, Target


class About(StrEnum):
    """What news is about. Each has its own words and its own shape."""

    ALERT = "alert"
    SOURCE = "source"  # a source fell ill or is well again
    FOLLOW_UP = "follow_up"  # a recommendation or a review is overdue
    ENDPOINT = "endpoint"  # an address no longer takes what is sent there
    VERIFY = "verify"  # a code that proves that an address is its subscriber's
    TEST = "test"


@dataclass(frozen=True, slots=True)
class News:
    """Something to be told. `thread` and `occasion` say what it is: it is told once to each.

    All news of one alert, source or recommendation is one thread: who heard its beginning hears
    its end. `facts` gives what is said, in a language, as fields of the shape for `about` in
    `ewarn.egress.messages`. `band` is the highest an alert ever had. What is `urgent` waits for no
    quiet hours, digest or budget; what has `patience` leaves with the next message within that
    time, and causes one of its own after it. `countries` are those it concerns; `region` is empty
    where it is of no one region. Of offices only those named hear it; subscribers name their own
    wishes. `readers` names the licence that everybody who hears it must carry; empty where none is
    needed.
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
    patience: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Notice:
    """News on its way to one recipient: it waits until `due_at`, and leaves in one message with
    whatever else waits there for the same `readers`. `facts` are in the recipient's language."""

    id: str
    recipient: str
    about: About
    thread: str
    urgent: bool
    facts: Mapping[str, Any]
    created_at: datetime
    due_at: datetime
    readers: str = ""
