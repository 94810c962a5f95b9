"""The verbs `add`, `move` and `take in` of recommendations, each one transaction with its audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ewarn.domain.recommendation import (
    Recommendation,
    RecommendationAct,
    RecommendationChange,
    Status,
)
from ewarn.domain.region import Level
from ewarn.errors import UnknownName, UsageError
from ewarn.languages import refused_acts, row_reasons
from ewarn.ports import WholeGazetteer
from ewarn.response.follow_up import added, moved, row_change
from ewarn.response.rows import Rejected, read_rows
from ewarn.store.database.engine import Store
from ewarn.store.response import recommendations
from ewarn.store.response.recommendations import RecommendationFilter


@dataclass(frozen=True, slots=True)
class RecommendationImport:
    """The result of taking in a file of recommendations; `warnings` name what was passed over."""

    added: int
    amended: int
    unchanged: int
    rejected: tuple[Rejected, ...]
    warnings: tuple[str, ...]


def add(store: Store, made: Recommendation, actor: str, now: datetime) -> RecommendationChange:
    """Add a recommendation.

    Raises:
        UsageError: It is known already, or something is wrong with it.
    """
    change = added(made, actor, now)
    with store.write() as connection:
        if recommendations.current(connection, made.id) is not None:
            raise UsageError(refused_acts.KNOWN_ALREADY(id=made.id))
        recommendations.record(connection, [change])
    return change


def move(
    store: Store,
    id_: str,
    countries: Sequence[str],
    status: Status,
    evidence: str,
    actor: str,
    now: datetime,
    *,
    on: date | None = None,
    review_on: date | None = None,
) -> RecommendationChange:
    """Give a recommendation of some countries (none named: of any) a new status with its evidence.

    Raises:
        UnknownName: There is no such recommendation in those countries.
        UsageError: The status cannot be given.
    """
    with store.write() as connection:
        known = recommendations.current(connection, id_)
        if known is None or (countries and known.country not in countries):
            raise UnknownName(refused_acts.RECOMMENDATION_UNKNOWN(id=repr(id_[:60])))
        change = moved(known, status, evidence, actor, now, on=on, review_on=review_on)
        recommendations.record(connection, [change])
    return change


def take_in(
    store: Store,
    places: WholeGazetteer,
    body: bytes,
    countries: Sequence[str],
    actor: str,
    now: datetime,
    reason: str,
) -> RecommendationImport:
    """Take in the recommendations of a CSV or XLSX file for some countries (none named: any).

    Bad rows are refused with line and reason, and the others are stored. Doing it twice changes
    nothing.

    Raises:
        InputError: The file is not such a list.
    """

    def country_of(text: str) -> str | None:
        found = places.find(text.upper()) or places.country_named(text)
        if found is None or found.level is not Level.COUNTRY:
            return None
        return found.id if not countries or found.id in countries else None

    read = read_rows(body, country_of, now.date())
    warnings = list(read.notes)
    rejected = list(read.rejected)
    changes: list[RecommendationChange] = []
    with store.write() as connection:
        found = recommendations.find(
            connection,
            now,
            RecommendationFilter(),
            countries={item.country for _, item in read.accepted},
        )
        known = {item.id: item for item in found}
        seen: set[str] = set()
        for line, item in read.accepted:
            if item.id in seen:
                rejected.append(Rejected(line, row_reasons.REPEATED()))
                continue
            seen.add(item.id)
            try:
                change = row_change(known.get(item.id), item, actor, now, reason)
            except UsageError as error:
                rejected.append(Rejected(line, str(error)))
                seen.discard(item.id)
                continue
            warnings += _status_warning(line, known.get(item.id), item)
            if change is not None:
                changes.append(change)
        recommendations.record(connection, changes)
    new = sum(change.act is RecommendationAct.ADDED for change in changes)
    return RecommendationImport(
        added=new,
        amended=len(changes) - new,
        unchanged=len(seen) - len(changes),
        rejected=tuple(sorted(rejected, key=lambda each: each.line)),
        warnings=tuple(warnings),
    )


def _status_warning(line: int, known: Recommendation | None, row: Recommendation) -> list[str]:
    """Return a warning about a row whose status differs from the stored one."""
    if known is None or row.status in (known.status, Status.OPEN):
        return []
    return [row_reasons.STATUS_STAYS(line=line, status=known.status)]
