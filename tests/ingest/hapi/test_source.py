"""Tests of reading HDX HAPI: once a month, in whole months, also from short pages."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ewarn.domain.source import Payload
from ewarn.errors import SourceDenied, SourceError, SourceRefused, SourceUnreachable
from ingest.hapi.rows import month_after, months_before
from ingest.hapi.source import HapiSource, months_to_read, newest_whole_month
from ingest.shared.web import Web
from tests.ingest.hapi.provider import InventedHapi, count
from tests.provider import Provider, Reply, Request, fetched

NOW = datetime(2025, 11, 20, 6, tzinfo=UTC)
SINCE = datetime(2025, 10, 16, tzinfo=UTC)  # September had been counted to its end
NEWEST = date(2025, 10, 1)
EMAIL = "office@example.org"
COUNTS = "/coordination-context/conflict-events"


@pytest.fixture
def hapi(provider: Provider) -> InventedHapi:
    months = [months_before(NEWEST, number) for number in range(-1, 24)]
    return InventedHapi(provider, [count(month, events=2) for month in months])


@pytest.fixture
def source(hapi: InventedHapi, web: Web) -> HapiSource:
    return HapiSource(web, url=hapi.provider.url, email=EMAIL)


def rows_of(payload: Payload) -> list[dict[str, Any]]:
    return [row for page in json.loads(payload.body) for row in page["data"]]


def months_in(payload: Payload) -> Counter[str]:
    return Counter(row["reference_period_start"][:7] for row in rows_of(payload))


def test_without_an_address_it_is_switched_off() -> None:
    assert HapiSource(email=EMAIL).obstacle is None
    assert "EWARN_HAPI_EMAIL" in str(HapiSource().obstacle)
    assert HapiSource(email=EMAIL, app_name="").obstacle is not None


@pytest.mark.parametrize(
    ("counted_at", "month"),
    [
        (datetime(2025, 11, 13, tzinfo=UTC), date(2025, 10, 1)),
        (datetime(2025, 11, 10, tzinfo=UTC), date(2025, 9, 1)),
        (datetime(2025, 11, 11, tzinfo=UTC), date(2025, 10, 1)),
        (datetime(2025, 1, 20, tzinfo=UTC), date(2024, 12, 1)),
    ],
)
def test_a_month_is_whole_ten_days_after_its_end(counted_at: datetime, month: date) -> None:
    assert newest_whole_month(counted_at) == month


def test_months_are_counted_across_years() -> None:
    assert month_after(date(2024, 12, 1)) == date(2025, 1, 1)
    assert month_after(date(2024, 2, 1)) == date(2024, 3, 1)
    assert months_before(date(2025, 1, 1), 1) == date(2024, 12, 1)
    assert months_before(date(2025, 1, 1), 13) == date(2023, 12, 1)


def test_which_months_are_read() -> None:
    assert len(months_to_read(None, NEWEST)) == 24
    revised = [date(2025, 8, 1), date(2025, 9, 1), NEWEST]
    assert months_to_read(date(2025, 9, 1), NEWEST) == revised
    assert months_to_read(date(2025, 5, 1), NEWEST)[0] == date(2025, 6, 1), "a gap is filled"
    assert len(months_to_read(date(2020, 5, 1), NEWEST)) == 24
    assert months_to_read(NEWEST, NEWEST) == []
    assert months_to_read(date(2025, 11, 1), NEWEST) == []


def test_a_new_month_comes_with_those_that_may_have_been_revised(source: HapiSource) -> None:
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert [payload.name[:7] for payload in payloads] == ["2025-08", "2025-09", "2025-10"]
    known_at = datetime(2025, 11, 14, 1, 33, 17, 123000, tzinfo=UTC)
    for payload in payloads:
        (span,) = payload.whole
        assert span.known_at == known_at
        assert (span.first_day, span.last_day) == (
            date.fromisoformat(payload.name[:7] + "-01"),
            payload.last_day,
        )
    marks = [payload.published_at for payload in payloads]
    assert marks == [SINCE, SINCE, datetime(2025, 11, 13, 10, 29, 54, tzinfo=UTC)]


def test_nothing_is_read_until_another_month_is_whole(
    hapi: InventedHapi, source: HapiSource
) -> None:
    payloads, _ = fetched(source, SINCE, NOW)
    hapi.counted_at, hapi.taken_in_at = "2025-11-20T00:00:00", "2025-11-20T01:00:00"
    assert fetched(source, payloads[-1].published_at, NOW) == ([], None)
    assert hapi.provider.asked[-1] == "/metadata/resource"


def test_the_first_reading_takes_two_years(source: HapiSource) -> None:
    payloads, error = fetched(source, None, NOW)
    assert error is None
    assert len(payloads) == 24
    assert payloads[0].published_at == datetime(2023, 11, 1, tzinfo=UTC)


def test_a_reading_that_breaks_off_is_taken_up_again(
    hapi: InventedHapi, source: HapiSource
) -> None:
    def breaks(request: Request) -> Reply | None:
        return Reply(b"", 503) if request.query.get("start_date") == "2024-03-01" else None

    hapi.meddle = breaks
    payloads, error = fetched(source, None, NOW)
    assert isinstance(error, SourceUnreachable)
    hapi.meddle = lambda _: None
    again, error = fetched(source, payloads[-1].published_at, NOW)
    assert error is None
    assert {payload.name[:7] for payload in [*payloads, *again]} == {
        f"{months_before(NEWEST, number):%Y-%m}" for number in range(24)
    }


@pytest.mark.parametrize("most", [1, 7, 10_000])
def test_pages_cut_short_are_no_end(hapi: InventedHapi, source: HapiSource, most: int) -> None:
    hapi.most = most
    hapi.counts = [
        count(months_before(NEWEST, back), admin_level=1, admin1_name=f"area {number}")
        for back in range(3)
        for number in range(15)
    ]
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert [months_in(payload) for payload in payloads] == [
        {"2025-08": 15, "2025-09": 15},  # HAPI may count the day after the end as inside
        {"2025-09": 15, "2025-10": 15},
        {"2025-10": 15},
    ]


def test_pages_are_kept_as_they_came(hapi: InventedHapi, source: HapiSource) -> None:
    pages: list[bytes] = []
    hapi.counts.clear()

    def keeps(request: Request) -> Reply | None:
        if request.path != COUNTS or request.query["offset"] != "0":
            return None
        page = json.dumps(
            {"data": [count(date.fromisoformat(request.query["start_date"]))]}, indent=3
        ).encode()
        pages.append(page)
        return Reply(page)

    hapi.meddle = keeps
    payloads, _ = fetched(source, SINCE, NOW)
    assert [payload.body for payload in payloads] == [b"[" + page + b"]" for page in pages]


def test_a_start_is_always_named_and_the_address_never_told(
    hapi: InventedHapi, source: HapiSource
) -> None:
    fetched(source, SINCE, NOW)
    asked = [request for request in hapi.provider.requests if request.path == COUNTS]
    assert all("start_date" in request.query for request in asked)
    assert all("app_identifier" not in request.query for request in hapi.provider.requests)


def test_rows_that_move_between_pages_are_read_again(
    hapi: InventedHapi, source: HapiSource
) -> None:
    hapi.most = 2
    rows = [count(NEWEST, admin_level=1, admin1_name=f"area {n}") for n in range(4)]
    hapi.counts = [count(date(2025, 8, 1)), count(date(2025, 9, 1)), *rows]
    moved: list[int] = []

    def moves(request: Request) -> Reply | None:
        if request.query.get("start_date") == "2025-10-01" and request.query["offset"] == "2":
            moved.append(1)
            if len(moved) == 1:
                hapi.counts.insert(2, count(NEWEST, admin_level=1, admin1_name="new"))
        return None

    hapi.meddle = moves
    payloads, error = fetched(source, SINCE, NOW)
    assert error is None
    assert len(rows_of(payloads[-1])) == 5


def test_the_same_page_for_ever_is_given_up(hapi: InventedHapi, source: HapiSource) -> None:
    page = json.dumps({"data": [count(date(2025, 8, 1))]}).encode()
    hapi.meddle = lambda request: Reply(page) if request.path == COUNTS else None
    payloads, error = fetched(source, SINCE, NOW)
    assert payloads == []
    assert isinstance(error, SourceUnreachable)
    assert "on two pages, 3 times" in str(error)


def test_counts_renewed_while_they_are_read_are_read_again(
    hapi: InventedHapi, source: HapiSource
) -> None:
    def renews(request: Request) -> Reply | None:
        if request.query.get("start_date") == "2025-10-01":
            hapi.taken_in_at = "2025-11-21T00:00:00"
        return None

    hapi.meddle = renews
    payloads, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceUnreachable)
    assert {payload.published_at for payload in payloads} == {SINCE}


def test_a_month_without_a_row_is_no_month_without_events(
    hapi: InventedHapi, source: HapiSource
) -> None:
    hapi.counts = [row for row in hapi.counts if "2025-10" not in row["reference_period_start"]]
    hapi.counts = [row for row in hapi.counts if "2025-11" not in row["reference_period_start"]]
    payloads, error = fetched(source, SINCE, NOW)
    assert len(payloads) == 2
    assert isinstance(error, SourceRefused)
    assert "no count of 2025-10, not even zeros" in str(error)


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b"<html>Maintenance</html>", SourceRefused, "web page"),
        (b'{"data": [{"a"', SourceUnreachable, "cannot be used"),
        (b'{"error": "no"}', SourceRefused, "no list called `data`"),
        (b'{"data": []}', SourceRefused, "lists no dataset 'civilian-targeting'"),
        (b'{"data": [{"dataset_hdx_stub": "civilian-targeting-x"}]}', SourceRefused, "demonstr"),
    ],
)
def test_metadata_that_are_none_are_refused(
    hapi: InventedHapi, source: HapiSource, body: bytes, kind: type[SourceError], says: str
) -> None:
    hapi.meddle = lambda _: Reply(body)
    payloads, error = fetched(source, SINCE, NOW)
    assert payloads == []
    assert isinstance(error, kind)
    assert says in str(error)


def test_metadata_without_a_date_are_refused(hapi: InventedHapi, source: HapiSource) -> None:
    hapi.counted_at = "last week"
    _, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceRefused)
    assert "do not say update_date" in str(error)


def test_an_identifier_that_is_not_taken_names_its_settings(hapi: InventedHapi, web: Web) -> None:
    source = HapiSource(web, url=hapi.provider.url, email="nobody")
    _, error = fetched(source, SINCE, NOW)
    assert isinstance(error, SourceRefused)
    assert "EWARN_HAPI_APP_NAME and EWARN_HAPI_EMAIL" in str(error)


def test_an_identifier_that_is_blocked_is_denied(hapi: InventedHapi, source: HapiSource) -> None:
    hapi.meddle = lambda _: Reply(b"", 403)
    assert isinstance(fetched(source, SINCE, NOW)[1], SourceDenied)


def test_too_many_requests_are_waited_out(hapi: InventedHapi, source: HapiSource) -> None:
    told: list[int] = []

    def is_busy(_: Request) -> Reply | None:
        told.append(1)
        return Reply(b"", 429, {"Retry-After": "3"}) if len(told) == 2 else None

    hapi.meddle = is_busy
    assert len(fetched(source, SINCE, NOW)[0]) == 3


def test_what_hapi_takes_in_tomorrow_is_known_today_at_the_latest(
    hapi: InventedHapi, source: HapiSource
) -> None:
    hapi.taken_in_at = "2031-01-01T00:00:00"
    assert {payload.whole[0].known_at for payload in fetched(source, SINCE, NOW)[0]} == {NOW}
