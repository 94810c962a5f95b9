"""Conversion of the submissions of a KoboToolbox form to events: kind, week, region and counts.

No reason, remark or error repeats anything from a submission, because these texts are stored
unencrypted and shown. A record is named by `_id`, the number that the server gave it.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.reports.field_report import MOST
from ewarn.domain.source import Coverage, Rejection
from ewarn.domain.time import DAY, FIRST_DAY, WEEK, known_after, parse_day, require_utc, week_of
from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.kobo.form import COUNTS, Form

APPROVED, REFUSED = "validation_status_approved", "validation_status_not_approved"
_KEPT = ("_id", "_submission_time")


@dataclass
class _Found:
    """The results of the submissions that were read so far."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    refused_ids: set[str] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)
    unplaced: int = 0


def pared(submission: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """Return only the needed fields of a submission, whatever else a server sent with it."""
    kept = {name: submission[name] for name in _KEPT if name in submission}
    status = submission.get("_validation_status")
    if isinstance(status, dict):
        kept["_validation_status"] = {
            name: status[name] for name in ("uid", "timestamp") if name in status
        }
    wanted = form.questions.values()
    return kept | {name: submission[name] for name in wanted if name in submission}


def asked_fields(form: Form) -> tuple[str, ...]:
    """Return the fields that are requested from a server."""
    return (*_KEPT, "_validation_status", *form.questions.values())


def read_submissions(body: bytes, form: Form, places: Places, fetched_at: datetime) -> ParsedBatch:
    """Read the events of the approved submissions.

    Raises:
        RecordRejected: If the payload is not a list of submissions.
    """
    found = _Found()
    for position, submission in enumerate(_submissions(body), start=1):
        _read(submission, position, form, places, fetched_at, found)
    notes = []
    if found.unplaced:
        notes.append(
            f"{found.unplaced} submissions name no known subdivision: stored at country precision."
        )
    return ParsedBatch(
        events=event_frame(found.rows),
        rejected=tuple(found.rejected),
        skipped=found.skipped,
        notes=tuple(notes),
        coverage=_reporting(found.rows),
        refused_ids=frozenset(found.refused_ids),
    )


def _reporting(rows: list[dict[str, Any]]) -> tuple[Coverage, ...]:
    """Return the weeks in which somebody in a country reported; no reports do not mean calm."""
    weeks = {(row["country"], row["occurred_on"]) for row in rows}
    return tuple(Coverage("kobo", country, week, week) for country, week in sorted(weeks))


def _submissions(body: bytes) -> list[Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    submissions = content.get("results") if isinstance(content, dict) else None
    if not isinstance(submissions, list):
        raise RecordRejected("it is not a list of submissions as KoboToolbox sends it")
    return submissions


def _read(
    submission: Any,
    position: int,
    form: Form,
    places: Places,
    fetched_at: datetime,
    found: _Found,
) -> None:
    id_ = _id(submission)
    if id_ is None:
        reason = f"record {position} of the payload has no number of its own."
        found.rejected.append(Rejection(None, reason))
        return
    not_counted = _not_counted(submission)
    if not_counted is not None:
        found.skipped[not_counted] += 1
        return
    try:
        row = _row(id_, submission, form, places, fetched_at)
    except RecordRejected as error:
        found.rejected.append(Rejection(None, f"submission {id_}: {error}."))
        found.refused_ids.add(id_)
        return
    if any(row["source_event_id"] == id_ for row in found.rows):
        found.skipped["the same submission again"] += 1
        return
    found.unplaced += row["region"] == row["country"]
    found.rows.append(row)


def _id(submission: Any) -> str | None:
    number = submission.get("_id") if isinstance(submission, dict) else None
    if isinstance(number, int) and not isinstance(number, bool) and 0 < number < 2**53:
        return str(number)
    return None


def _not_counted(submission: Mapping[str, Any]) -> str | None:
    """Return why a submission does not count, or None if it was approved and counts."""
    status = submission.get("_validation_status")
    uid = status.get("uid") if isinstance(status, dict) else None
    if uid == APPROVED:
        return None
    return "refused by its verifier" if uid == REFUSED else "not verified yet"


def _row(
    id_: str, submission: Mapping[str, Any], form: Form, places: Places, fetched_at: datetime
) -> dict[str, Any]:
    kind = form.answer(submission, "kind")
    if not isinstance(kind, str) or kind not in form.kinds:
        raise RecordRejected("its kind is not one of those that the form's description names")
    known_at, is_estimated = _known_at(submission, fetched_at)
    monday = week_of(_day(form.answer(submission, "day"), known_at.date()))
    country, region = _place(form, submission, places)
    counts = {name: _count(form.answer(submission, name), name) for name in COUNTS}
    return {
        "source": "kobo",
        "source_event_id": id_,
        "kind": form.kinds[kind].value,
        "occurred_on": monday,
        "ended_on": monday + WEEK - DAY,
        "date_precision": DatePrecision.WEEK.value,
        "known_at": known_at,
        "known_at_estimated": is_estimated,
        "country": country,
        "region": region,
        "location_precision": (
            LocationPrecision.COUNTRY if region == country else LocationPrecision.ADMIN1
        ).value,
        "participants_low": counts["participants"],
        "participants_high": counts["participants"],
        "fatalities_low": counts["fatalities"],
        "fatalities_high": counts["fatalities"],
        "injured": counts["injured"],
        "arrests": counts["arrests"],
        "tags": "",
        "deleted": False,
    }


def _known_at(submission: Mapping[str, Any], fetched_at: datetime) -> tuple[datetime, bool]:
    """Return when a submission was known, and whether that is an estimate.

    It is known from its approval. If the server does not state this time, the day after it was
    submitted is the estimate.

    Raises:
        RecordRejected: If the time cannot be read, or is in the future.
    """
    stamp = submission["_validation_status"].get("timestamp")
    if isinstance(stamp, int | float) and not isinstance(stamp, bool):
        try:
            approved_at = datetime.fromtimestamp(stamp, UTC)
        except (ValueError, OverflowError, OSError):
            raise RecordRejected("its time of approval cannot be read") from None
        known_at, is_estimated = approved_at, False
    else:
        known_at, is_estimated = known_after(_sent_on(submission)), True
    if not FIRST_DAY <= known_at.date() <= (fetched_at + DAY).date():
        raise RecordRejected("its time of approval is in the future")
    return known_at, is_estimated


def _sent_on(submission: Mapping[str, Any]) -> date:
    try:
        moment = datetime.fromisoformat(str(submission.get("_submission_time")))
    except ValueError:
        raise RecordRejected("its time of submission cannot be read") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)  # KoboToolbox writes UTC without saying so
    try:
        return require_utc(moment).date()
    except OverflowError:
        raise RecordRejected("its time of submission cannot be read") from None


def _day(answer: Any, known_on: date) -> date:
    """Return the day of a date, or of a date-time in the reporter's time zone.

    Raises:
        RecordRejected: If it cannot be read, or is after the report or before 1900.
    """
    try:
        day = parse_day(str(answer).partition("T")[0])
    except ValueError:
        raise RecordRejected("its day cannot be read") from None
    if not FIRST_DAY <= day <= known_on + DAY:  # the reporter's day may begin before that of UTC
        raise RecordRejected("its day is after it was reported, or long ago")
    return day


def _place(form: Form, submission: Mapping[str, Any], places: Places) -> tuple[str, str]:
    """Return country and subdivision; the latter is the country if no known one is named.

    Raises:
        RecordRejected: If the country is unknown.
    """
    named = form.country or form.answer(submission, "country")
    country = places.country_named(named) if isinstance(named, str) and named else None
    if country is None:
        raise RecordRejected("its country is not a country of ISO 3166")
    admin1 = form.answer(submission, "admin1")
    region = None
    if isinstance(admin1, str) and admin1.strip():
        region = places.named(admin1, country.id)
    return country.id, (region or country).id


def _count(answer: Any, name: str) -> int | None:
    """Return a count, or None (unknown, not zero) if the question was not answered.

    Raises:
        RecordRejected: If it is not a plausible whole number.
    """
    if answer is None or answer == "":
        return None
    text = str(answer).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= MOST[name]):
        raise RecordRejected(f"{name} is not a whole number from 0 to {MOST[name]}")
    return int(text)
