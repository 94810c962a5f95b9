"""What the pages of subscriptions show: who is notified of what, and whether it arrives."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from api.pages.page import WebPage
from api.pages.wording import PageWording
from api.serving.problems import Problem
from ewarn.domain.delivery import Outcome
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.recipient import READ_BY_PROGRAMS, Digest
from ewarn.domain.target import Band, Target
from ewarn.languages.formats import own_name, percent, semicolon
from ewarn.notify.messages.labels import band_words, target_words

Record = Mapping[str, Any]

PATH = "/subscriptions"
SCOPE = "subscriptions:write"
NEWEST = 20  # messages that are listed
MOST_DEAD = 100  # dead messages that are listed


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A subscription in words.

    Attributes:
        record: The subscription, as the API gives it.
        covers: The places that it covers.
        about: The risks that it is about.
        level: The lowest level, and the lowest probability.
        pace: How often messages are sent.
        chip: The look of its state: `waiting`, `down`, `failing` or `ok`.
        health: Whether messages reach its address.
    """

    record: Record
    covers: str
    about: str
    level: str
    pace: str
    chip: str
    health: str

    @property
    def id(self) -> str:
        """The id of the subscription."""
        return str(self.record["id"])

    @property
    def is_verified(self) -> bool:
        """Whether alerts are sent to the address: it was verified, and is not switched off."""
        return bool(self.record["verified_at"]) and not self.record["disabled_at"]

    @property
    def can_be_signed(self) -> bool:
        """Whether its messages can be signed with a secret."""
        return self.record["channel"] in READ_BY_PROGRAMS

    @property
    def language(self) -> str:
        """The language of its messages, by its own name."""
        return own_name(self.record["language"])


@dataclass(frozen=True, slots=True)
class DeliveriesView:
    """The messages of a subscription.

    Attributes:
        newest: The newest messages.
        dead: Messages that are given up until somebody sends them again.
        shown: The message whose attempts are shown; None if none was chosen.
    """

    newest: Sequence[Record]
    dead: Sequence[Record]
    more_dead: bool
    shown: Record | None


async def subscriptions_view(page: WebPage) -> Sequence[SubscriptionView]:
    """Read the subscriptions of the key, those with a problem first.

    Raises:
        Problem: The key may not read subscriptions.
    """
    found = [in_words(page, record) for record in await page.api.items("/v1/subscriptions")]
    return sorted(found, key=lambda each: each.chip == "ok")


async def subscription_view(page: WebPage, id_: str) -> tuple[SubscriptionView, DeliveriesView]:
    """Read one subscription and its messages.

    Raises:
        Problem: 403 without the scope, 404 if the key has no such subscription.
    """
    record = await page.api.get(f"/v1/subscriptions/{quote(id_, safe='')}")
    newest, dead, shown = await asyncio.gather(
        page.api.get("/v1/deliveries", subscription=id_, limit=NEWEST),
        page.api.get("/v1/deliveries", subscription=id_, state="dead", limit=MOST_DEAD),
        _delivery(page, id_, page.asked("delivery")),
    )
    has_more = dead["next"] is not None
    return in_words(page, record), DeliveriesView(newest["items"], dead["items"], has_more, shown)


async def _delivery(page: WebPage, subscription: str, id_: str) -> Record | None:
    """Return a message with its attempts; None if it is not one of this subscription."""
    if not id_:
        return None
    try:
        found: Record = await page.api.get(f"/v1/deliveries/{quote(id_, safe='')}")
    except Problem as problem:
        if problem.status != 404:
            raise
        return None
    return found if found["subscription"] == subscription else None


def in_words(page: WebPage, record: Record) -> SubscriptionView:
    """Return a subscription in words."""
    gettext = page.gettext
    chip, health = _health(page, record)
    targets = [target_words(Target(each), page.language) for each in record["targets"]]
    return SubscriptionView(
        record=record,
        covers=_places(page, record),
        about=", ".join(targets) or gettext("every risk"),
        level=_level(page, record),
        pace=_pace(page, record),
        chip=chip,
        health=health,
    )


def _places(page: WebPage, record: Record) -> str:
    gettext = page.gettext
    words = PageWording(page.state, page.language)
    if record["regions"]:
        return semicolon(page.language).join(map(words.place, record["regions"]))
    if EVERYWHERE in record["countries"]:
        return gettext("everywhere")
    return ", ".join(words.place(country) for country in record["countries"])


def _level(page: WebPage, record: Record) -> str:
    gettext = page.gettext
    level = Band(record["level"])
    if level is Band.UNCALIBRATED:
        words = gettext("every alert")
    else:
        words = gettext("from level %(level)s on", level=band_words(level, page.language))
    if record["at_least"] is None:
        return words
    share = percent(record["at_least"], page.language)
    return f"{words}, " + gettext("from a probability of %(share)s on", share=share)


def _pace(page: WebPage, record: Record) -> str:
    gettext = page.gettext
    at, zone = record["digest_at"][:5], record["zone"]
    digests = {
        None: gettext("at once"),
        Digest.DAILY: gettext("every day at %(time)s (%(zone)s)", time=at, zone=zone),
        Digest.WEEKLY: gettext("every Monday at %(time)s (%(zone)s)", time=at, zone=zone),
    }
    found = [digests[record["digest"] and Digest(record["digest"])]]
    quiet = record["quiet"]
    if quiet:
        begins, ends = quiet["begins"][:5], quiet["ends"][:5]
        found.append(
            gettext(
                "quiet from %(begins)s to %(ends)s (%(zone)s)", begins=begins, ends=ends, zone=zone
            )
        )
    if record["most_a_day"]:
        found.append(gettext("at most %(count)s messages a day", count=record["most_a_day"]))
    if record["repeat_days"]:
        found.append(
            gettext(
                "alerts that nobody acknowledged are repeated after %(count)s days",
                count=record["repeat_days"],
            )
        )
    return semicolon(page.language).join(found)


def _health(page: WebPage, record: Record) -> tuple[str, str]:
    """Return the look of the state of an address, and the state in words."""
    gettext = page.gettext
    if record["disabled_at"]:
        return "down", gettext("switched off: it accepted nothing any more")
    if not record["verified_at"]:
        return "waiting", gettext("waits for its code")
    if record["failing_since"]:
        return "failing", gettext("accepts nothing at the moment")
    return "ok", gettext("verified, accepts messages")


def channel_words(page: WebPage, channel: str) -> str:
    """Return a channel in words; its name if a package brought it."""
    gettext = page.gettext
    return {
        "email": gettext("mail"),
        "webhook": gettext("webhook, for a program"),
        "alertmanager": gettext("Alertmanager, for a program"),
    }.get(channel, channel)


def state_words(page: WebPage, state: str) -> str:
    """Return the state of a message in words."""
    gettext = page.gettext
    return {
        "waiting": gettext("waits to be sent"),
        "delivered": gettext("delivered"),
        "dead": gettext("given up"),
    }[state]


def outcome_words(page: WebPage, outcome: str) -> str:
    """Return the result of one attempt in words."""
    gettext = page.gettext
    return {
        Outcome.DELIVERED: gettext("delivered"),
        Outcome.RETRY: gettext("not accepted, it is tried again"),
        Outcome.REFUSED: gettext("this message was refused"),
        Outcome.GONE: gettext("the address asks for no more messages"),
    }[Outcome(outcome)]
