"""Deployments: who is sent where for how long, with whose consent, and what came of it."""

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


# Where nothing is left to do: nobody went, nobody will.
GIVEN_UP = frozenset({Stage.REFUSED, Stage.WITHDRAWN})


class StepKind(StrEnum):
    """What can be done to a deployment: to bring it to a stage, to look at it, to judge it."""

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
    """What is proposed for a country. `team` are roles, `owner` is a role or an office: no names.

    `length_weeks` is None for an open-ended one. `notice` is what must be said wherever it is
    shown, by language, such as that it is an illustration.
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
    """A deployment as its last step left it.

    `last_on` is the day of that step in the world. `ended_on` is the first day on which nobody was
    there any more. `reviews` counts how often it was looked at since it began. `effect` is the last
    judgement of what came of it; None where none was made.
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
        """Alpha-3 code of the country."""
        return self.proposal.country

    @property
    def planned_end(self) -> date | None:
        """The first day after its planned length; None before it began and if it is open-ended."""
        if self.deployed_on is None or self.proposal.length_weeks is None:
            return None
        return self.deployed_on + self.proposal.length_weeks * WEEK

    @property
    def review_dates(self) -> tuple[date, ...]:
        """The days by which it is to be looked at; none before it began."""
        if self.deployed_on is None:
            return ()
        return tuple(self.deployed_on + weeks * WEEK for weeks in self.proposal.review_weeks)

    @property
    def next_review(self) -> date | None:
        """The first review date that no review has answered."""
        return next(iter(self.review_dates[self.reviews :]), None)


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to a deployment: on which day in the world, by whom, why, and when that was
    recorded."""

    kind: StepKind
    deployment: Deployment  # as the step left it
    on: date
    at: datetime
    actor: str
    reason: str
