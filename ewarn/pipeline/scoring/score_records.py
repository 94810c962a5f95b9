"""The record of a score as it is published, with its drivers in words."""

from typing import Any

from ewarn.alerting.severity import severity
from ewarn.domain.score import Driver, Score
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.scores import DriverRecord, ScoreRecord
from ewarn.notify.messages.labels import driver_words
from ewarn.notify.messages.score_notices import score_notice
from ewarn.ports import RegionTable

Record = dict[str, Any]


def score_record(
    places: RegionTable, score: Score, language: str = "en", *, with_events: bool = False
) -> Record:
    """Return the record of a score, with its notice in a language and its drivers in words.

    `with_events` adds the ids of the events behind each driver.
    """
    return outbound(
        ScoreRecord,
        score,
        region_name=places.get(score.region).name,
        unit=score.target.unit,
        severity=severity(score),
        members=dict(score.members),
        drivers=[driver_record(item, with_events=with_events) for item in score.drivers],
        notice=score_notice(score, language),
        is_observed=score.observed is not None,
        unobserved_since=None,
    )


def driver_record(driver: Driver, *, with_events: bool, **others: Any) -> Record:
    """Return the record of a driver of a score."""
    record = outbound(DriverRecord, driver, words=driver_words(driver), **others)
    if not with_events:
        del record["event_ids"]
    return record
