"""Regions of which nothing is known: they have no score, which means neither calm nor low risk."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.region import Region
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import runs
from ewarn.store.scores import score_age, scores


@dataclass(frozen=True, slots=True)
class Unobserved:
    """A region and target without a score.

    `since` is the end of the last week that any source observed in its country; None if none ever
    did.
    """

    region: Region
    target: Target
    since: datetime | None


def unobserved(
    connection: Connection,
    service: Service,
    regions: Sequence[Region],
    targets: Collection[Target],
    moment: datetime,
    licences: Collection[str] = (),
) -> list[Unobserved]:
    """Return the regions and targets that have no readable scores at a moment, in their order.

    Args:
        licences: The licences that the reader carries.
    """
    hidden = service.hidden_from(licences)
    newest = scores.latest_runs(connection, Cut.at(moment), without=hidden).values()
    wanted = [region for region in regions if region.exists_on(moment.date())]
    known = {
        (each.region, each.target)
        for each in score_age.scored_in(connection, newest, [region.id for region in wanted])
    }
    missing = [
        (region, target)
        for region in wanted
        for target in targets
        if (region.id, target.value) not in known
    ]
    if not missing:
        return []
    countries = {each.country for each, _ in missing}
    seen = observed_until(connection, service, countries, moment, licences)
    return [Unobserved(region, target, seen.get(region.country)) for region, target in missing]


def observed_until(
    connection: Connection,
    service: Service,
    countries: Collection[str],
    moment: datetime,
    licences: Collection[str] = (),
) -> dict[str, datetime]:
    """Return the end of the last week that was observed in each of some countries.

    A country that no readable source ever observed is missing.

    Args:
        licences: The licences that the reader carries.
    """
    found: dict[str, datetime] = {}
    hidden = service.hidden_from(licences)
    for item in runs.coverage(connection, Cut(recorded_by=moment)):
        if item.source in hidden:
            continue
        until = midnight(item.last_week + WEEK)
        for country in countries if item.country == "*" else {item.country} & set(countries):
            found[country] = max(until, found.get(country, until))
    return found
