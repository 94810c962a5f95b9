"""The declaration of a kind of model that is fitted: how it is fitted, tested and stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, Self

from ewarn.domain.fit import Fit, Purpose
from ewarn.frames.predictions import FloatArray
from ewarn.ports import Model
from models.inputs.inputs import Inputs
from models.model_kind import ModelKind
from models.training.rows import Rows


class Learner(Model, Protocol):
    """A model that is fitted on rows: inputs at past origins, with their outcomes.

    Attributes:
        positives_: Number of outcomes it was fitted on.
        card_: Its card.
    """

    positives_: int
    card_: dict[str, Any]

    @property
    def labels_before(self) -> date:
        """The day before which all outcomes lie that a restored model was fitted on."""
        ...

    def fit_rows(self, rows: Rows) -> Self:
        """Fit on rows. Raises ModelError if there are too few."""
        ...

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the probabilities of inputs, float64 (rows,)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedKind(ModelKind):
    """A kind of model that is fitted on the events of a source and stored as a document.

    Attributes:
        unfitted: Creates an unfitted model for a purpose.
        sketch: Creates a model that only has to give probabilities, if that is less work. The
            promotion test fits it again for each stretch of past origins.
        document: Returns the parameters of a fitted model as plain JSON values, with its card under
            `card`.
        restore: Creates a model from such a document. Raises KeyError, TypeError, ValueError or
            ModelError if it cannot.
        card_lines: Returns the entries of its card that not every card has.
        weaknesses: The weaknesses of its method, a sentence each.
        learns_across: Whether it can read the signals of one source and be fitted on the outcomes
            of another.
    """

    unfitted: Callable[[Purpose], Learner]
    sketch: Callable[[Purpose], Learner]
    document: Callable[[Learner], dict[str, Any]]
    restore: Callable[[Fit], Learner]
    card_lines: Callable[[Learner], dict[str, Any]]
    weaknesses: tuple[str, ...]
    learns_across: bool = False

    def fits(self, purpose: Purpose) -> bool:
        """Return whether it can be fitted for a purpose."""
        if purpose.outcomes:
            return self.learns_across and purpose.horizon_weeks == self.horizon_weeks
        return (purpose.target, purpose.level) in self.purposes and (
            purpose.horizon_weeks == self.horizon_weeks
        )
