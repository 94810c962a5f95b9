"""Deployments: who is sent where for how long, with whose consent, and with what effect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from ewarn.domain.effect import Effect
from ewarn.domain.time import WEEK


class Stage(StrEnum):
    """How far a deployment has come."""

    PROPOSED = "proposed"
    CONSENT_REQUESTED = "consent_requested"
    CONSENTED = "consented"
    REFUSED = "refused"
    DEPLOYED = "deployed"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


# The stages in which nothing is left to do: nobody went, and nobody will go.
GIVEN_UP = frozenset({Stage.REFUSED, Stage.WITHDRAWN})


class StepKind(StrEnum):
    """What can be done to a deployment: bring it to a stage, review it, or evaluate it."""

    PROPOSED = "proposed"
    CONSENT_REQUESTED = "consent_requested"
    CONSENTED = "consented"
    REFUSED = "refused"
    DEPLOYED = "deployed"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    REVIEWED = "reviewed"
    JUDGED = "judged"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a country.

    `team` are roles, and `owner` is a role or an office; neither holds names. `length_weeks` is
    None for an open-ended deployment. `notice` is what must be shown with it, by language, such as
    that it is an illustration.
    """

    country: str
    team: tuple[str, ...]
    length_weeks: int | None
    consent_of: str
    owner: str
    preconditions: tuple[str, ...] = ()
    review_weeks: tuple[int, ...] = ()
    alert_id: str | None = None
    playbook: str | None = None
    notice: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment after its last step.

    `last_on` is the day of that step in the world. `ended_on` is the first day on which nobody was
    there any more. `reviews` counts the reviews since it began. `effect` is the last evaluation of
    its effect; None if there was none.
    """

    id: str
    proposal: Proposal
    stage: Stage
    proposed_on: date
    last_on: date
    deployed_on: date | None = None
    ended_on: date | None = None
    reviews: int = 0
    effect: Effect | None = None

    @property
    def country(self) -> str:
        """Return the alpha-3 code of the country."""
        return self.proposal.country

    @property
    def planned_end(self) -> date | None:
        """Return the first day after its planned length; None before it began, or if it is open."""
        if self.deployed_on is None or self.proposal.length_weeks is None:
            return None
        return self.deployed_on + self.proposal.length_weeks * WEEK

    @property
    def review_dates(self) -> tuple[date, ...]:
        """Return the days by which it is to be reviewed; none before it began."""
        if self.deployed_on is None:
            return ()
        return tuple(self.deployed_on + weeks * WEEK for weeks in self.proposal.review_weeks)

    @property
    def next_review(self) -> date | None:
        """Return the first review date that no review has answered."""
        return next(iter(self.review_dates[self.reviews :]), None)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done to a deployment.

    `on` is the day in the world, `at` when it was recorded.
    """

    kind: StepKind
    deployment: Deployment  # after the step
    on: date
    at: datetime
    actor: str
    reason: str
