"""Tests of how long a server asks to wait."""

from datetime import UTC, datetime

import pytest

from ewarn.domain.delivery import retry_after

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 400, float("inf")),
        ("Mon, 05 Jan 2026 12:10:00 GMT", 600.0),
        ("Mon, 05 Jan 2026 12:10:00 -0000", 600.0),
        ("Mon, 05 Jan 2026 14:10:00 +0200", 600.0),
        ("Mon, 05 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("\u00b2", None),  # a digit that `int` does not read
        ("Mon, 05 Jan 99999 12:00:00 GMT", None),
    ],
)
def test_a_wait_is_a_number_of_seconds_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after(said, NOW) == seconds


def test_a_date_is_no_wait_where_nobody_knows_the_time() -> None:
    assert retry_after("Mon, 05 Jan 2026 12:10:00 GMT", None) is None
    assert retry_after("120", None) == 120.0
