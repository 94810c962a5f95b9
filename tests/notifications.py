"""Invented notifications of every kind, as the pipeline would create them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Level, Region
from ewarn.domain.score import Driver
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Target
from ewarn.notify.messages import payload_fields
from ewarn.notify.messages.payload_fields import AlertContext, alert_facts
from tests.scores import CUTS, score

NOW = datetime(2020, 1, 13, 6, 30, tzinfo=UTC)
BASE = "https://ewarn.example.org"
TOGO = Region("TGO", Level.COUNTRY, "Togo", None, 8.6, 0.8, names=(("ar", "توغو"), ("ru", "Того")))
GHANA = Region("GHA", Level.COUNTRY, "Ghana", None, 7.9, -1.0, names=(("ar", "غانا"),))
MARITIME = Region(
    "TG-M", Level.ADMIN1, "Maritime", "TGO", 6.4, 1.2, names=(("fr", "Région maritime"),)
)
DRIVERS = (
    Driver("invented:force:lethal", date(2019, 12, 9), date(2019, 12, 30), 0.81, 2),
    Driver("invented:protest", date(2019, 12, 30), date(2019, 12, 30), -0.2, 7),
)


def recipient(language: str = "en", **others: Any) -> Recipient:
    values: dict[str, Any] = {
        "id": "r1",
        "owner": "dakar",
        "channel": "log",
        "address": "desk",
        "language": language,
    }
    return Recipient(**(values | others))


def notification(
    about: About, thread: str, facts: Mapping[str, Any], *, hours: int = 0
) -> Notification:
    at = NOW - timedelta(hours=6 - hours)
    id_ = f"{about}-{thread}-{hours}"
    return Notification(id_, "r1", about, thread, False, facts, at, at)


def alert_notification(
    probability: float | None = 0.3,
    kind: ChangeKind = ChangeKind.OPENED,
    region: Region = MARITIME,
    language: str = "en",
    hours: int = 0,
    thread: str = "",
    rule: str = "force-admin1",
    reason: str = "probability 0.300 at or above 0.2 for 1 week",
) -> Notification:
    """Return a notification of one change of an alert, decided some hours after midnight."""
    scored = score(
        probability, region=region.id, country=region.country, drivers=DRIVERS, observed=9
    )
    thread = thread or f"alert-{region.id}"
    alert = Alert(
        id=thread,
        rule=rule,
        region=region.id,
        country=region.country,
        target=Target.FORCE,
        horizon_weeks=4,
        state=AlertState.OPEN,
        band=CUTS.band(probability),
        highest=Band.CRITICAL,
        probability=probability,
        opened_on=date(2020, 1, 6),
        closed_on=None,
        last_origin=date(2020, 1, 13),
    )
    change = Change(kind, alert, NOW - timedelta(hours=6 - hours), reason)
    occasion = AlertContext(
        change=change,
        score=scored,
        region=region,
        suggestion={"en": "call the country team", "fr": "appeler l'équipe de pays"},
        base_url=BASE,
        country=TOGO if region.country == "TGO" else GHANA,
    )
    told = notification(About.ALERT, thread, alert_facts(occasion, language, NOW), hours=hours)
    return replace(told, id=f"{told.id}-{kind}")


def source_notification(
    health: Health = Health.SILENT, language: str = "en", source: str = "gdelt", hours: int = 0
) -> Notification:
    """Return a notification of a source's health."""
    since = NOW - timedelta(hours=6 - hours)
    told = payload_fields.source_facts(
        source, health, since, "nothing new for a day", ["Togo", "Ghana"], language
    )
    return notification(About.SOURCE, source, told, hours=hours)


def follow_up_notification(
    kind: str = "review", title: str = "Law on assemblies", **more: Any
) -> Notification:
    """Return a notification of something overdue."""
    told = {
        "type": "follow_up.overdue",
        "id": f"rec-{kind}",
        "kind": kind,
        "title": title,
        "country": "TGO",
        "country_name": "Togo",
        "owner": "desk for West Africa",
        "due_on": "2020-01-01",
        "days_overdue": 12,
        "link": f"{BASE}/recommendations/rec-{kind}",
    }
    return notification(About.FOLLOW_UP, f"rec-{kind}", told | more)


def endpoint_notification(
    address: str = "https://receiver.example.org/secret-path",
) -> Notification:
    """Return a notification of an address that is switched off."""
    since = NOW - timedelta(days=5)
    told = payload_fields.endpoint_facts("webhook", address, "HTTP 500", since)
    return notification(About.ENDPOINT, address, told)


def verify_notification(subscription: str = "sub_1") -> Notification:
    """Return a notification with a verification code."""
    told = payload_fields.verify_facts("483-920", subscription, NOW + timedelta(days=1))
    return notification(About.VERIFY, subscription, told)


def trial_notification(thread: str = "test") -> Notification:
    """Return a notification that is only a test."""
    return notification(About.TEST, thread, payload_fields.test_facts())


def every() -> dict[About, Notification]:
    """Return one notification of every kind."""
    return {
        About.ALERT: alert_notification(),
        About.SOURCE: source_notification(),
        About.FOLLOW_UP: follow_up_notification(),
        About.ENDPOINT: endpoint_notification(),
        About.VERIFY: verify_notification(),
        About.TEST: trial_notification(),
    }
