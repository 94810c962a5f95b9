"""What a kind of model declares: by this it is served, fitted, listed and restored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ewarn.domain.fit import Fit
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.ports import Model

# The targets and levels that are asked of every source.
USUAL_PURPOSES: tuple[tuple[Target, Level], ...] = (
    (Target.FORCE, Level.COUNTRY),
    (Target.FORCE, Level.ADMIN1),
    (Target.ESCALATION, Level.COUNTRY),
    (Target.ESCALATION, Level.ADMIN1),
)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """Where a model is asked to serve: the signals of a source at an origin.

    An `illustration` shows parameters of another source, and says so. A source that may not be
    learned from is not `pooled`: no region may be held against others.
    """

    source: str
    origin: date = date.max
    illustration: bool = False
    pooled: bool = True


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model, by what it can do.

    `make(target, level, source=...)` makes one that has learned nothing. `serve` gives one that
    may answer on a request as it is, None where it cannot; it raises ModelError where what it
    needs is missing. `restore` makes one of a stored document and raises KeyError, TypeError,
    ValueError or ModelError where it cannot; a kind without it is never fitted. `card` says what a
    reader must know.
    """

    name: str
    purposes: tuple[tuple[Target, Level], ...]
    horizon_weeks: int
    gives_probability: bool
    make: Callable[..., Model]
    serve: Callable[[Target, Level, ModelRequest], Model | None]
    card: Callable[[Model], dict[str, Any]]
    restore: Callable[[Fit], Model] | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether it learns from a store, and is kept as a document."""
        return self.restore is not None
