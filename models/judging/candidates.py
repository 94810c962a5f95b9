"""Who stands in the table: the baselines always, then the ensemble and its members."""

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

ELECTION_OUTCOMES = 100  # incidents near a vote are few, and a fit on fewer is of chance
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
    """A model that can be fitted on rows and asked; it may answer with several columns."""

    name: str

    def fit_rows(self, rows: Rows) -> Self:
        """Learn from rows; raises ModelError where they do not suffice."""
        ...

    def columns(self, inputs: Inputs) -> dict[str, FloatArray]:
        """Probabilities (rows,) by name: its own, and those of models inside it."""
        ...


# Candidates, unfitted, of a question and the number of outcomes that a refit learns from.
Makers = Callable[[ModelQuestion, int], Sequence[Candidate]]


class Alone:
    """A single model as a candidate: one column, named after it."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.name = member.name

    def fit_rows(self, rows: Rows) -> Self:
        """Learn from rows."""
        self.member.fit(rows.inputs, rows.label, rows.weight)
        return self

    def columns(self, inputs: Inputs) -> dict[str, FloatArray]:
        """Its probability."""
        return {self.name: self.member.probability(inputs)}


class Stacked:
    """The ensemble as a candidate: its own column, and one for each member."""

    name = SERVED

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble

    def fit_rows(self, rows: Rows) -> Self:
        """Learn from rows."""
        self.ensemble.fit_rows(rows)
        return self

    def columns(self, inputs: Inputs) -> dict[str, FloatArray]:
        """The served probability, then those of the members."""
        raw = self.ensemble.raw(inputs)
        members = {member.name: raw[:, i] for i, member in enumerate(self.ensemble.members_)}
        return {self.name: np.asarray(expit(self.ensemble.logit(inputs))), **members}


def baselines() -> tuple[Member, ...]:
    """What every model is held against, in a back-test and in a trial: `BASELINES`, unfitted."""
    return (Zero(), BaseRate(), LastPoisson(), Conflictology(), Seasonal(), PlainLogistic())


def usual(question: ModelQuestion, outcomes: int) -> list[Candidate]:
    """The candidates of a refit that learns from so many outcomes, unfitted, baselines first.

    `election` has naive baselines only, until there are a hundred outcomes to learn from.
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
    return [*held_against, Stacked(ensemble)]


def refuse_missing(inputs: Inputs) -> None:
    """Raise ModelError that names the first array of `inputs` in which a number is missing.

    `votes` may be unknown: not every country has a calendar.
    """
    for field in fields(inputs):
        if field.name == "votes":
            continue
        value = getattr(inputs, field.name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isnan(value).any():
            raise ModelError(
                f"{field.name!r} of the inputs holds NaN: a model is asked of known numbers only."
            )


def fitted(candidates: Sequence[Candidate], rows: Rows) -> list[Candidate]:
    """Every candidate, fitted; raises ModelError where one outcome only is known, or NaN."""
    refuse_missing(rows.inputs)
    if not 0 < rows.label.sum() < len(rows.label):
        raise ModelError(
            f"{len(rows.label)} rows to learn from hold {int(rows.label.sum())} outcomes: both "
            "are needed; start the test later or give more events."
        )
    return [candidate.fit_rows(rows) for candidate in candidates]


def answers(candidates: Sequence[Candidate], inputs: Inputs) -> dict[str, FloatArray]:
    """Columns of fitted candidates, by name; of one name the first stands (a baseline may also
    be a member). Raises ModelError for NaN in inputs or answers.
    """
    refuse_missing(inputs)
    found: dict[str, FloatArray] = {}
    for candidate in candidates:
        for name, column in candidate.columns(inputs).items():
            if not np.isfinite(column).all():
                raise ModelError(f"{name} of {candidate.name} answered with NaN.")
            found.setdefault(name, np.clip(column, 0.0, 1.0))
    return found
