"""Compose one message from all notifications that wait for a recipient."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ewarn.domain.delivery import Message
from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import Recipient
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.messages import MessageBody
from ewarn.languages.catalogues import complete_or_english, is_right_to_left, translation
from ewarn.languages.formats import colon, semicolon
from ewarn.notify.messages.items import Item, grouped, items_of, subdivisions_by_country
from ewarn.notify.messages.labels import counted
from ewarn.notify.messages.templates import render

IN_FULL = 25  # items that are written out; each further item gets one line
SUBJECT_LENGTH = 120  # approximate limit in characters; "3 more" stands for what is left out
MARK = "[illustration] "


def compose(
    recipient: Recipient,
    notifications: Sequence[Notification],
    now: datetime,
    base_url: str,
    notice: Callable[[str], str] = lambda _: "",
    links: Mapping[str, str] = MappingProxyType({}),
) -> Message:
    """Compose the message for one or more notifications.

    The same notifications give the same message id, whenever the message is sent. The message is
    in the recipient's language if the translation is complete. Otherwise it is in English and
    begins with a line in the recipient's language that says so.

    Args:
        notice: Returns a remark for a language that is added to the message, for example that a
            source is unhealthy. Empty if there is none.
        links: For the id of an alert, the URL where it can be acknowledged. They appear in text
            and HTML only, never in the body for machines.
    """
    language = complete_or_english(recipient.language)
    items = items_of(notifications, language)
    is_single = len(items) == 1
    subject = items[0].headline if is_single else _subject(items, language)
    told = grouped(items[:IN_FULL])
    layout = {
        "subject": subject,
        "language": language,
        "wanted": recipient.language,
        "is_rtl": is_right_to_left(recipient.language),
        "not_yet": "" if language == recipient.language else _not_yet(recipient.language),
        "is_single": is_single,
        "groups": told,
        "rest": items[IN_FULL:],
        "link": base_url,
        "notice": notice(language),
        "links": links,
        "colon": colon(language),
    }
    return Message(
        id=_id(recipient, notifications),
        channel=recipient.channel,
        recipient=recipient.address,
        subject=subject,
        text=render("message.txt", layout),
        html=render("message.html", layout),
        body=_body(items, layout, now),
        created_at=now,
        signers=recipient.signers,
    )


def _not_yet(wanted: str) -> str:
    """Return the remark, in the wanted language, that the message is in English."""
    return translation(wanted).gettext(
        "This message is not available in your language yet; it is written in English."
    )


def _id(recipient: Recipient, notifications: Sequence[Notification]) -> str:
    parts = (recipient.id, *sorted(each.id for each in notifications))
    return f"msg_{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}"


def _subject(items: Sequence[Item], language: str) -> str:
    """Return the subject of several items: counts, the most urgent ones, and how many more."""
    kinds = {about: sum(item.about is about for item in items) for about in About}
    counts = ", ".join(counted(many, about, language) for about, many in kinds.items() if many)
    mark = MARK if any(item.content.is_illustration for item in items) else ""
    over = sum(item.content.is_over for item in items)
    ngettext = translation(language).ngettext
    closed = ngettext("%(count)s closed", "%(count)s closed", over) % {"count": over}
    ending = [closed] if over else []
    under = subdivisions_by_country(items)
    regions = {id(item) for found in under.values() for item in found}
    standing = [item for item in items if not item.content.is_over and id(item) not in regions]
    head = f"{mark}{counts}{colon(language)}"
    between = semicolon(language)
    named: list[str] = []
    mentioned: set[str] = set()  # a place may have alerts of several targets
    told = 0
    for item in standing:
        if item.mention in mentioned:
            told += 1
            continue
        mention = _with_change(item) if not named else item.mention
        also = under.pop(item.content.group, []) if item.content.is_national else []
        if also:
            names = ", ".join(dict.fromkeys(each.content.region for each in also))
            heading = translation(language).gettext("now also")
            mention = f"{mention}, {heading}{colon(language)}{names}"
        if named and len(head + between.join((*named, mention, *ending))) > SUBJECT_LENGTH:
            break
        named.append(mention)
        mentioned.add(item.mention)
        told += 1
    if told < len(standing):
        left = len(standing) - told
        ending = [ngettext("%(count)s more", "%(count)s more", left) % {"count": left}, *ending]
    return head + between.join((*named, *ending))


def _with_change(item: Item) -> str:
    change = item.content.values.get("change", "")
    is_said = not change or change in item.mention
    return item.mention if is_said else f"{item.mention} ({change})"


def _body(items: Sequence[Item], layout: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    said = {name: layout[name] for name in ("language", "subject", "notice", "link")}
    record = said | {
        "type": "ewarn.news",
        "timestamp": now.isoformat(),
        "items": [item.facts for item in items],
    }
    return outbound(MessageBody, record)
