"""Tests of the source of field reports."""

from ewarn.places.gazetteer import load_gazetteer
from ingest.reports.source import ReportsSource
from tests.ingest.kobo.provider import CONDITIONS
from tests.ingest.reports.sample import payload_with, verified


def test_what_is_missing_is_named_exactly() -> None:
    assert ReportsSource(office="dakar", protection=CONDITIONS).obstacle is None
    missing = str(ReportsSource(protection=CONDITIONS).obstacle)
    assert missing.endswith("only once these are set: EWARN_REPORTS_OFFICE")
    for name in ("KEY", "RETENTION_DAYS"):
        assert f"EWARN_PROTECTION_{name}" in str(ReportsSource(office="dakar").obstacle)


def test_an_event_is_of_a_whole_week_and_of_a_region_and_has_no_text() -> None:
    midweek = verified("1", week="2024-01-31", fatalities=2)
    payload = payload_with(midweek, verified("2", region="TGO"), verified("3", withdrawn=True))
    (batch,) = ReportsSource().parse(payload, load_gazetteer())
    first, second, third = batch.events.to_dict("records")
    assert (str(first["occurred_on"])[:10], str(first["ended_on"])[:10]) == (
        "2024-01-29",
        "2024-02-04",
    )
    assert (first["fatalities_low"], first["arrests"], first["location_precision"]) == (
        2,
        3,
        "admin1",
    )
    assert (second["location_precision"], third["deleted"]) == ("country", True)
    for name in ("place", "latitude", "longitude", "summary", "source_url"):
        assert batch.events[name].isna().all(), name


def test_what_cannot_be_read_is_refused_by_number_and_not_quoted() -> None:
    wrong = [
        verified("1", kind="Kossi Mensah"),
        verified("2", arrests=90_112_233),
        verified("3", text="Kossi Mensah"),
        verified("4", region="TG-Kossi"),
        verified("5", known_at="2024-02-08"),
        None,
    ]
    (batch,) = ReportsSource().parse(payload_with(*wrong), load_gazetteer())
    assert [each.reason for each in batch.rejected] == [
        f"report {number} of the payload cannot be read." for number in range(1, 7)
    ]
    assert batch.events.empty
