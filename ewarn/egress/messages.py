"""Messages: the fields of each kind of news, of a message, and of a message that is shortened.

News passes its shape when a message is composed of it. `changes` are added then, from all
notifications about one thing.
"""

from typing import Any

from ewarn.egress.definition.shapes import Shape, shown

_AT = "2017-10-02T06:00:00+00:00"
_LINK = "https://ewarn.example.org/alerts/alert-0123456789abcdef"


class NewsStep(Shape):
    """One of the changes that an item describes."""

    type: str = shown("alert.opened")
    change: str = shown("opened")
    level: str = shown("high")
    probability: float | None = shown(0.21)
    health: str = shown("silent")
    at: str = shown(_AT)
    actor: str = shown("ewarn")
    reason: str = shown("21% is at or above 16%")


class AlertNews(Shape):
    """A change of an alert, with the score behind it."""

    type: str = shown("alert.opened")
    timestamp: str = shown(_AT)
    region: str = shown("TG-M")
    region_name: str = shown("Maritime")
    country: str = shown("TGO")
    country_name: str = shown("Togo")
    target: str = shown("force")
    horizon_weeks: int = shown(4)
    rule: str = shown("force-admin1")
    level: str = shown("high")
    highest: str = shown("high")
    change: str = shown("opened")
    at: str = shown(_AT)
    actor: str = shown("ewarn")
    reason: str = shown("21% is at or above 16%")
    tier: int = shown(1)
    probability: float | None = shown(0.21)
    low: float | None = shown(0.12)
    high: float | None = shown(0.31)
    basis: str = shown("calibrated")
    drivers: list[str] = shown(["3 × force against demonstrators, since 3 Jul ↑"])
    completeness: float = shown(1.0)
    course: list[float | None] = shown([0.1, 0.21])
    interim_at: str | None = shown(None)
    origin: str = shown("2017-10-02")
    suggestion: str = shown("call the country team")
    notice: str = shown("")
    opened_on: str | None = shown("2017-10-02")
    alert_id: str = shown("alert-0123456789abcdef")
    link: str = shown(_LINK)
    changes: list[NewsStep]


class SourceNews(Shape):
    """A source whose health changed."""

    type: str = shown("source.silent")
    source: str = shown("gdelt")
    health: str = shown("silent")
    since: str = shown(_AT)
    at: str = shown(_AT)
    reason: str = shown("nothing came for three days")
    countries: list[str] = shown(["Togo"])
    changes: list[NewsStep]


class FollowUpNews(Shape):
    """A recommendation or a review that is overdue."""

    type: str = shown("follow_up.recommendation")
    id: str = shown("recommendation-0123456789abcdef")
    kind: str = shown("recommendation")
    title: str = shown("An invented recommendation.")
    country: str = shown("TGO")
    country_name: str = shown("Togo")
    owner: str = shown("regional office")
    due_on: str = shown("2017-09-02")
    days_overdue: int = shown(30)
    at: str = shown(_AT)
    link: str = shown("https://ewarn.example.org/alerts/alert-0123456789abcdef")
    changes: list[NewsStep]


class EndpointNews(Shape):
    """An address that accepts nothing any more."""

    type: str = shown("endpoint.disabled")
    channel: str = shown("webhook")
    address: str = shown("receiver.example.org")
    since: str = shown(_AT)
    at: str = shown(_AT)
    reason: str = shown("HTTP 410")
    changes: list[NewsStep]


class VerifyNews(Shape):
    """A code that proves that an address belongs to its subscriber."""

    type: str = shown("subscription.verify")
    code: str = shown("0123456789abcdef")
    subscription_id: str = shown("sub_0123456789abcdef")
    expires_at: str = shown("2017-10-05T06:00:00+00:00")
    at: str = shown(_AT)
    changes: list[NewsStep]


class TestNews(Shape):
    """A test message."""

    type: str = shown("test")
    at: str = shown(_AT)
    changes: list[NewsStep]


class NewsStepInShort(Shape):
    """The fields of a change that stay in a message that would be too long."""

    change: str = shown("opened")
    level: str = shown("high")
    health: str = shown("silent")
    at: str = shown(_AT)


class NewsInShort(Shape):
    """The fields of an item that stay in a message that would be too long."""

    type: str = shown("alert.opened")
    alert_id: str = shown("alert-0123456789abcdef")
    source: str = shown("gdelt")
    id: str = shown("recommendation-0123456789abcdef")
    channel: str = shown("webhook")
    region: str = shown("TG-M")
    country: str = shown("TGO")
    rule: str = shown("force-admin1")
    level: str = shown("high")
    health: str = shown("silent")
    change: str = shown("opened")
    at: str = shown(_AT)
    changes: list[NewsStepInShort]
    link: str = shown(_LINK)


class MessageBody(Shape):
    """The body that is posted of a message.

    Each item is news in the shape of its kind, or news in short if the message would be too long.
    """

    type: str = shown("ewarn.news")
    timestamp: str = shown(_AT)
    language: str = shown("en")
    subject: str = shown("Maritime: alert opened, level high")
    notice: str = shown("")
    items: list[dict[str, Any]] = shown([{"type": "test", "changes": []}])
    shortened: bool = shown(False)
    omitted: int = shown(0)
    link: str = shown("https://ewarn.example.org")
