"""What the verbs work with: one object, put together in one place by `ewarn.run.wiring`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ewarn.ports import Gazetteer, Model, Notifier, Sealer, Source
from ewarn.rulebook.rules import Rulebook
from ewarn.store.engine import Store


@dataclass(frozen=True)
class Service:
    """The store, and everything that plugs into the verbs.

    `models` gives the models that serve a source; it is a function because loading their
    parameters costs time that most commands need not spend. `reserved` are the names of sources
    that speak for themselves: a file may bring events of theirs, but neither health nor coverage.
    `sealer` seals the raw payloads that are protected; None where no key is set.
    """

    store: Store
    places: Gazetteer
    sources: Mapping[str, Source]
    models: Callable[[str], tuple[Model, ...]]
    rulebook: Rulebook
    notifiers: Mapping[str, Notifier]
    base_url: str
    reserved: frozenset[str] = frozenset()
    sealer: Sealer | None = None
