"""The Common Alerting Protocol 1.2 (OASIS, 2010): an alert for the systems of civil protection.

The first change of an alert is a CAP message `Alert`, every later one an `Update` of it, and its
withdrawal a `Cancel`. The file of an alert is the message of its newest change. It is Restricted:
it is for those who have a key.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from api.formats.xml_tree import add, document
from ewarn.domain.alert import ChangeKind
from ewarn.domain.target import Band
from ewarn.domain.time import midnight

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
RESTRICTION = "For holders of a key of this service. Do not publish."
_DIGITS = 3  # of degrees, about a hundred metres
_SEVERITY = {
    Band.CRITICAL: "Extreme",
    Band.HIGH: "Severe",
    Band.ELEVATED: "Moderate",
    Band.GUARDED: "Minor",
    Band.LOW: "Minor",
    Band.UNCALIBRATED: "Unknown",
}
_LIKELY = 0.5  # the bound between the standard's Likely and Possible
_OVER = (ChangeKind.CLOSED, ChangeKind.WITHDRAWN)
_NOT_IN_IDS = re.compile(r"[\s,<&]+")  # what section 3.2.1 of the standard keeps out of ids


@dataclass(frozen=True, slots=True)
class CapMessage:
    """What a CAP message says beside the record of its alert.

    Attributes:
        sender: The name of this service, a host of the internet.
        web: The address of the alert.
        headline: The alert in a few words.
        event: What it warns of.
        instruction: The suggested action; empty if nobody has to act.
        area: The name of the region.
        codes: Codes of the region by scheme.
        outline: The outline of the region in degrees; empty if it has none.
        is_exercise: Whether the service replays the past.
    """

    sender: str
    web: str
    headline: str
    event: str
    instruction: str
    area: str
    codes: Mapping[str, str]
    outline: BaseGeometry
    is_exercise: bool


def write(record: Mapping[str, Any], said: CapMessage) -> bytes:
    """Return the message of the newest change of an alert.

    Args:
        record: The record of an alert with its timeline.
    """
    *earlier, last = record["timeline"]
    alert = ET.Element("alert", xmlns=NAMESPACE)
    later = "Cancel" if last["kind"] == ChangeKind.WITHDRAWN else "Update"
    add(
        alert,
        identifier=_identifier(last),
        sender=_NOT_IN_IDS.sub("-", said.sender),
        sent=_moment(last["at"]),
        status="Exercise" if said.is_exercise else "Actual",
        msgType=later if earlier else "Alert",
        scope="Restricted",
        restriction=RESTRICTION,
        note="A replay of past data." if said.is_exercise else "",
        references=" ".join(_reference(change, said.sender) for change in earlier),
        incidents=_NOT_IN_IDS.sub("-", record["id"]),
    )
    _describe(ET.SubElement(alert, "info"), record, last, said)
    return document(alert)


def _describe(
    info: ET.Element, record: Mapping[str, Any], last: Mapping[str, Any], said: CapMessage
) -> None:
    """Write what happened, and where. The order of the elements is that of the schema."""
    is_over, probability = last["kind"] in _OVER, last["probability"]
    expires = midnight(record["last_origin"]) + timedelta(weeks=record["horizon_weeks"])
    is_likely = probability is not None and probability > _LIKELY
    add(
        info,
        language="en",
        category="Security",
        event=said.event,
        responseType="AllClear" if is_over else "Assess",
        urgency="Past" if is_over else "Future",
        severity=_SEVERITY[Band(last["band"])],
        certainty="Unknown" if probability is None else "Likely" if is_likely else "Possible",
    )
    _named(info, "eventCode", {"ewarn:target": record["target"]})
    add(
        info,
        effective=_moment(last["at"]),
        expires=_moment(expires) if expires > last["at"] and not is_over else "",
        senderName="ewarn",
        headline=said.headline,
        description=" ".join(filter(None, (f"{last['reason']}.", record["notice"]))),
        instruction=said.instruction,
        web=said.web,
    )
    figures = {"level": last["band"], "probability": probability, "rule": record["rule"]}
    shown = {f"ewarn:{name}": value for name, value in figures.items() if value is not None}
    _named(info, "parameter", shown | {"ewarn:stale": str(record["stale"]).lower()})
    area = ET.SubElement(info, "area")
    add(area, areaDesc=said.area)
    for ring in polygons(said.outline):
        add(area, polygon=ring)
    _named(area, "geocode", said.codes)


def _named(parent: ET.Element, name: str, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        add(ET.SubElement(parent, name), valueName=key, value=str(value))


def _identifier(change: Mapping[str, Any]) -> str:
    return f"{_NOT_IN_IDS.sub('-', change['alert_id'])}.{change['sequence']}"


def _reference(change: Mapping[str, Any], sender: str) -> str:
    """Return how a later message names this one."""
    return f"{_NOT_IN_IDS.sub('-', sender)},{_identifier(change)},{_moment(change['at'])}"


def _moment(moment: datetime) -> str:
    """Return a moment without fractions. The standard writes the zone of UTC as -00:00."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"


def polygons(outline: BaseGeometry) -> Iterator[str]:
    """Yield the outer ring of each part of an outline as `latitude,longitude` pairs, closed.

    CAP has no holes: an area that encloses another one covers it here.
    """
    parts: Sequence[Polygon] = ()
    if isinstance(outline, MultiPolygon):
        parts = list(outline.geoms)
    elif isinstance(outline, Polygon) and not outline.is_empty:
        parts = [outline]
    for part in parts:
        yield " ".join(
            f"{round(latitude, _DIGITS):g},{round(longitude, _DIGITS):g}"
            for longitude, latitude in part.exterior.coords
        )
