"""Number of messages to a regional office in a bad year, with fifty regions near the thresholds.

`python -m benchmarks.run bad_year`. On a Monday there are four runs, each with the scores of a
quarter of the regions. Every day at noon all messages that may be sent are delivered. The office
has an e-mail address and the default limits on its messages. The changes that need a notification
are compared with the changes in the messages. If there are fewer in the messages, some are lost.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from benchmarks.rows import Row
from benchmarks.stores import service_on, sqlite
from ewarn.domain.alert import AlertState
from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.recipient import LONGEST_WAIT
from ewarn.domain.region import Level
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import BandCuts, Basis, Target
from ewarn.domain.time import DAY, midnight
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.alerts.remind import ReminderReport, remind
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.service import Service
from ewarn.rulebook.offices import read_offices
from ewarn.rulebook.rules import read_rules
from ewarn.store.alerts import alerts
from ewarn.store.scores import scores

MONDAY = date(2020, 1, 6)
WEEK = timedelta(weeks=1)
RUNS = 4
CUTS = BandCuts(guarded=0.05, elevated=0.10, high=0.20, critical=0.40)
OFFICE = "- {id: geneva, name: G, language: en, countries: ['*'], recipients: [email:desk@x.org]}"
RULE = """
- {id: wobble, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.2, close_below: 0.1}
"""
CALM, GRAVE = (0.05, 0.15, 0.25, 0.3), (0.05, 0.15, 0.25, 0.3, 0.5)


class MailServer:
    """A channel that stores the messages it is given."""

    name = "email"

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message, _now: datetime) -> Receipt:
        """Store a message and report it as delivered."""
        self.sent.append(message)
        return Receipt(Outcome.DELIVERED, "kept")


@dataclass(frozen=True, slots=True)
class Year:
    """Counts of a simulated period: changes to notify of, those notified, messages, duplicates."""

    changes: int
    told: int
    messages: int
    days: int
    most_on_a_day: int
    open_twice: int


def wobble(service: Service, weeks: int, regions: int, levels: tuple[float, ...]) -> Year:
    """Simulate weeks in which each region has one of some probabilities, chosen at random."""
    mailbox, random, changes = MailServer(), Random(7), 0
    rulebook = replace(
        service.rulebook, offices=read_offices(OFFICE), rules=read_rules(RULE.strip())
    )
    office = replace(service, rulebook=rulebook, sources={}, notifiers={"email": mailbox})
    named = [region.id for region in service.places.regions(Level.ADMIN1)][:regions]
    for week in range(weeks):
        for run in range(RUNS):
            now = midnight(MONDAY + week * WEEK) + run * timedelta(hours=6)
            made = [
                _score(office, region, random.choice(levels), week, now)
                for region in named[run::RUNS]
            ]
            _record(office, made, f"{week} {run}", now)
            changes += sum(told.suppression is None for told in alert(office, now).changes)
            deliver(office, lambda now=now: now)  # type: ignore[misc]
        for day in range(7):
            noon = midnight(MONDAY + week * WEEK) + timedelta(days=day, hours=30)
            changes += _told_by_time(remind(office, noon))
            deliver(office, lambda noon=noon: noon)  # type: ignore[misc]
    for day in range((LONGEST_WAIT // DAY) + 7):  # until messages that wait are sent, too
        later = midnight(MONDAY + weeks * WEEK) + timedelta(days=day)
        changes += _told_by_time(remind(office, later))
        deliver(office, lambda later=later: later)  # type: ignore[misc]
    return _summed(office, mailbox.sent, changes, weeks)


def _told_by_time(report: ReminderReport) -> int:
    """Count notifications caused by time alone: reminders, and alerts whose scores are too old."""
    return report.repeated + sum(change.alert.told is not None for change in report.changes)


def _summed(service: Service, sent: list[Message], changes: int, weeks: int) -> Year:
    days = Counter(message.created_at.date() for message in sent)
    with service.store.read() as connection:
        standing = [
            (item.rule, item.region)
            for item in alerts.standing(connection)
            if item.state is not AlertState.CLOSED
        ]
    return Year(
        changes=changes,
        told=sum(len(item["changes"]) for message in sent for item in message.body["items"]),
        messages=len(sent),
        days=7 * weeks,
        most_on_a_day=max(days.values(), default=0),
        open_twice=len(standing) - len(set(standing)),
    )


def _record(service: Service, made: list[Score], inputs: str, now: datetime) -> None:
    with service.store.write() as connection:
        # Each quarter has its own source, because a decision reads the newest run of every source.
        source = f"invented {inputs.split()[1]}"
        scores.record(connection, source, made[0].origin, inputs, made, now)


def _score(service: Service, region: str, probability: float, week: int, now: datetime) -> Score:
    origin = MONDAY + week * WEEK
    return Score(
        region=region,
        country=service.places.parents[region],
        target=Target.FORCE,
        horizon_weeks=4,
        origin=origin,
        model="invented@1",
        basis=Basis.CALIBRATED,
        band=CUTS.band(probability),
        probability=probability,
        low=probability / 2,
        high=min(2 * probability, 0.99),
        expected=1.0,
        upper=3.0,
        observed=1,
        completeness=1.0,
        sources=(SourceFooting("invented", Health.OK, 1.0),),
        drivers=(),
        as_of=midnight(origin),
        recorded_at=now,
    )


def main() -> list[Row]:
    """Measure a year on SQLite, without and with regions that become critical."""
    rows = []
    for words, levels in (("none critical", CALM), ("one in five critical", GRAVE)):
        with sqlite() as url, service_on(url) as service:
            year = wobble(service, 52, 50, levels)
        rows.append(
            Row(
                f"a bad year, 50 regions, {words}: messages a day",
                f"{year.messages / year.days:.2f}, at most {year.most_on_a_day}",
                f"{year.changes} changes to tell, {year.told} told",
                "lost" if year.told < year.changes else "none lost",
            )
        )
    return rows
