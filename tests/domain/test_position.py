"""Tests that positions in texts are distinguished from other numbers."""

import pytest

from ewarn.domain.position import holds_position


@pytest.mark.parametrize(
    "text",
    [
        *("6.137,1.212", "@6.137,1.212", "6.1374561/1.2123456", "N6.137 E1.212", "-6.137;-1.212"),
        *("6,1374561 1,2123456", "lat:6.1374561", "lat 6.13", "geo:6.13,1.21", "6°08'14\"N"),
        *("6° 8′ N", "６.１３７,１.２１２", "٦.١٣٧,١.٢١٢", "6 08 14 N 1 12 45 E", "6FRX4FPQ+GH"),
        *("Home 6.1374561", "(6.137, 1.212)", "lon=1.21", "6.1374561N"),
    ],
)
def test_a_position_is_seen(text: str) -> None:
    assert holds_position(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Lomé", "1,200 to 1,500 people", "1.234", "12.5%", "2026-01-05", "108.24, 108.25"),
        *(
            "A/HRC/34/4",
            "2,02601E+12",
            "1.23457E+15",
            "long 3.5 km",
            "38 °C",
            "1.5 to 2.25",
            "n° 3",
        ),
        *("Route N 1", "3 000 000", "1,234,567.00", "late 2.5", "42 north of the river"),
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert not holds_position(text)
