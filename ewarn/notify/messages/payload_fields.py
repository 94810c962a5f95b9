"""Build the fields of each kind of news: plain values that can be stored, in one language.

The fields are validated against the shape of their kind when a message is composed (`items.py`).
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
from ewarn.notify.messages.change_reasons import reason_words
from ewarn.notify.messages.labels import basis_notice, driver_words
from ewarn.notify.messages.source_notices import joined, machine_words

DRIVERS_NAMED = 3
CALLS_TO_ACT = (WARNINGS - {ChangeKind.REMAINED}) | {
    ChangeKind.REMINDED,
    ChangeKind.ESCALATED,
    ChangeKind.REINSTATED,
}


@dataclass(frozen=True, slots=True)
class AlertContext:
    """Everything that is needed to describe a change of an alert to a recipient.

    `suggestion` is the suggested action by language. `country` is the country of a subdivision; if
    it is None, the country's code is used as its name.
    """

    change: Change
    score: Score
    region: Region
    suggestion: Mapping[str, str]
    base_url: str
    country: Region | None = None


def alert_facts(context: AlertContext, language: str, now: datetime) -> dict[str, Any]:
    """Return the facts of one change of an alert, in a language, with `now` as their timestamp."""
    score, change = context.score, context.change
    assert change.kind is not None  # changes of counters have no kind, and nobody is notified
    alert, region = change.alert, context.region
    spoken = complete_or_english(language)
    return {
        "type": f"alert.{change.kind}",
        "timestamp": now.isoformat(),
        "region": region.id,
        "region_name": region.name_in(language),
        "country": region.country,
        "country_name": _country_name(context, language),
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
        "suggestion": _suggestion(context, spoken),
        "notice": joined(
            (basis_notice(score.basis, spoken), machine_words(score.source, spoken)), spoken
        ),
        "opened_on": alert.opened_on.isoformat() if alert.opened_on else None,
        "alert_id": alert.id,
        "link": f"{context.base_url}/alerts/{alert.id}",
    }


def _suggestion(context: AlertContext, language: str) -> str:
    """Return the suggested action, or empty if nobody has to act, as at the end of an alert."""
    kind = context.change.kind
    if kind not in CALLS_TO_ACT:
        return ""
    return context.suggestion.get(language) or context.suggestion.get(ENGLISH, "")


def _country_name(context: AlertContext, language: str) -> str:
    if context.region.parent is None:
        return context.region.name_in(language)
    return context.country.name_in(language) if context.country else context.region.country


def source_facts(
    source: str,
    health: Health,
    since: datetime,
    reason: str,
    countries: Sequence[str],
    language: str,
) -> dict[str, Any]:
    """Return the facts of a source whose health has changed.

    Args:
        reason: English text. It is left out in other languages, where the health says what is
            wrong.
        countries: Names of countries in the language of the reader.
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
    """Return the facts of an address that accepts no messages any more. The address is masked."""
    return {
        "type": "endpoint.disabled",
        "channel": channel,
        "address": masked(channel, address),
        "since": since.isoformat(),
        "at": since.isoformat(),
        "reason": reason,
    }


def verify_facts(code: str, subscription_id: str, expires_at: datetime) -> dict[str, Any]:
    """Return the facts of a code that proves that an address belongs to its subscriber."""
    return {
        "type": "subscription.verify",
        "code": code,
        "subscription_id": subscription_id,
        "expires_at": expires_at.isoformat(),
    }


def test_facts() -> dict[str, Any]:
    """Return the facts of a test message: only its type."""
    return {"type": "test"}


def masked(channel: str, address: str) -> str:
    """Return enough of an address for its owner to recognise it, but not enough to use it.

    That is the host of a URL, or the first letter and the domain of a mail address. Of an Apprise
    URL only the scheme remains, because a token may stand in place of the host.
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
