from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from ewarn.domain import time

MONDAY = date(2020, 2, 24)
LOME_TO_DHAKA = timezone(timedelta(hours=6))


@pytest.mark.parametrize("day", [MONDAY, date(2020, 2, 29), date(2020, 3, 1)])
def test_a_week_is_named_by_its_monday_leap_day_or_not(day: date) -> None:
    assert time.week_of(day) == MONDAY


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [
        (MONDAY, MONDAY + 6 * time.DAY, (MONDAY, MONDAY)),
        (MONDAY - time.DAY, MONDAY + 13 * time.DAY, (MONDAY, MONDAY + time.WEEK)),
        (MONDAY + time.DAY, MONDAY + 20 * time.DAY, (MONDAY + time.WEEK, MONDAY + 2 * time.WEEK)),
        (MONDAY, MONDAY + 5 * time.DAY, None),
        (MONDAY + time.DAY, MONDAY + 12 * time.DAY, None),
    ],
)
def test_a_week_counts_where_all_of_its_days_lie_within(
    first: date, last: date, weeks: tuple[date, date] | None
) -> None:
    assert time.whole_weeks(first, last) == weeks


def test_an_origin_is_a_monday_in_utc_wherever_one_stands() -> None:
    assert time.origin_at(datetime(2020, 3, 2, tzinfo=UTC)) == date(2020, 3, 2)
    assert time.origin_at(datetime(2020, 3, 1, 23, 59, tzinfo=UTC)) == MONDAY
    assert time.origin_at(datetime(2020, 3, 2, 5, tzinfo=LOME_TO_DHAKA)) == MONDAY


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        time.origin_at(datetime(2020, 3, 2))  # noqa: DTZ001


def test_what_nobody_dated_is_known_the_day_after() -> None:
    assert time.known_after(date(2020, 2, 28)) == datetime(2020, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2020-2-1", "20200201", "2020-02-30", "yesterday", ""])
def test_a_day_is_written_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day written YYYY-MM-DD"):
        time.parse_day(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-02-29", datetime(2020, 2, 29, tzinfo=UTC)),
        ("2020-02-29T06:00:00+06:00", datetime(2020, 2, 29, tzinfo=UTC)),
        ("2020-02-29T00:00:00Z", datetime(2020, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_day_or_a_time_with_its_zone(text: str, moment: datetime) -> None:
    assert time.parse_moment(text) == moment
    assert time.parse_moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-02-29", datetime(2020, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2020-12-31", datetime(2020, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2020-02-29T00:00:00Z", datetime(2020, 2, 29, tzinfo=UTC)),
        ("2020-02-29T23:00:00-02:00", datetime(2020, 3, 1, 1, tzinfo=UTC)),
    ],
)
def test_who_asks_as_of_a_day_means_its_end(text: str, moment: datetime) -> None:
    assert time.parse_as_of(text) == moment


@pytest.mark.parametrize("text", ["2020-02-30", "2020-02-29T00:00:00", "today"])
def test_as_of_no_moment_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"has no time zone|is not"):
        time.parse_as_of(text)


@pytest.mark.parametrize("text", ["2020-02-29T00:00:00", "2020-02-30", "soon, very soon"])
def test_what_is_no_moment_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"has no time zone|is not"):
        time.parse_moment(text)


@pytest.mark.parametrize("name", ["UTC", "Africa/Dakar", "America/Argentina/Salta", "Etc/GMT+1"])
def test_a_zone_has_a_place(name: str) -> None:
    assert time.require_zone(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *("posixrules", "localtime", "Factory", "posix/Africa/Dakar", "right/UTC", "GMT", "EST"),
        *("utc", "africa/dakar", "../UTC", "/etc/passwd", "Africa/", "Africa", "", "zone.tab"),
    ],
)
def test_what_is_no_zone_of_a_place_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone such as Africa/Dakar"):
        time.require_zone(name)


@pytest.mark.parametrize("read", [time.require_zone, time.parse_clock])
def test_a_refusal_quotes_sixty_signs_at_most(read: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match=f"^'{60 * 'x'}' is not"):
        read(100 * "x")


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31"])
def test_a_day_that_somebody_states_lies_in_years_that_make_sense(text: str) -> None:
    with pytest.raises(ValueError, match="does not lie in the years 1900 to 2100"):
        time.stated_day(text)
    assert time.stated_day("1900-01-01") == time.FIRST_DAY
    assert time.stated_day("2100-12-31") == time.LAST_DAY


@pytest.mark.parametrize("text", ["22", "2200", "22:00Z", "22:00+02:00", "24:00", "7:00", ""])
def test_a_time_of_day_is_written_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time of day written 18:00"):
        time.parse_clock(text)
