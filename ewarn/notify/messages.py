"""From a change of an alert to the message of one recipient."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from ewarn import egress
from ewarn.domain.alert import Change
from ewarn.domain.delivery import Notification
from ewarn.domain.region import Office, Region
from ewarn.domain.score import Score
from ewarn.domain.target import Basis
from ewarn.notify import words

DRIVERS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that a message speaks of: the change, its score and region, what is suggested."""

    change: Change
    score: Score
    region: Region
    suggestion: dict[str, str]  # by language
    base_url: str


def notifications(
    occasion: Occasion, offices: tuple[Office, ...], channels: frozenset[str], now: datetime
) -> list[Notification]:
    """One notification for each recipient of each office that covers the region.

    A recipient is `channel:address`. Those whose channel is not switched on are left out; an
    office without any left gets its message on the channel `log`, so that nothing goes unsaid.
    """
    made = []
    for office in offices:
        if not office.covers(occasion.region):
            continue
        wanted = [text.partition(":") for text in office.recipients]
        open_ones = [(channel, to) for channel, _, to in wanted if channel in channels]
        for channel, recipient in open_ones or [("log", office.id)]:
            made.append(_notification(occasion, office, channel, recipient, now))
    return made


def _notification(
    occasion: Occasion, office: Office, channel: str, recipient: str, now: datetime
) -> Notification:
    language = words.language_of(office.language)
    text = render(occasion, language)
    change = occasion.change
    occurrence = (change.alert.id, str(change.kind), change.alert.last_origin.isoformat())
    digest = hashlib.sha256("|".join((*occurrence, office.id, channel, recipient)).encode())
    return Notification(
        id=f"msg_{digest.hexdigest()[:24]}",
        channel=channel,
        recipient=recipient,
        subject=text.splitlines()[0],
        text=text,
        body=body(occasion, language, now),
        created_at=now,
    )


def render(occasion: Occasion, language: str) -> str:
    """The message as plain text, its first line the subject."""
    score, change = occasion.score, occasion.change
    kind = change.kind
    assert kind is not None  # counters are never told to anyone
    has_probability = score.probability is not None
    has_interval = score.low is not None and score.high is not None
    return (
        _template(language)
        .render(
            mark="[illustration] " if score.basis is Basis.ILLUSTRATION else "",
            region=occasion.region.name_in(language),
            change=words.change_words(kind, language),
            level=words.band_words(change.alert.band, language),
            target=words.target_words(score.target, language),
            weeks=score.horizon_weeks,
            probability=words.percent(score.probability or 0, language) if has_probability else "",
            interval=(
                f"{words.percent(score.low or 0, language)} – "
                f"{words.percent(score.high or 0, language)}"
                if has_interval
                else ""
            ),
            reason=change.reason,
            drivers=[words.driver_words(item, language) for item in score.drivers[:DRIVERS_NAMED]],
            completeness=words.percent(score.completeness, language),
            suggestion=occasion.suggestion.get(language, ""),
            notice=words.notice(score.basis, language),
            link=_link(occasion),
        )
        .strip()
    )


def body(occasion: Occasion, language: str, now: datetime) -> dict[str, object]:
    """The machine-readable part, built from the allow-list of outbound fields."""
    score, change = occasion.score, occasion.change
    record = {
        "type": f"alert.{change.kind}",
        "timestamp": now.isoformat(),
        "region": occasion.region.id,
        "region_name": occasion.region.name_in(language),
        "target": score.target.value,
        "horizon_weeks": score.horizon_weeks,
        "level": change.alert.band.value,
        "change": str(change.kind),
        "reason": change.reason,
        "probability": score.probability,
        "low": score.low,
        "high": score.high,
        "drivers": [words.driver_words(item, language) for item in score.drivers[:DRIVERS_NAMED]],
        "completeness": score.completeness,
        "suggestion": occasion.suggestion.get(language, ""),
        "notice": words.notice(score.basis, language),
        "alert_id": change.alert.id,
        "link": _link(occasion),
    }
    return egress.outbound("notification", record)


def _link(occasion: Occasion) -> str:
    return f"{occasion.base_url}/#{occasion.region.id}"


@cache
def _template(language: str) -> Template:
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    source = Path(__file__).parent / "templates" / f"{language}.txt"
    return environment.from_string(source.read_text(encoding="utf-8"))
