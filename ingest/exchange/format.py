"""Reader of the event-exchange format, which `ewarn import` reads and the API's CSV export writes.

A file is CSV with a header, plain or gzip, or a workbook. A wrong row is refused with its line and
reason, and the other rows are read. Only a file that cannot be in this format raises
RecordRejected.

A tombstone (`deleted = true`) needs its source, its id and a day (`known_on` or `occurred_on`).
Other fields that are empty or wrong get neutral values, such as the kind `protest` and the country
`ZZZ`. These are never read, because the content hash of a tombstone ignores its content, and the
counts that it cancels are those of the version before it.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from ewarn.domain.event import CONTENT_FIELDS, DatePrecision, LocationPrecision
from ewarn.domain.kinds import PLANNED, EventKind
from ewarn.domain.source import Rejection
from ewarn.domain.time import known_after, midnight
from ewarn.errors import RecordRejected
from ewarn.files.tables import Table, read_table
from ewarn.files.values import is_like_a_day, shown
from ewarn.frames.events import EXCHANGE_COLUMNS, EXCHANGE_REQUIRED, ParsedBatch, event_frame
from ewarn.ports import Places
from ingest.exchange.coverage import coverage_of
from ingest.exchange.placing import Placing, location_precision
from ingest.exchange.wording import Wording
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells
from ingest.shared.decompress import unpacked
from ingest.shared.positions import lines_named

NOWHERE = "ZZZ"  # ISO 3166-1 reserves it for users; here only tombstones have it
AHEAD = timedelta(days=10 * 365)  # an announced day may be so far in the future
_MONTH = timedelta(days=31)
Row = dict[str, Any]


def read_exchange(
    body: bytes, places: Places, read_at: datetime, *, source_name: str | None = None
) -> ParsedBatch:
    """Read the events of an exchange file, with refused rows, remarks, and the covered weeks.

    Args:
        source_name: If given, rows of other sources are refused, and there is no coverage.

    Raises:
        RecordRejected: If required columns are missing, or the file is not a table.
    """
    table = read_table(unpacked(body), (EXCHANGE_REQUIRED,))
    return read_events(table, places, read_at, source_name=source_name)


def read_events(
    table: Table, places: Places, read_at: datetime, *, source_name: str | None = None
) -> ParsedBatch:
    """Read the events of a table that is already open, like `read_exchange`."""
    unknown = _check_header(table)
    placing, wording = Placing(places), Wording()
    rows: list[Row] = []
    rejected: list[Rejection] = []
    for record in table.records:
        try:
            if record.fault is not None:
                raise RecordRejected(record.fault)
            cells = wording.pared(record.line, record.cells)
            rows.append(_row(record.line, cells, placing, source_name, read_at.date()))
        except RecordRejected as error:
            rejected.append(Rejection(record.line, f"{error}."))
    kept, conflicting, doubles = without_conflicts(rows)
    # A source with its own reader knows which weeks it covers.
    coverage, gaps = coverage_of(kept if source_name is None else (), read_at.date())
    return ParsedBatch(
        events=event_frame(kept),
        rejected=tuple(sorted([*rejected, *conflicting], key=lambda r: r.line or 0)),
        skipped=Counter({"the same row again": doubles}) if doubles else Counter(),
        notes=(
            *table.notes,
            *unknown,
            *_ids_like_days(rows),
            *wording.notes(),
            *placing.notes(),
            *gaps,
        ),
        coverage=coverage,
    )


def _check_header(table: Table) -> list[str]:
    """Return remarks on unknown columns.

    Raises:
        RecordRejected: If required columns are missing.
    """
    missing = [name for name in EXCHANGE_REQUIRED if name not in table.columns]
    if missing:
        raise RecordRejected(
            f"Line {table.header_line} lacks the required columns {', '.join(missing)}: a header "
            f"with at least {', '.join(EXCHANGE_REQUIRED)} must be above the rows."
        )
    unknown = [shown(name) for name in table.columns if name not in EXCHANGE_COLUMNS]
    return [f"Columns not of this format are ignored: {', '.join(unknown)}."] if unknown else []


def _ids_like_days(rows: list[Row]) -> list[str]:
    """Return the remark on ids that a spreadsheet may have changed, or []."""
    lines = [row["line"] for row in rows if is_like_a_day(row["source_event_id"])]
    said = "ids look like days, which a spreadsheet makes of ids such as 3-1; if so, format"
    return (
        [f"{lines_named(lines)}: {said} the column as text and enter them again."] if lines else []
    )


def _row(line: int, cells: Cells, placing: Placing, expected: str | None, read_on: date) -> Row:
    """Parse one row of the event frame.

    Raises:
        RecordRejected: If it is wrong.
    """
    deleted = cell.flag(cells, "deleted")
    identity = {
        "source": cell.source(cells, expected),
        "source_event_id": cell.identifier(cells),
        "deleted": deleted,
        "line": line,
    }
    row = identity | (_tombstone(cells, placing) if deleted else _content(line, cells, placing))
    _check_days(row, read_on)
    return row


def _check_days(row: Row, read_on: date) -> None:
    """Check that no day is in the future, unless the event can be known before it.

    Raises:
        RecordRejected: If a day is in the future or before the event could be known.
    """
    today = read_on + timedelta(days=1)  # in some time zones it is already tomorrow
    if row["known_at"] > midnight(today) and (row["deleted"] or not row["known_at_estimated"]):
        raise RecordRejected(f"known_on {row['known_at']:%Y-%m-%d} has not come")
    if row["deleted"]:
        return
    announced = row["kind"] == EventKind.ELECTION or PLANNED in row["tags"].split(";")
    last = today + AHEAD if announced else today
    if row["occurred_on"] > last:
        raise RecordRejected(
            f"occurred_on {row['occurred_on']} has not come: only an election, or what is tagged "
            f"'planned', may lie ahead, and by {AHEAD.days // 365} years at most"
        )
    spans = row["date_precision"] != DatePrecision.DAY
    if row["kind"] == EventKind.RESTRICTION or (spans and row["ended_on"] <= today + _MONTH):
        last = today + AHEAD
    if row["ended_on"] > last:
        raise RecordRejected(f"ended_on {row['ended_on']} has not come")
    if not announced and row["known_at"] < midnight(row["occurred_on"]):
        raise RecordRejected(
            f"known_on {row['known_at']:%Y-%m-%d} is before occurred_on {row['occurred_on']}: only "
            "an election, or what is tagged 'planned', is known before it happens"
        )


def _content(line: int, cells: Cells, placing: Placing) -> Row:
    cell.required(cells, "kind")
    kind = cell.choice(cells, "kind", EventKind, None)
    cell.required(cells, "occurred_on")
    days = _days(cells)
    country = placing.country(cell.required(cells, "country")).id
    position = cell.position(cells)
    if position is not None and not placing.positions.believed(line, country, position):
        position = None
    participants, fatalities = cell.participants(cells), cell.counts(cells, "fatalities")
    region = placing.region(line, country, cells, position)
    precision = location_precision(cells, region != country, position)
    return days | {
        "kind": kind.value,
        "country": country,
        "region": region,
        "place": cells.get("place") or None,
        "latitude": position and position[0],
        "longitude": position and position[1],
        "location_precision": precision.value,
        "participants_low": participants[0],
        "participants_high": participants[1],
        "fatalities_low": fatalities[0],
        "fatalities_high": fatalities[1],
        "injured": cell.count(cells, "injured"),
        "arrests": cell.count(cells, "arrests"),
        "tags": cell.tags(cells),
        "summary": cells.get("summary") or None,
        "source_url": cells.get("source_url") or None,
    }


def _tombstone(cells: Cells, placing: Placing) -> Row:
    """Return the fields that a deleted row has, and neutral values for the others."""
    kind = cells.get("kind", "")
    try:
        country = placing.country(cells.get("country", "")).id
    except RecordRejected:
        country = NOWHERE
    return _days(cells) | {
        "kind": kind if kind in list(EventKind) else EventKind.PROTEST.value,
        "country": country,
        "region": country,
        "location_precision": LocationPrecision.COUNTRY.value,
        "tags": "",
    }


def _days(cells: Cells) -> Row:
    """Return the days of a row, and when it was known.

    A day of publication means its midnight. If it is missing, it is estimated as the day after the
    end. Publication may be before the event: votes are announced.
    """
    known_on = cell.day(cells, "known_on")
    occurred_on = cell.day(cells, "occurred_on") or known_on
    if occurred_on is None:
        raise RecordRejected("a deleted row needs known_on or occurred_on")
    ended_on = cell.day(cells, "ended_on") or occurred_on
    if ended_on < occurred_on:
        raise RecordRejected(f"ended_on {ended_on} is before occurred_on {occurred_on}")
    precision = cell.choice(cells, "date_precision", DatePrecision, DatePrecision.DAY)
    return {
        "occurred_on": occurred_on,
        "ended_on": ended_on,
        "date_precision": precision.value,
        "known_at": known_after(ended_on) if known_on is None else midnight(known_on),
        "known_at_estimated": known_on is None,
    }


def without_conflicts(rows: list[Row]) -> tuple[list[Row], list[Rejection], int]:
    """Separate rows that contradict each other, and rows that repeat another.

    Rows contradict each other if they state different things about one event at one time.

    Returns:
        The valid rows, the refusals of contradicting rows, and the number of repeated rows.
    """
    versions: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        versions[row["source"], row["source_event_id"], row["known_at"]].append(row)
    kept, rejected, doubles = [], [], 0
    for (source, id_, _), same in versions.items():
        if len({_content_key(row) for row in same}) == 1:
            kept.append(same[0])
            doubles += len(same) - 1
            continue
        lines = lines_named([row["line"] for row in same])
        reason = (
            f"event {id_} of {source} stands on {lines} with one known_on and different contents; "
            "keep one, or give the correction its own known_on."
        )
        rejected += [Rejection(row["line"], reason) for row in same]
    return kept, rejected, doubles


def _content_key(row: Row) -> tuple[Any, ...]:
    if row["deleted"]:
        return (True,)
    return (False, *(row.get(name) for name in CONTENT_FIELDS))
