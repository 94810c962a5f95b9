"""The models that a back-test compares: the baselines, then the ensemble and its members."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Protocol, Self

import numpy as np
from scipy.special import expit

from ewarn.domain.target import Target
from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from models.baselines.base_rate import BaseRate
from models.baselines.conflictology import Conflictology
from models.baselines.last_poisson import LastPoisson
from models.baselines.plain_logistic import PlainLogistic
from models.baselines.seasonal import Seasonal
from models.baselines.zero import Zero
from models.ensemble.ensemble import Ensemble
from models.ensemble.members import Member
from models.inputs.inputs import Inputs
from models.training.rows import ModelQuestion, Rows

ELECTION_OUTCOMES = 100  # incidents near a vote are few, and a fit on fewer would be by chance
SERVED = "ensemble"
PLAIN = PlainLogistic.name
BASELINES = (
    Zero.name,
    BaseRate.name,
    LastPoisson.name,
    Conflictology.name,
    Seasonal.name,
    PLAIN,
)


class Candidate(Protocol):
    """A model that can be fitted on rows, and gives one or more columns of probabilities."""

    name: str

    def fit_rows(self, rows: Rows) -> Self:
        """Fit on rows.

        Raises:
            ModelError: The rows do not suffice.
        """
        ...

    def columns(self, inputs: Inputs) -> dict[str, FloatArray]:
        """Return probabilities (rows,) by name: its own, and those of models inside it."""
        ...


# Returns candidates, not fitted, for a question and the number of training outcomes of a refit.
Makers = Callable[[ModelQuestion, int], Sequence[Candidate]]


class Alone:
    """A single model as a candidate: one column, named after it."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.name = member.name

    def fit_rows(self, rows: Rows) -> Self:
        """Fit the model on rows."""
        self.member.fit(rows.inputs, rows.label, rows.weight)
        return self

    def columns(self, inputs: Inputs) -> dict[str, FloatArray]:
        """Return the model's probability."""
        return {self.name: self.member.probability(inputs)}


class EnsembleCandidate:
    """The ensemble as a candidate: its own column, and one for each member."""

    name = SERVED

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble

    def fit_rows(self, rows: Rows) -> Self:
        """Fit the ensemble on rows."""
        self.ensemble.fit_rows(rows)
        return self

    def columns(self, inputs: Inputs) -> dict[str, FloatArray]:
        """Return the served probability, then those of the members."""
        raw = self.ensemble.raw(inputs)
        members = {member.name: raw[:, i] for i, member in enumerate(self.ensemble.members_)}
        return {self.name: np.asarray(expit(self.ensemble.logit(inputs))), **members}


def baselines() -> tuple[Member, ...]:
    """Return `BASELINES`, not fitted, which every back-test and promotion test compares with."""
    return (Zero(), BaseRate(), LastPoisson(), Conflictology(), Seasonal(), PlainLogistic())


def usual(question: ModelQuestion, outcomes: int) -> list[Candidate]:
    """Return the candidates of a refit with so many training outcomes, not fitted.

    Baselines come first. `election` has naive baselines only, unless there are at least a hundred
    training outcomes.
    """
    held_against = [Alone(member) for member in baselines()]
    if question.target is Target.ELECTION and outcomes < ELECTION_OUTCOMES:
        return [candidate for candidate in held_against if candidate.name != PLAIN]
    ensemble = Ensemble(
        question.target,
        question.level,
        source=question.source,
        horizon_weeks=question.horizon_weeks,
        replicates=0,
    )
    return [*held_against, EnsembleCandidate(ensemble)]


def refuse_missing(inputs: Inputs) -> None:
    """Check that no number of `inputs` is missing.

    `votes` may be unknown, since not every country has a calendar.

    Raises:
        ModelError: A number is missing. The message names the first such array.
    """
    for field in fields(inputs):
        if field.name == "votes":
            continue
        value = getattr(inputs, field.name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isnan(value).any():
            raise ModelError(f"{field.name!r} of the inputs holds NaN: models need known numbers.")


def fitted(candidates: Sequence[Candidate], rows: Rows) -> list[Candidate]:
    """Fit every candidate, and return them.

    Raises:
        ModelError: All rows have the same outcome, or an input is NaN.
    """
    refuse_missing(rows.inputs)
    if not 0 < rows.label.sum() < len(rows.label):
        raise ModelError(
            f"{len(rows.label)} training rows hold {int(rows.label.sum())} positive outcomes: both "
            "outcomes are needed; start the test later or give more events."
        )
    return [candidate.fit_rows(rows) for candidate in candidates]


def answers(candidates: Sequence[Candidate], inputs: Inputs) -> dict[str, FloatArray]:
    """Return the columns of fitted candidates by name.

    The first of equal names is used, since a baseline may also be a member of the ensemble.

    Raises:
        ModelError: An input or a probability is NaN.
    """
    refuse_missing(inputs)
    found: dict[str, FloatArray] = {}
    for candidate in candidates:
        for name, column in candidate.columns(inputs).items():
            if not np.isfinite(column).all():
                raise ModelError(f"{name} of {candidate.name} gave NaN as a probability.")
            found.setdefault(name, np.clip(column, 0.0, 1.0))
    return found
