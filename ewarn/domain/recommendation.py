"""Recommendations: what was asked of whom by which body, and how far it has come."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Body(StrEnum):
    """Who recommends."""

    MISSION = "mission"
    UPR = "upr"
    TREATY_BODY = "treaty_body"
    SPECIAL_PROCEDURE = "special_procedure"


class Theme(StrEnum):
    """What a recommendation is about."""

    ASSEMBLY = "assembly"
    EXPRESSION = "expression"
    FORCE = "force"  # its use by the police and the army
    DETENTION = "detention"
    TORTURE = "torture"
    JUSTICE = "justice"
    ELECTIONS = "elections"
    INSTITUTIONS = "institutions"
    OTHER = "other"


# The themes in a country brief: they concern the harm that the service warns of.
BRIEFED = (Theme.ASSEMBLY, Theme.DETENTION, Theme.ELECTIONS)


class Status(StrEnum):
    """How far a recommendation has come."""

    OPEN = "open"
    UNDER_WAY = "under_way"
    PARTLY_DONE = "partly_done"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def is_open(self) -> bool:
        """Return whether something is left to do."""
        return self not in (Status.DONE, Status.DROPPED)


class RecommendationAct(StrEnum):
    """What can be done to a recommendation."""

    ADDED = "added"
    AMENDED = "amended"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommendation to a country, in its current state.

    `reference` is its document and paragraph. `addressee` is the institution it is addressed to,
    `owner` the role or office that follows it up; neither is the name of a private person.
    `given_on` is the day of its adoption, `review_on` that on which the owner is to review it.
    `evidence` supports `status`, since `status_on`.
    """

    id: str
    country: str
    body: Body
    reference: str
    text: str
    theme: Theme
    addressee: str
    owner: str
    given_on: date
    due_on: date | None
    review_on: date | None
    status: Status
    status_on: date
    evidence: str


@dataclass(frozen=True, slots=True)
class RecommendationChange:
    """Something done to a recommendation: its state afterwards, by whom, why, and when."""

    act: RecommendationAct
    recommendation: Recommendation
    at: datetime
    actor: str
    reason: str
