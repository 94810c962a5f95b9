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
    """What it is about."""

    ASSEMBLY = "assembly"
    EXPRESSION = "expression"
    FORCE = "force"  # its use by the police and the army
    DETENTION = "detention"
    TORTURE = "torture"
    JUSTICE = "justice"
    ELECTIONS = "elections"
    INSTITUTIONS = "institutions"
    OTHER = "other"


# Those that a country brief shows: what they ask for bears on the harm that is warned of.
BRIEFED = (Theme.ASSEMBLY, Theme.DETENTION, Theme.ELECTIONS)


class Status(StrEnum):
    """How far it has come."""

    OPEN = "open"
    UNDER_WAY = "under_way"
    PARTLY_DONE = "partly_done"
    DONE = "done"
    DROPPED = "dropped"

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self not in (Status.DONE, Status.DROPPED)


class RecommendationAct(StrEnum):
    """What can be done to a recommendation."""

    ADDED = "added"
    AMENDED = "amended"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One recommendation to a country, as it stands.

    `reference` is where it stands (document and paragraph). `addressee` is the institution it is
    addressed to, `owner` the role or office that follows it up: no names of private persons.
    `given_on` is the day it was adopted; `review_on` that on which the owner is to look at it
    again. `evidence` is what `status` rests on, since `status_on`.
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
    """Something done to a recommendation: how it left it, by whom, why, and when."""

    act: RecommendationAct
    recommendation: Recommendation
    at: datetime
    actor: str
    reason: str
