"""Worker processes that die where a test says.

The processes are forked from a server that has imported this module. Their clock is moved by the
test. The product does not know of this: its functions are wrapped from outside.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ewarn.domain.recipient import Pace as Disturbance
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Level, Office
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.target import Target
from ewarn.frames.events import ParsedBatch
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.webhook import WebhookNotifier
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.pipeline.alerts import alert, remind
from ewarn.pipeline.delivery import deliver, messages, result_writer
from ewarn.pipeline.intake import ingest
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.ports import Places
from ewarn.rulebook.rules import Rulebook
from ewarn.run import schedule
from ewarn.run.logging import quiet
from ewarn.run.work.context import WorkerTiming
from ewarn.run.work.worker import Worker
from ewarn.store.database.engine import Store
from tests.events import frame, row
from tests.pipeline.invented import TERMS, Echo
from tests.scores import CUTS, moment, origin, rule

PLACES = load_gazetteer()  # once, for all forked processes
REGIONS = ("TG-C", "TG-K", "TG-M", "TG-P", "TG-S")
PUBLISHED = (moment(0), moment(5))
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
ACKNOWLEDGE_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Clock:
    """A clock that goes with real time from where it was last set, the same for all processes."""

    ahead: "Synchronized[float]"  # seconds before the monotonic clock of this machine

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(time.monotonic() + self.ahead.value, UTC)

    def set(self, now: datetime) -> None:
        """Go on from a moment."""
        self.ahead.value = now.timestamp() - time.monotonic()


@dataclass
class Weekly:
    """A source whose first payload brings three deaths in each region, and whose second none."""

    name = "invented"
    terms = TERMS
    cadence = timedelta(days=7)
    retention = timedelta(days=30)
    obstacle = None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        for number, at in enumerate(PUBLISHED):
            if at <= now and (since is None or at > since):
                name = str(number)
                yield Payload(self.name, name, name.encode(), now, published_at=at)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        rows = [
            row(
                f"{region}.{number}",
                kind="force",
                region=region,
                occurred_on=origin(-1) + timedelta(days=number),
                fatalities_low=1,
            )
            for region in REGIONS
            for number in range(3)
        ]
        covered = (Coverage(self.name, "TGO", origin(-60), origin(40)),)
        yield ParsedBatch(frame(*rows if payload.name == "0" else ()), coverage=covered)


def service_of(store: Store, hooks: tuple[str, ...], line: WebhookTransport) -> Service:
    """A service of one source, one rule, and an office with a webhook on each tier."""
    never_again = Disturbance(repeat_days=None)
    recipients = tuple(
        Recipient(f"geneva:{tier}", "geneva", "webhook", url, "en", tier=tier, pace=never_again)
        for tier, url in enumerate(hooks, start=1)
    )
    one = rule(acknowledge_within=ACKNOWLEDGE_WITHIN, keep_for=1)
    return Service(
        store=store,
        places=PLACES,
        sources={"invented": Weekly()},
        models=lambda *_: (Echo(),),
        rulebook=Rulebook(
            rules=(one,),
            cuts={(target, level): CUTS for target in Target for level in Level},
            offices=(Office("geneva", "Geneva", "en", ("*",), recipients),),
            playbooks={},
        ),
        notifiers={"webhook": WebhookNotifier(line, [SECRET])},
        base_url="http://127.0.0.1:8000",
    )


class Trip:
    """Kills its process, the first of all that pass a point where something was done."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __call__(self) -> None:
        try:
            self._mark.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def after(self, doing: Callable[..., Any], did: Callable[[Any], object]) -> Callable[..., Any]:
        """`doing`, and then the end, if it `did` something."""

        def done(*given: Any, **named: Any) -> Any:
            result = doing(*given, **named)
            if did(result):
                self()
            return result

        return done

    def before(self, doing: Callable[..., Any]) -> Callable[..., Any]:
        """The end before `doing`."""

        def never(*given: Any, **named: Any) -> Any:
            self()
            return doing(*given, **named)

        return never


# Where a process dies: the owner of a function, its name, and what its result must contain.
POINTS: dict[str, tuple[Any, str, Callable[[Any], object] | None]] = {
    "after the ingest commit": (ingest, "ingest", lambda report: report.payloads),
    "in a decision, before its commit": (alert, "notify_of_changes", len),
    "after a decision": (alert, "alert", lambda report: report.notifications),
    "before the outbox commit": (messages, "_composed", len),
    "after the outbox commit": (deliver, "compose_due", len),
    "after the claim": (deliver, "_lease", lambda leased: leased[0]),
    "after the post, before the mark": (result_writer.ResultWriter, "_commit", None),
    "in an escalation, before its commit": (remind, "notify_of_changes", len),
    "after an escalation": (remind, "remind", lambda report: report.changes),
}


def jobs(_service: Service) -> dict[str, schedule.Job]:
    """What is done: reading before scoring in one job, so that what a step decides is certain."""

    def score(service: Service, slot: datetime, now: datetime) -> None:
        ingest.ingest(service, service.sources["invented"], now)
        schedule._score(service, slot, now)

    return {
        "remind": schedule.Job(schedule.REMIND_EVERY, schedule._remind),
        "score": schedule.Job(schedule.SCORE_EVERY, score),
    }


def work(
    url: str, hooks: tuple[str, ...], points: tuple[str, ...], folder: str, clock: Clock
) -> None:
    """Work until killed."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a late heartbeat is not an error
    with ExitStack() as stack:
        stack.enter_context(quiet())
        for point in points:
            owner, name, did = POINTS[point]
            doing, trip = getattr(owner, name), Trip(Path(folder, point))
            deadly = trip.before(doing) if did is None else trip.after(doing, did)
            stack.enter_context(patch.object(owner, name, deadly))
        stack.enter_context(patch.object(schedule, "jobs_of", jobs))
        line = stack.enter_context(WebhookTransport(networks(["127.0.0.0/8"])))
        service = service_of(Store(url), hooks, line)
        Worker(service, clock, threading.Event(), WorkerTiming(beat=0.2, idle=0.05)).work()
