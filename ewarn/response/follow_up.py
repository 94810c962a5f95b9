"""The follow-up of recommendations and deployments: pure functions of a day."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from ewarn.domain.deployment import GIVEN_UP, Deployment
from ewarn.domain.persons import require_no_contact, require_role
from ewarn.domain.recommendation import (
    Recommendation,
    RecommendationAct,
    RecommendationChange,
    Status,
)
from ewarn.errors import UsageError
from ewarn.languages import refused_acts

# A file may change these fields of a known recommendation. Its status and review date change only
# with evidence.
_AMENDABLE = ("text", "theme", "addressee", "owner", "given_on", "due_on")


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something whose day has passed: a `recommendation` that was due, or a `review`.

    It is named by the `text` of a recommendation, or by the `roles` of a deployment's team.
    """

    id: str
    kind: str
    country: str
    owner: str
    due_on: date
    days: int
    text: str = ""
    roles: tuple[str, ...] = ()


def identity(country: str, body: str, reference: str, text: str) -> str:
    """Return the id of a recommendation, from its reference, or from its text if it has none."""
    name = reference.strip() or " ".join(text.split())
    digest = hashlib.sha256("\n".join((country, body, name)).encode())
    return f"recommendation-{digest.hexdigest()[:16]}"


def added(
    made: Recommendation, actor: str, at: datetime, reason: str = "added"
) -> RecommendationChange:
    """Return the change that adds a recommendation.

    Raises:
        UsageError: The text is empty, a day contradicts another, the owner or addressee looks like
            a person, or the reference holds an address or a telephone number.
    """
    if not made.text.strip():
        raise UsageError(refused_acts.NO_TEXT())
    require_role(made.owner, "the owner")
    require_role(made.addressee, "the addressee")
    require_no_contact(made.reference, "the reference")
    if made.given_on > at.date():
        raise UsageError(refused_acts.GIVEN_IN_FUTURE(day=made.given_on))
    for day, otherwise in (
        (made.due_on, refused_acts.DUE_BEFORE_GIVEN),
        (made.review_on, refused_acts.REVIEWED_BEFORE_GIVEN),
    ):
        if day is not None and day < made.given_on:
            raise UsageError(otherwise(day=day, given=made.given_on))
    if made.status is not Status.OPEN and not made.evidence.strip():
        raise UsageError(refused_acts.NO_EVIDENCE_OF(status=made.status))
    return RecommendationChange(RecommendationAct.ADDED, made, at, actor, reason)


def row_change(
    known: Recommendation | None, row: Recommendation, actor: str, at: datetime, reason: str
) -> RecommendationChange | None:
    """Return what a row of a file changes: a new recommendation, an amended one, or None.

    Status and review date of a known one stay: they change with evidence, not by a file.

    Raises:
        UsageError: As for `added`.
    """
    fresh = added(row, actor, at, reason)
    if known is None:
        return fresh
    amended = replace(known, **{name: getattr(row, name) for name in _AMENDABLE})
    if amended == known:
        return None
    return RecommendationChange(RecommendationAct.AMENDED, amended, at, actor, reason)


def moved(
    known: Recommendation,
    status: Status,
    evidence: str,
    actor: str,
    at: datetime,
    *,
    on: date | None = None,
    review_on: date | None = None,
) -> RecommendationChange:
    """Return the change to a new status with its evidence, of the day `on`.

    Args:
        review_on: When the owner is to review it again.

    Raises:
        UsageError: There is no evidence, or a day does not fit.
    """
    if not evidence.strip():
        raise UsageError(refused_acts.NO_EVIDENCE())
    day = on or at.date()
    if not known.status_on <= day <= at.date():
        raise UsageError(refused_acts.STATUS_OUT_OF_TIME(first=known.status_on, last=at.date()))
    if review_on is not None and review_on < day:
        raise UsageError(refused_acts.REVIEWED_BEFORE_STATUS(day=review_on, status_day=day))
    after = replace(
        known,
        status=status,
        status_on=day,
        evidence=evidence.strip(),
        review_on=review_on if review_on is not None else _still_ahead(known.review_on, day),
    )
    return RecommendationChange(RecommendationAct.STATUS, after, at, actor, evidence.strip())


def overdue(recommendations: Iterable[Recommendation], today: date) -> list[Overdue]:
    """Return open recommendations whose due or review date has passed, longest overdue first."""
    found = [each for item in recommendations for each in _late(item, today)]
    return sorted(found, key=lambda each: (each.due_on, each.id, each.kind))


def overdue_reviews(deployments: Iterable[Deployment], today: date) -> list[Overdue]:
    """Return deployments whose review is overdue, the longest overdue first."""
    found = [
        Overdue(
            id=each.id,
            kind="review",
            country=each.country,
            owner=each.proposal.owner,
            due_on=due,
            days=(today - due).days,
            roles=each.proposal.team,
        )
        for each in deployments
        if each.stage not in GIVEN_UP and (due := each.next_review) is not None and due < today
    ]
    return sorted(found, key=lambda each: (each.due_on, each.id))


def _late(item: Recommendation, today: date) -> Iterator[Overdue]:
    dates = {"recommendation": item.due_on, "review": item.review_on}
    for kind, day in dates.items():
        if item.status.is_open and day is not None and day < today:
            days = (today - day).days
            yield Overdue(item.id, kind, item.country, item.owner, day, days, text=item.text)


def _still_ahead(day: date | None, today: date) -> date | None:
    """Return a review date that is still in the future, or None."""
    return day if day is not None and day > today else None
