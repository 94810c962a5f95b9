"""Weeks of invented scores in the pipeline: its steps, with the messages that leave after each."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from ewarn.domain.delivery import Message
from ewarn.domain.recipient import Pace, Recipient
from ewarn.domain.region import Office
from ewarn.pipeline.alerts import alert as deciding
from ewarn.pipeline.alerts import corrections
from ewarn.pipeline.alerts import remind as reminding
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.service import Service
from ewarn.store.scores import scores
from tests.scores import moment, origin, rule, score

REGION = "TG-M"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Decided(deciding.AlertReport):
    """Result of a decision, and the messages that leave after it."""

    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminded(reminding.ReminderReport):
    """Result of reminding, and the messages that leave after it."""

    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrected(corrections.CorrectionReport):
    """Result of correcting, and the messages that leave after it."""

    messages: tuple[Message, ...] = ()


def alert(service: Service, now: datetime, **given: Any) -> Decided:
    """Decide, then compose messages."""
    report = deciding.alert(service, now, **given)
    return Decided(**_values(report), messages=tuple(compose_due(service, now)))


def remind(service: Service, now: datetime) -> Reminded:
    """Remind, then compose messages."""
    report = reminding.remind(service, now)
    return Reminded(**_values(report), messages=tuple(compose_due(service, now)))


def correct(service: Service, now: datetime) -> Corrected:
    """Correct, then compose messages."""
    report = corrections.correct(service, now)
    return Corrected(**_values(report), messages=tuple(compose_due(service, now)))


def _values(report: Any) -> dict[str, Any]:
    return {each.name: getattr(report, each.name) for each in fields(report)}


def play(
    service: Service,
    week: int,
    probabilities: dict[str, float],
    hours: int = 0,
    also: dict[str, float] | None = None,
    **others: Any,
) -> Decided:
    """Score some regions at an origin and decide, some hours after it.

    `also` has further sources, each with its probability for all these regions.
    """
    now = moment(week) + hours * HOUR
    by_source = {f"invented {hours}": probabilities} | {
        name: dict.fromkeys(probabilities, probability)
        for name, probability in (also or {}).items()
    }
    with service.store.write() as connection:
        for source, given in by_source.items():
            made = [
                replace(score(probability, week, region=region, **others), id="", recorded_at=now)
                for region, probability in given.items()
            ]
            scores.record(connection, source, origin(week), f"{week} {hours}", made, now)
    return alert(service, now)


def recipient(address: str = "desk", channel: str = "log", **others: Any) -> Recipient:
    """Return a recipient of Geneva that is notified of everything."""
    pace = Pace(**others.pop("pace", {}))
    language = others.pop("language", "en")
    return Recipient(f"geneva:{address}", "geneva", channel, address, language, pace=pace, **others)


def told_to(service: Service, *recipients: Recipient, **of_rule: Any) -> Service:
    """Return the service with these recipients of its one office, a changed rule, and no source."""
    office = Office("geneva", "Geneva", "en", ("*",), recipients)
    rules = (rule(playbook="watch", **of_rule),)
    rulebook = replace(service.rulebook, offices=(office,), rules=rules)
    return replace(service, rulebook=rulebook, sources={})
