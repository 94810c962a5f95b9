"""The Atom feed (RFC 4287) of alerts: one entry for each change."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.formats.xml_tree import add, document

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
_CAP = "application/cap+xml"


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """An entry: a change of an alert, under an id that never changes.

    `web` and `cap` are addresses: of the page that shows the alert, and of its CAP message.
    """

    id: str
    title: str
    summary: str
    at: datetime
    author: str
    category: str
    web: str
    cap: str


def write(
    id_: str,
    title: str,
    subtitle: str,
    address: str,
    updated: datetime,
    entries: Iterable[AtomEntry],
) -> bytes:
    """Return a feed.

    Args:
        id_: The id of the feed, which never changes.
        subtitle: The notice on the sources; empty if none.
        entries: The newest first.
    """
    feed = ET.Element("feed", xmlns=NAMESPACE)
    add(feed, id=id_, title=title, subtitle=subtitle, updated=updated.isoformat())
    ET.SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=address)
    add(ET.SubElement(feed, "author"), name="ewarn")
    for entry in entries:
        made, at = ET.SubElement(feed, "entry"), entry.at.isoformat()
        add(made, id=entry.id, title=entry.title, summary=entry.summary, published=at, updated=at)
        add(ET.SubElement(made, "author"), name=entry.author)
        ET.SubElement(made, "category", term=entry.category)
        ET.SubElement(made, "link", rel="alternate", href=entry.web)
        ET.SubElement(made, "link", rel="related", type=_CAP, href=entry.cap)
    return document(feed)
