"""Invented parts of a service: a source with given payloads, a model that follows counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.fit import Assignment, Fit, Purpose, Trial
from ewarn.domain.region import Level
from ewarn.domain.score import Driver
from ewarn.domain.source import Payload, Terms, Unread
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK
from ewarn.errors import ModelError
from ewarn.frames.events import ParsedBatch
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import Prediction
from ewarn.ports import History, Model, Places

TERMS = Terms("nobody", "none", redistribute=True, train=False, url="")
KEPT = Receipt(Outcome.DELIVERED, "kept")
SIGNAL = "invented:force:lethal"


@dataclass
class InventedSource:
    """Source that yields the payloads in `payloads`. Parsing returns what is set for their name."""

    payloads: list[Payload | Unread] = field(default_factory=list)
    batches: dict[str, ParsedBatch | Exception] = field(default_factory=dict)
    failure: Exception | None = None
    cadence: timedelta | None = WEEK
    asked_since: list[datetime | None] = field(default_factory=list)
    name: str = "invented"
    terms: Terms = TERMS
    retention: timedelta = timedelta(days=30)
    obstacle: str | None = None

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload | Unread]:
        self.asked_since.append(since)
        for payload in self.payloads:
            if isinstance(payload, Unread) or payload.fetched_at <= now:
                yield payload
        if self.failure is not None:
            raise self.failure

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        batch = self.batches[payload.name]
        if isinstance(batch, Exception):
            raise batch
        yield batch


@dataclass
class Echo:
    """Model whose probability is a tenth of the lethal events of the last four weeks.

    It is never below `least`.
    """

    level: Level = Level.ADMIN1
    basis: Basis = Basis.CALIBRATED
    name: str = "echo"
    version: str = "1"
    target: Target = Target.FORCE
    horizon_weeks: int = 4
    signals: tuple[str, ...] = (SIGNAL,)
    least: float = 0.0

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:
        return self

    def score(self, panel: Panel, only: Sequence[str] | None = None) -> Prediction:
        wanted = panel.at(self.level) if only is None else only
        regions = tuple(region for region in panel.at(self.level) if region in set(wanted))
        where = [panel.region_index[region] for region in regions]
        recent = panel.rolling(SIGNAL, 4)[-1, where].astype(float)
        seen = panel.was_observed(SIGNAL)[-1, where]
        probability = np.clip(recent / 10, self.least, 0.99)
        if self.basis is Basis.UNCALIBRATED:
            probability = np.full_like(probability, np.nan)
        observed = np.where(seen, panel.series(SIGNAL)[-1, where], np.nan)
        half = probability / 2
        return Prediction(
            regions,
            probability,
            half,
            probability,
            recent / 4,
            recent + 1,
            observed,
            {"echo": probability},
            quiet=panel.rolling(SIGNAL, 26)[-1, where] == 0,
        )

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        first, last = panel.week(-4), panel.week(-1)
        return {region: (Driver(SIGNAL, first, last, 1.0, 3),) for region in regions}


@dataclass
class InventedFitter:
    """Fitter that fits nothing. The card of each model has the costs of thresholds in `alarms`."""

    alarms: list[dict[str, Any]] = field(default_factory=list)

    def purposes(self, source: str, outcomes: str = "") -> list[Purpose]:
        return []

    def challenge(self, history: History, task: Assignment, champion: Model | None) -> Trial:
        raise ModelError("an invented fitter fits nothing")

    def restored(self, fit: Fit) -> Model:
        raise ModelError("an invented fitter restores nothing")

    def card(self, model: Model) -> dict[str, Any]:
        return {"development": {"alarms": self.alarms}}


@dataclass
class Postbox:
    """Channel that stores the messages it gets and answers with `receipt`."""

    receipt: Receipt = KEPT
    sent: list[Message] = field(default_factory=list)
    name: str = "log"

    def send(self, message: Message, now: datetime) -> Receipt:
        self.sent.append(message)
        return self.receipt
