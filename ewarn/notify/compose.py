"""One message of all that waits for a recipient."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from ewarn.domain.delivery import Notification
from ewarn.domain.notice import About, Notice
from ewarn.domain.recipient import Recipient
from ewarn.egress.messages import MessageBody
from ewarn.egress.shapes import outbound
from ewarn.languages.catalogues import complete_or_english, is_right_to_left, translation
from ewarn.languages.formats import colon, semicolon
from ewarn.notify.items import Item, beneath, grouped, items_of
from ewarn.notify.labels import counted
from ewarn.notify.templates import fill

IN_FULL = 25  # items; those beyond are a line each
SUBJECT_LENGTH = 120  # characters, about: what is left out is counted
MARK = "[illustration] "


def compose(
    recipient: Recipient,
    notices: Sequence[Notice],
    now: datetime,
    base_url: str,
    notice: Callable[[str], str] = lambda _: "",
    links: Mapping[str, str] = MappingProxyType({}),
) -> Notification:
    """The message of one or more notices. The same notices make the same id, whenever they leave.

    It is in the recipient's language if that is complete, else in English, and says so. `notice`
    gives what must be said with it, in a language: of the sources that are not well, say. `links`
    lead to where an alert is acknowledged, by its id: for people alone, no body has them.
    """
    language = complete_or_english(recipient.language)
    items = items_of(notices, language)
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
    return Notification(
        id=_id(recipient, notices),
        channel=recipient.channel,
        recipient=recipient.address,
        subject=subject,
        text=fill("message.txt", layout),
        html=fill("message.html", layout),
        body=_body(items, layout, now),
        created_at=now,
        signers=recipient.signers,
    )


def _not_yet(wanted: str) -> str:
    """What a message begins with, in the language that was wanted, if it is written in another."""
    return translation(wanted).gettext(
        "This message is not available in your language yet; it is written in English."
    )


def _id(recipient: Recipient, notices: Sequence[Notice]) -> str:
    parts = (recipient.id, *sorted(notice.id for notice in notices))
    return f"msg_{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:32]}"


def _subject(items: Sequence[Item], language: str) -> str:
    """How many of what, then the gravest by name, and how many more there are."""
    kinds = {about: sum(item.about is about for item in items) for about in About}
    counts = ", ".join(counted(many, about, language) for about, many in kinds.items() if many)
    mark = MARK if any(item.said.is_illustration for item in items) else ""
    over = sum(item.said.is_over for item in items)
    ngettext = translation(language).ngettext
    closed = ngettext("%(count)s closed", "%(count)s closed", over) % {"count": over}
    ending = [closed] if over else []
    under = beneath(items)
    regions = {id(item) for found in under.values() for item in found}
    standing = [item for item in items if not item.said.is_over and id(item) not in regions]
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
        also = under.pop(item.said.group, []) if item.said.comes_first[0] else []
        if also:
            names = ", ".join(dict.fromkeys(each.said.region for each in also))
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
    change = item.said.values.get("change", "")
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
