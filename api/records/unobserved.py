"""Rows in a list of scores for regions that were named in the request and have no score."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection

from api.records.records import Record
from api.serving.queries import ScoresQuery
from api.serving.state import ApiState
from ewarn.domain.region import Level, Region
from ewarn.domain.target import ASKED_EVERYWHERE
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.scores import ScoreRecord
from ewarn.notify.messages.source_notices import unscored_words
from ewarn.pipeline.scoring.unobserved import Unobserved, unobserved
from ewarn.store.scores.scores import ScoreFilter


def rows_without_scores(
    connection: Connection,
    state: ApiState,
    asked: ScoresQuery,
    wanted: ScoreFilter,
    moment: datetime,
    licences: Collection[str],
    language: str,
) -> list[Record]:
    """Return a row for each named region and target without a score; it says why in a language.

    A request without places gets none, because the rows would cover the whole world. A request that
    names countries or an office gets one row per country, or with `level=admin1` one row per
    subdivision.
    """
    if not _names_places(asked) or asked.band:
        return []
    found = unobserved(
        connection,
        state.service,
        _named(state, asked, wanted),
        asked.target or ASKED_EVERYWHERE,
        moment,
        licences,
    )
    return [_row(each, language) for each in found]


def countries_named(state: ApiState, asked: ScoresQuery, wanted: ScoreFilter) -> set[str]:
    """Return the countries for which a list may contain such rows."""
    if not _names_places(asked):
        return set()
    return {region.country for region in _named(state, asked, wanted)}


def _names_places(asked: ScoresQuery) -> bool:
    """Return whether a request names the places that it is about."""
    return bool(asked.country or asked.region or asked.office)


def _named(state: ApiState, asked: ScoresQuery, wanted: ScoreFilter) -> Sequence[Region]:
    """Return the regions that a request names."""
    if wanted.regions:
        named = [state.places.get(id_) for id_ in wanted.regions]
        inside = [
            each for each in named if not wanted.countries or each.country in wanted.countries
        ]
        return [each for each in inside if asked.level in (None, each.level)]
    return state.places.regions(asked.level or Level.COUNTRY, countries=wanted.countries or None)


def _row(missing: Unobserved, language: str) -> Record:
    region = missing.region
    return outbound(
        ScoreRecord,
        dict.fromkeys(ScoreRecord.model_fields)
        | {
            "region": region.id,
            "region_name": region.name,
            "country": region.country,
            "level": region.level,
            "target": missing.target,
            "unit": missing.target.unit,
            "exceeds_bound": None,
            "completeness": 0.0,
            "sources": [],
            "drivers": [],
            "members": {},
            "notice": unscored_words(missing.since, language),
            "interim": False,
            "is_observed": False,
            "unobserved_since": missing.since,
        },
    )
