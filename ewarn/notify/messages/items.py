"""Build the items of a message: one for all notifications of a thread, arranged in groups."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ewarn.domain.notification import About, Notification
from ewarn.egress.definition.shapes import Shape, outbound
from ewarn.egress.messages import (
    AlertNews,
    EndpointNews,
    FollowUpNews,
    NewsStep,
    SourceNews,
    TestNews,
    VerifyNews,
)
from ewarn.languages.formats import colon, moment_words, semicolon
from ewarn.notify.messages.sparkline import bar_heights
from ewarn.notify.messages.template_values import CONTENT_BUILDERS, ItemContent
from ewarn.notify.messages.templates import render

# The shape that news of each kind must pass before it is sent, also when it was stored earlier.
NEWS: Mapping[About, type[Shape]] = {
    About.ALERT: AlertNews,
    About.SOURCE: SourceNews,
    About.FOLLOW_UP: FollowUpNews,
    About.ENDPOINT: EndpointNews,
    About.VERIFY: VerifyNews,
    About.TEST: TestNews,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a message.

    `headline`, `changes` (the oldest first, empty if there was only one) and `lines` are its full
    text. `brief` is its text in one line that names each change. `facts` are its fields for
    machines.
    """

    about: About
    content: ItemContent
    headline: str
    changes: tuple[str, ...]
    lines: tuple[str, ...]
    link: str
    facts: Mapping[str, Any]
    language: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text after the headline, for plain text."""
        return (*(f"- {line}" for line in self.changes), *self.lines)

    @property
    def bars(self) -> list[int | None]:
        """The probabilities of the last weeks, as heights of bars in pixels."""
        return bar_heights(self.content.course)

    @property
    def alert_id(self) -> str:
        """The id of the alert, or empty for other news."""
        return str(self.facts.get("alert_id", ""))

    @property
    def mention(self) -> str:
        """A few words for the subject line."""
        return self.content.mention or self.headline

    @property
    def brief(self) -> str:
        """The whole item in one line."""
        if not self.changes:
            return self.content.in_short or self.headline
        between = semicolon(self.language)
        return f"{self.content.place}{colon(self.language)}{between.join(self.changes)}"


@dataclass(frozen=True, slots=True)
class Group:
    """Items under one heading, such as those of one country.

    `also` holds the items of subdivisions if the alert of their country is among the members. They
    get one line each.
    """

    heading: str
    members: tuple[Item, ...]
    also: tuple[Item, ...] = ()


def items_of(notifications: Sequence[Notification], language: str) -> list[Item]:
    """Return one item for each thread, the most urgent first.

    Args:
        language: A language whose translation is complete.
    """
    threads: dict[tuple[About, str], list[Notification]] = {}
    for notification in sorted(notifications, key=lambda each: (_at(each), each.created_at)):
        threads.setdefault((notification.about, notification.thread), []).append(notification)
    items = [_item(thread, language) for thread in threads.values()]
    return sorted(items, key=_order)


def _order(item: Item) -> tuple[Any, ...]:
    """Sort key: the highest priority first, then whole countries, then lethal force."""
    content = item.content
    precedence = (-content.priority, not content.is_national, not content.is_lethal)
    return (*precedence, content.group, item.headline)


def grouped(items: Sequence[Item]) -> list[Group]:
    """Arrange items in groups, in the order in which the items are given."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.content.group, []).append(item)
    return [_group(heading, members) for heading, members in groups.items()]


def subdivisions_by_country(items: Sequence[Item]) -> dict[str, list[Item]]:
    """Return the items of subdivisions by their country, if the country's alert is in the items."""
    countries = {item.content.group for item in items if _speaks_for_regions(item)}
    found: dict[str, list[Item]] = {}
    for item in items:
        if item.content.group in countries and item.content.region and not item.content.is_over:
            found.setdefault(item.content.group, []).append(item)
    return found


def _speaks_for_regions(item: Item) -> bool:
    return item.about is About.ALERT and item.content.is_national and not item.content.is_over


def _group(heading: str, members: Sequence[Item]) -> Group:
    also = subdivisions_by_country(members).get(heading, [])
    return Group(heading, tuple(item for item in members if item not in also), tuple(also))


def _at(notification: Notification) -> str:
    return str(notification.facts.get("at") or notification.created_at.isoformat())


def _item(thread: Sequence[Notification], language: str) -> Item:
    about = thread[-1].about
    records = [_one_line(outbound(NEWS[about], notification.facts)) for notification in thread]
    contents = [CONTENT_BUILDERS[about](facts, language) for facts in records]
    newest = contents[-1]
    headline, *lines = render(f"{about}.txt", {**newest.values, "language": language}).splitlines()
    steps = tuple(
        f"{moment_words(datetime.fromisoformat(_at(one)), language)}{colon(language)}{each.step}"
        for one, each in zip(thread, contents, strict=True)
        if each.step
    )
    changes = [outbound(NewsStep, facts) for facts in records]
    return Item(
        about=about,
        content=newest,
        headline=headline,
        changes=steps if len(steps) > 1 else (),
        lines=tuple(lines),
        link=str(records[-1].get("link") or ""),
        facts=records[-1] | {"changes": changes},
        language=language,
    )


def _one_line(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Remove line breaks and control characters from facts, because templates expect none."""
    return {name: _clean(value) for name, value in facts.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        spaced = " ".join(value.split())
        if spaced.isprintable():  # as nearly every text is
            return spaced
        return "".join(sign for sign in spaced if unicodedata.category(sign) != "Cc")
    return [_clean(each) for each in value] if isinstance(value, list | tuple) else value
