"""What a kind of model declares: by this it is served and listed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.ports import Model

# Every source is scored for these targets and levels.
USUAL_PURPOSES: tuple[tuple[Target, Level], ...] = (
    (Target.FORCE, Level.COUNTRY),
    (Target.FORCE, Level.ADMIN1),
    (Target.ESCALATION, Level.COUNTRY),
    (Target.ESCALATION, Level.ADMIN1),
)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A request for a model that scores the signals of a source at an origin.

    Attributes:
        illustration: The model may use parameters fitted on another source. Its scores are then
            marked as an illustration.
        pooled: Regions may be compared with each other. False for a source whose licence does not
            allow learning from it.
    """

    source: str
    origin: date = date.max
    illustration: bool = False
    pooled: bool = True


@dataclass(frozen=True, slots=True)
class ModelKind:
    """A kind of model and the functions to create, serve, restore and describe its models.

    `make(target, level, source=...)` creates an unfitted model. `serve` returns a model that can
    answer a request, or None if the kind cannot serve it, and raises ModelError if something it
    needs is missing. `card` describes a model for its readers. A kind that is fitted on the events
    of a source declares more: `models.training.fitted_kind.FittedKind`.
    """

    name: str
    purposes: tuple[tuple[Target, Level], ...]
    horizon_weeks: int
    gives_probability: bool
    make: Callable[..., Model]
    serve: Callable[[Target, Level, ModelRequest], Model | None]
    card: Callable[[Model], dict[str, Any]]
