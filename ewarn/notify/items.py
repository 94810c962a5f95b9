"""What a message lists: all notices of one thread are one item, and items stand in groups."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ewarn.domain.notice import About, Notice
from ewarn.egress.messages import (
    AlertNews,
    EndpointNews,
    FollowUpNews,
    NewsStep,
    SourceNews,
    TestNews,
    VerifyNews,
)
from ewarn.egress.shapes import Shape, outbound
from ewarn.languages.formats import colon, moment_words, semicolon
from ewarn.notify.course import heights
from ewarn.notify.template_values import SAYINGS, Said
from ewarn.notify.templates import fill

# The shape that news of each kind leaves by: the one door, for what is stored as well.
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
    """One thing a message tells of.

    `headline`, `changes` (where there were several, the oldest first) and `lines` say it in full,
    `brief` in one line that names each change. `facts` are its fields for machines.
    """

    about: About
    said: Said
    headline: str
    changes: tuple[str, ...]
    lines: tuple[str, ...]
    link: str
    facts: Mapping[str, Any]
    language: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """What follows the headline in plain text."""
        return (*(f"- {line}" for line in self.changes), *self.lines)

    @property
    def bars(self) -> list[int | None]:
        """The course of its probability, as pixels of each week's bar."""
        return heights(self.said.course)

    @property
    def alert_id(self) -> str:
        """The alert it is of; empty for other news."""
        return str(self.facts.get("alert_id", ""))

    @property
    def mention(self) -> str:
        """A few words for a subject."""
        return self.said.mention or self.headline

    @property
    def brief(self) -> str:
        """All of it in one line."""
        if not self.changes:
            return self.said.in_short or self.headline
        between = semicolon(self.language)
        return f"{self.said.place}{colon(self.language)}{between.join(self.changes)}"


@dataclass(frozen=True, slots=True)
class Group:
    """Items that belong together, under their heading; those of regions go `also`, in a line each,
    where the alert of their country is told in full."""

    heading: str
    members: tuple[Item, ...]
    also: tuple[Item, ...] = ()


def items_of(notices: Sequence[Notice], language: str) -> list[Item]:
    """One item for each thread, the gravest first, in a language that is complete."""
    threads: dict[tuple[About, str], list[Notice]] = {}
    for notice in sorted(notices, key=lambda each: (_at(each), each.created_at)):
        threads.setdefault((notice.about, notice.thread), []).append(notice)
    made = [_item(told, language) for told in threads.values()]
    return sorted(made, key=_order)


def _order(item: Item) -> tuple[Any, ...]:
    """The gravest first; of those the one of a whole country, then lethal force."""
    whole, lethal = item.said.comes_first
    return (-item.said.gravity, not whole, not lethal, item.said.group, item.headline)


def grouped(items: Sequence[Item]) -> list[Group]:
    """Items in groups: the group of the gravest first, and within each the gravest first."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.said.group, []).append(item)
    return [_group(heading, members) for heading, members in groups.items()]


def beneath(items: Sequence[Item]) -> dict[str, list[Item]]:
    """News of regions, by the country whose own alert is among the items."""
    countries = {item.said.group for item in items if _speaks_for_regions(item)}
    found: dict[str, list[Item]] = {}
    for item in items:
        if item.said.group in countries and item.said.region and not item.said.is_over:
            found.setdefault(item.said.group, []).append(item)
    return found


def _speaks_for_regions(item: Item) -> bool:
    return item.about is About.ALERT and item.said.comes_first[0] and not item.said.is_over


def _group(heading: str, members: Sequence[Item]) -> Group:
    also = beneath(members).get(heading, [])
    return Group(heading, tuple(item for item in members if item not in also), tuple(also))


def _at(notice: Notice) -> str:
    return str(notice.facts.get("at") or notice.created_at.isoformat())


def _item(told: Sequence[Notice], language: str) -> Item:
    about = told[-1].about
    story = [_one_line(outbound(NEWS[about], notice.facts)) for notice in told]
    said = [SAYINGS[about](facts, language) for facts in story]
    newest = said[-1]
    headline, *lines = fill(f"{about}.txt", {**newest.values, "language": language}).splitlines()
    steps = tuple(
        f"{moment_words(datetime.fromisoformat(_at(notice)), language)}{colon(language)}{each.step}"
        for notice, each in zip(told, said, strict=True)
        if each.step
    )
    changes = [outbound(NewsStep, facts) for facts in story]
    return Item(
        about=about,
        said=newest,
        headline=headline,
        changes=steps if len(steps) > 1 else (),
        lines=tuple(lines),
        link=str(story[-1].get("link") or ""),
        facts=story[-1] | {"changes": changes},
        language=language,
    )


def _one_line(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts without line breaks and control characters, which no template expects."""
    return {name: _clean(value) for name, value in facts.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        spaced = " ".join(value.split())
        if spaced.isprintable():  # as nearly every text is
            return spaced
        return "".join(sign for sign in spaced if unicodedata.category(sign) != "Cc")
    return [_clean(each) for each in value] if isinstance(value, list | tuple) else value
