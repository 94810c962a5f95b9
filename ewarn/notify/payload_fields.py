"""What each kind of news says, as fields: plain values that can be stored, in one language.

They pass the shape of their kind once, when a message is made of them (`items.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ewarn.domain.alert import WARNINGS, Change, ChangeKind
from ewarn.domain.region import Region
from ewarn.domain.score import Score
from ewarn.domain.source import Health
from ewarn.languages.catalogues import ENGLISH, complete_or_english
from ewarn.notify.change_reasons import reason_words
from ewarn.notify.labels import basis_notice, driver_words
from ewarn.notify.source_notices import machine_words, together

DRIVERS_NAMED = 3
CALLS_TO_ACT = (WARNINGS - {ChangeKind.REMAINED}) | {
    ChangeKind.REMINDED,
    ChangeKind.ESCALATED,
    ChangeKind.REINSTATED,
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """All that news of an alert speaks of: the change, its score and region, what is suggested.

    `country` is the country a subdivision lies in; without it, its code stands for its name.
    """

    change: Change
    score: Score
    region: Region
    suggestion: Mapping[str, str]  # by language
    base_url: str
    country: Region | None = None


def alert_facts(occasion: Occasion, language: str, now: datetime) -> dict[str, Any]:
    """The facts of one change of an alert, as they are told at `now`."""
    score, change = occasion.score, occasion.change
    assert change.kind is not None  # counters are never told to anyone
    alert, region = change.alert, occasion.region
    spoken = complete_or_english(language)
    return {
        "type": f"alert.{change.kind}",
        "timestamp": now.isoformat(),
        "region": region.id,
        "region_name": region.name_in(language),
        "country": region.country,
        "country_name": _country_name(occasion, language),
        "target": score.target.value,
        "horizon_weeks": score.horizon_weeks,
        "rule": alert.rule,
        "level": alert.band.value,
        "highest": alert.highest.value,
        "change": str(change.kind),
        "at": change.at.isoformat(),
        "actor": change.actor,
        "reason": reason_words(change, spoken),
        "tier": alert.tier,
        "probability": score.probability,
        "low": score.low,
        "high": score.high,
        "basis": score.basis.value,
        "drivers": [driver_words(item, spoken) for item in score.drivers[:DRIVERS_NAMED]],
        "completeness": score.completeness,
        "course": [*reversed(score.before), score.probability] if score.before else [],
        "origin": score.origin.isoformat(),
        "interim_at": score.as_of.isoformat() if score.interim else None,
        "suggestion": _suggestion(occasion, spoken),
        "notice": together(
            (basis_notice(score.basis, spoken), machine_words(score.source, spoken)), spoken
        ),
        "opened_on": alert.opened_on.isoformat() if alert.opened_on else None,
        "alert_id": alert.id,
        "link": f"{occasion.base_url}/#{region.id}",
    }


def _suggestion(occasion: Occasion, language: str) -> str:
    """What is suggested, where somebody is to act: not on the end of an alert."""
    kind = occasion.change.kind
    if kind not in CALLS_TO_ACT:
        return ""
    return occasion.suggestion.get(language) or occasion.suggestion.get(ENGLISH, "")


def _country_name(occasion: Occasion, language: str) -> str:
    if occasion.region.parent is None:
        return occasion.region.name_in(language)
    return occasion.country.name_in(language) if occasion.country else occasion.region.country


def source_facts(
    source: str,
    health: Health,
    since: datetime,
    reason: str,
    countries: Sequence[str],
    language: str,
) -> dict[str, Any]:
    """The facts of a source whose health became another; `countries` are names to be read.

    `reason` is told in English only: in another language the health says what is wrong.
    """
    return {
        "type": f"source.{health}",
        "source": source,
        "health": health.value,
        "since": since.isoformat(),
        "at": since.isoformat(),
        "reason": reason if complete_or_english(language) == ENGLISH else "",
        "countries": list(countries),
    }


def endpoint_facts(channel: str, address: str, reason: str, since: datetime) -> dict[str, Any]:
    """The facts of an address that takes nothing any more; the address itself is masked."""
    return {
        "type": "endpoint.disabled",
        "channel": channel,
        "address": masked(channel, address),
        "since": since.isoformat(),
        "at": since.isoformat(),
        "reason": reason,
    }


def verify_facts(code: str, subscription_id: str, expires_at: datetime) -> dict[str, Any]:
    """The facts of a code that proves that an address is its subscriber's."""
    return {
        "type": "subscription.verify",
        "code": code,
        "subscription_id": subscription_id,
        "expires_at": expires_at.isoformat(),
    }


def test_facts() -> dict[str, Any]:
    """The facts of a test: there are none but that it is one."""
    return {"type": "test"}


def masked(channel: str, address: str) -> str:
    """So much of an address that its owner knows it, and nobody could use it.

    Of a URL its host, of a mail address its first letter and its domain; of what may hold a token
    in place of a host, nothing but its scheme.
    """
    if channel == "email":
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    scheme, separator, _ = address.partition("://")
    if channel == "apprise":
        return f"{scheme}://…" if separator else "…"
    try:
        return urlsplit(address).hostname or "…" if separator else address
    except ValueError:
        return "…"
