"""Alerts, their changes, and the silences that suppress their notifications."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from ewarn.domain.alert import AlertState, Assessment, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.source import Health
from ewarn.domain.suppression import SuppressionReason
from ewarn.domain.target import Band, Target
from ewarn.egress.definition.shapes import Shape, shown
from ewarn.egress.definition.shared_fields import HASH
from ewarn.egress.definition.tables import NOT_IN_TABLES, Column, InTables, subdivision


class UnhealthySourceRecord(Shape):
    """An unhealthy source. `since` is the time of the newest data read of it, null if none was."""

    source: str = shown("gdelt")
    health: Health = shown("silent")
    since: datetime | None = shown("2017-08-07T00:00:00+00:00")


class AlertRecord(Shape):
    """An alert at the moment asked for.

    One that is closed and has no closing day was withdrawn.
    """

    id: str = shown("alert-0123456789abcdef", hxl="#meta+id")
    rule: str = shown("force-country", hxl="#meta+rule")
    region: Annotated[str, InTables(Column("admin1", str, subdivision, "#adm1+code"))] = shown(
        "TGO", hxl="#loc+code"
    )
    region_name: str = shown("Togo", hxl="#loc+name")
    country: str = shown("TGO", hxl="#country+code")
    level: Level = shown("country", hxl="#loc+type")
    target: Target = shown("force", hxl="#crisis+type")
    horizon_weeks: int = shown(4, hxl="#meta+weeks")
    state: AlertState = shown("closed", hxl="#status")
    band: Band = shown("high", "Level of the newest score.", hxl="#severity")
    highest: Band = shown("high", "Highest level that it ever had.", hxl="#severity+highest")
    probability: float | None = shown(0.21, hxl="#indicator+risk+num")
    opened_on: date | None = shown("2017-08-07", hxl="#date+start")
    closed_on: date | None = shown("2017-11-06", hxl="#date+end")
    last_origin: date = shown("2017-08-07", "The Monday of its newest score.")
    score_id: Annotated[str, NOT_IN_TABLES] = shown("1983")
    stale: bool = shown(False)
    corrected: bool = shown(False, "Whether it would not have opened on today's data.")
    situation: bool = shown(
        False, "Whether nothing renewed it for half a year: it is a standing situation."
    )
    warned_on: date | None = shown(
        "2017-08-07",
        "Origin of its last warning, or the day of an interim score.",
        null="if it never warned",
    )
    warned_at: float | None = shown(
        0.21,
        "Probability of its last warning.",
        null="if it never warned, or warned without a probability",
        ge=0,
        le=1,
    )
    acknowledged_by: str | None = shown("Dakar")
    assessment: Assessment | None = shown(
        "true alarm", "What a person found it to be.", null="until somebody assesses it"
    )
    notice: str = shown(
        "gdelt is silent: the newest data read from it are of 2017-08-05", hxl="#meta+notice"
    )


class AlertEventRecord(Shape):
    """One change of an alert; its hash covers the change before it."""

    sequence: int = shown(1)
    alert_id: str = shown("alert-0123456789abcdef")
    kind: ChangeKind = shown("opened")
    at: datetime = shown("2017-08-07T00:05:00+00:00")
    actor: str = shown("ewarn")
    reason: str = shown("21% is at or above 16%")
    band: Band = shown("high", "Level of the alert after the change.")
    probability: float | None = shown(0.21)
    score_id: str = shown("1983")
    rule_hash: str = shown(
        "c4" * 32,
        "Hash of the text of the rule that was in force (`/v1/rules/{hash}`).",
        pattern=HASH,
    )
    hash: str = shown("9f" * 32)


class AlertChangeRecord(Shape):
    """A change of an alert, with the alert after it."""

    change: AlertEventRecord = Field(description="The change.")
    alert: AlertRecord = Field(description="The alert after the change.")


class UnsentChangeRecord(Shape):
    """A change that nobody was notified of when it was made.

    If `office`, `channel` and `tier` are null, it was suppressed. Otherwise its notification waits
    for that recipient `until` that moment. For a silence `until` is its end; `/v1/silences` says
    whose it is, if the key covers it.
    """

    at: datetime = shown("2017-08-07T00:05:00+00:00")
    change: str = shown("opened", "What happened to the alert, as in `kind` of `timeline`.")
    cause: SuppressionReason | Literal["digest", "patience", "quiet"] = shown(
        "digest",
        "Why it was not sent, as a code; `reason` says it in words. It waits for a `digest`, for "
        "the end of `quiet` hours, or, with `patience`, for other news.",
    )
    reason: str = shown("it waits for the digest of the recipient")
    until: datetime | None = shown(
        "2017-08-08T08:00:00+00:00",
        "When it is sent, or when the silence ends, as known then.",
        null="if that is not known",
    )
    office: str | None = shown(
        "dakar", null="if it was suppressed for everybody, or waits for a subscription"
    )
    channel: str | None = shown("email", null="if it was suppressed for everybody")
    tier: int | None = shown(1, null="if it was suppressed for everybody")


class SentChangeRecord(Shape):
    """A change that a recipient of an office, or a subscription of the key, was notified of."""

    at: datetime = shown("2017-08-07T00:05:00+00:00", "When the message was written.")
    change: str = shown("opened", "What happened to the alert, as in `kind` of `timeline`.")
    office: str | None = shown("dakar", null="for a subscription of the key")
    channel: str = shown("email")
    tier: int = shown(1)
    delivered_at: datetime | None = shown(
        "2017-08-07T00:05:02+00:00",
        "When the recipient's server accepted the message.",
        null="if it had not yet",
    )


class AlertWithTimeline(AlertRecord):
    """An alert with every change, who was notified of them, what was suppressed, and its sources.

    The sources are those of its country.
    """

    days_open: int | None = shown(
        14,
        "Whole days from the day it opened to the day it closed, or else to the day asked for.",
        null="before it opened, and if it was withdrawn",
        ge=0,
    )
    sent: list[SentChangeRecord] = Field(
        description="Who was notified of its changes, without addresses, oldest first."
    )
    unsent: list[UnsentChangeRecord] = Field(
        description="Changes that somebody was not notified of when they were made, oldest first."
    )
    unwell: list[UnhealthySourceRecord]
    timeline: list[AlertEventRecord] = Field(description="All changes of the alert, oldest first.")


class SilenceRecord(Shape):
    """A silence: alerts are still recorded, and people are notified later if they are still open.

    What the key does not cover is left out, and the `reason` is then withheld.
    """

    id: str = shown("silence-0123456789abcdef")
    author: str = shown("Dakar")
    reason: str = shown(
        "The source is being repaired.",
        "Why, in words. It is withheld if the key covers only a part of the silence.",
    )
    starts_at: datetime = shown("2017-10-02T12:00:00+00:00")
    ends_at: datetime = shown("2017-10-09T00:00:00+00:00")
    countries: list[str] = shown(
        ["TGO"],
        "Countries of the alerts that it covers, by ISO 3166-1 alpha-3 codes; empty if it is any.",
    )
    regions: list[str] = shown(["TG-M"])
    targets: list[Target] = shown(["force"])
    rules: list[str] = shown(["force-admin1"])
    ended_at: datetime | None = shown("2017-10-05T09:00:00+00:00")
    ended_by: str | None = shown(
        "Dakar", "The name of the key that ended it early.", null="if nobody did"
    )
    in_force: bool = shown(False, "Whether it suppresses notifications now.")
