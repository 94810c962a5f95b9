"""Tests that a report is stored once, and that an erased one leaves nothing in the files."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from ewarn.domain.reports.field_report import ReportState
from ewarn.store.database.engine import Store
from ewarn.store.reports import reports
from ewarn.store.reports.reports import SealedReport
from ewarn.store.reports.traces import clear_traces

KEY = b"an invented data key, sealed " * 2
DAY = date(2024, 2, 8)


def sealed(number: int, country: str = "TGO") -> SealedReport:
    return SealedReport(
        id=f"report-{number}",
        country=country,
        state=ReportState.RECEIVED,
        received_on=DAY,
        submission=f"submission {number}",
        receipt=f"receipt {number}",
        key_id="0" * 8,
        facts=b"facts",
        words=b"words",
        data_key=KEY + str(number).encode(),
    )


def test_a_submission_is_stored_once_and_found_by_its_hashes(store: Store) -> None:
    with store.write() as connection:
        assert reports.add(connection, sealed(1))
        assert not reports.add(connection, sealed(1))
        assert reports.add(connection, sealed(2, "GHA"))
        assert reports.of_submission(connection, "submission 1") == sealed(1)
        assert reports.of_receipt(connection, "receipt 2") == sealed(2, "GHA")
        assert reports.of_receipt(connection, "receipt 3") is None
        assert reports.find(connection, "report-2", ("TGO",)) is None
        assert reports.find(connection, "report-2", ()) == sealed(2, "GHA")
        reports.set_state(connection, "report-1", ReportState.COUNTED)
        waiting = reports.listed(connection, (), [ReportState.RECEIVED], limit=9)
        assert [each.id for each in waiting] == ["report-2"]
        late = reports.listed(connection, (), [], after=(DAY, "report-1"), limit=9)
        assert [each.id for each in late] == ["report-2"]


def files_of(store: Store, folder: Path | None) -> bytes:
    """Return what the files of the database hold of the data keys."""
    if folder is None:
        path = Path(str(store.url.database))
        return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("CHECKPOINT"))
        found = connection.scalar(text("SELECT pg_relation_filepath('field_report_key')"))
    return (folder / "data" / str(found)).read_bytes()


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_an_erased_key_is_in_no_file_of_the_database(
    store: Store, request: pytest.FixtureRequest
) -> None:
    folder = None if store.is_sqlite else request.getfixturevalue("postgresql").folder
    with store.write() as connection:
        for number in range(1, 4):
            reports.add(connection, sealed(number))
    with store.write() as connection:
        reports.erase(connection, ["report-2"])
        erased = reports.find(connection, "report-2", ())
    assert erased is not None
    assert (erased.state, erased.facts, erased.words, erased.data_key) == (
        ReportState.ERASED,
        None,
        None,
        None,
    )
    assert KEY + b"2" in files_of(store, folder)  # deleted, but still there
    assert clear_traces(store)
    found = files_of(store, folder)
    assert (KEY + b"2" in found, KEY + b"1" in found, KEY + b"3" in found) == (False, True, True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_while_somebody_reads_the_files_are_cleared_later(store: Store) -> None:
    with store.write() as connection:
        reports.add(connection, sealed(1))
    with store.read() as reading:
        assert reports.find(reading, "report-1", ()) is not None
        with store.write() as connection:
            reports.erase(connection, ["report-1"])
        assert not clear_traces(store)
    assert clear_traces(store)
    assert KEY not in files_of(store, None)


def test_reports_are_counted_by_state_and_day(store: Store) -> None:
    with store.write() as connection:
        for number in range(3):
            reports.add(connection, sealed(number))
        reports.set_state(connection, "report-2", ReportState.NOT_COUNTED)
        assert reports.numbers(connection) == [
            (ReportState.NOT_COUNTED, DAY, 1),
            (ReportState.RECEIVED, DAY, 2),
        ]
