"""What the verbs work with: one object, put together in one place by `ewarn.run.wiring`."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

import pandas as pd

from ewarn.domain.effect import Effect, Study
from ewarn.domain.source import Terms
from ewarn.frames.panel import Arrivals, Panel
from ewarn.notify.address_checks import check_address
from ewarn.pipeline.panel_cache import PanelCache
from ewarn.ports import Fitter, Forecaster, Judge, Model, Notifier, Sealer, Source, WholeGazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.engine import Store


class RulesInForce(Protocol):
    """The rulebook in force now; `problem` says what is wrong with what stands in the files, as of
    the last call (empty: nothing)."""

    problem: str

    def __call__(self) -> Rulebook: ...


# From delays and a panel to what share of its last weeks is in.
Lateness = Callable[[pd.DataFrame, Panel], Arrivals]


@dataclass(frozen=True)
class Service:
    """The store, and everything that plugs into the verbs.

    `models` gives the models that serve a source at an origin where no champion was promoted; one
    that knew what came after the origin says that it is an illustration. It is a function because
    loading their parameters costs time that most commands need not spend. `fitter` makes
    challengers and loads champions, `judge` says what followed scores, `forecaster` forecasts the
    dead of months. `reserved` are the names of
    sources that speak for themselves: a file may bring events of theirs, but neither health nor
    coverage.
    `terms` are those of every source we know, switched on or off: what was read stays bound.
    `lateness` gives the share of the events of the last weeks that is in by a panel's origin,
    from a source's delays (`frames.delays`); it says nothing where they say too little.
    `rulebook` is the one that was in force when the service was opened; `rulebooks` gives the one
    in force now. `ping` tells an outside monitor that the worker lives.
    `effect` judges a deployment; sources `in_hindsight` were compiled by people who knew what came
    later, and it is told so.
    `sealer` seals the raw payloads that are protected; None where no key is set.
    `clock` is that of a live service: what takes long is recorded as of when it is stored, so that
    no answer as of an earlier moment changes. Without one, in a replay say, no time passes.
    `check_address` raises ValueError where an address cannot be one of a channel. `panels` keeps
    what was read of the ledger from one scoring to the next.
    """

    store: Store
    places: WholeGazetteer
    sources: Mapping[str, Source]
    models: Callable[[str, date], tuple[Model, ...]]
    rulebook: Rulebook
    notifiers: Mapping[str, Notifier]
    base_url: str
    reserved: frozenset[str] = frozenset()
    sealer: Sealer | None = None
    terms: Mapping[str, Terms] = field(default_factory=dict)
    fitter: Fitter | None = None
    judge: Judge | None = None
    forecaster: Forecaster | None = None
    lateness: Lateness | None = None
    effect: Callable[[Study], Effect] | None = None
    in_hindsight: frozenset[str] = frozenset()
    rulebooks: RulesInForce | None = None
    ping: Callable[[], bool] | None = None
    check_address: Callable[[str, str], None] = check_address
    panels: PanelCache = field(default_factory=PanelCache)
    clock: Callable[[], datetime] | None = None

    def moment(self, now: datetime) -> datetime:
        """The moment at which something is stored that was begun at `now` and took its time."""
        return now if self.clock is None else max(now, self.clock())

    def with_current_rules(self) -> "Service":
        """The service under the rules in force now, which stay the same for one verb."""
        return self if self.rulebooks is None else replace(self, rulebook=self.rulebooks())

    def rules_problem(self) -> str:
        """What is wrong with the rules that stand in the files now, while the last good ones stay
        in force; empty where nothing is."""
        if self.rulebooks is None:
            return ""
        self.rulebooks()
        return self.rulebooks.problem

    def terms_of(self, source: str) -> Terms | None:
        """The terms of a source; None for one that only imported files name."""
        polled = self.sources.get(source)
        return self.terms.get(source) if polled is None else polled.terms

    def may_learn(self, source: str) -> bool:
        """Whether anything may be fitted on what a source brings."""
        terms = self.terms_of(source)
        return terms is None or terms.train

    def may_pool(self, source: str) -> bool:
        """Whether the regions of a source may be held against each other: its terms say so."""
        terms = self.terms_of(source)
        return terms is not None and terms.train

    def is_open(self, source: str) -> bool:
        """Whether what comes of a source may be read without any licence."""
        terms = self.terms_of(source)
        return terms is None or terms.lets_read(())

    def is_scored(self, source: str) -> bool:
        """Whether a source may be scored: somebody may read what comes of it."""
        terms = self.terms_of(source)
        return terms is None or not terms.is_closed

    @property
    def readers(self) -> frozenset[str]:
        """The licences under which something is read now."""
        terms = [*self.terms.values(), *(source.terms for source in self.sources.values())]
        return frozenset(each.readers for each in terms if each.readers)

    def hidden_from(self, licences: Collection[str]) -> frozenset[str]:
        """The sources of which who carries some licences reads nothing."""
        known = {*self.terms, *self.sources}
        return frozenset(
            name
            for name in known
            if (terms := self.terms_of(name)) is not None and not terms.lets_read(licences)
        )

    def readers_of(self, source: str) -> str:
        """The licence that who reads of a source must carry; empty where none is needed."""
        terms = self.terms_of(source)
        return "" if terms is None else terms.readers
