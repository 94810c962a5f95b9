"""Tests of what decides where a row is, and of notes on contradictions."""

import pytest

from ewarn.places.gazetteer import load_gazetteer
from ingest.shared.positions import Positions, lines_named

TEHRAN, SHIRAZ = (35.7, 51.4), (29.6, 52.5)
PRISTINA, LOME, AT_SEA = (42.66, 21.16), (6.17, 1.2), (0.0, -25.0)
EL_PASO = (31.76, -106.49)  # our simplified border has it in Mexico


@pytest.fixture
def positions() -> Positions:
    return Positions(load_gazetteer())


def found(
    positions: Positions, country: str, name: str, position: tuple[float, float]
) -> str | None:
    region = positions.named(7, country, name, position)
    return None if region is None else region.id


@pytest.mark.parametrize(
    ("country", "name", "position", "region", "remark"),
    [
        ("IRN", "", TEHRAN, "IR-23", ""),
        ("IRN", "IR-23", TEHRAN, "IR-23", ""),
        ("IRN", "IR26", TEHRAN, "IR-23", ""),  # FIPS
        (
            "IRN",
            "IR-07",
            TEHRAN,
            "IR-23",
            "admin1 'IR-07' is a code of Fars (IR-07), but the position is in Tehran (IR-23); "
            "placed by position",
        ),
        ("IRN", "Fars", TEHRAN, "IR-07", ""),  # a name outranks a position
        (
            "IRN",
            "Mordor",
            TEHRAN,
            None,
            "admin1 'Mordor' is not in IRN; stored at country precision",
        ),
        (
            "SRB",
            "",
            PRISTINA,
            None,
            "the position is in XKX (Priština), not in SRB; stored at country precision",
        ),
        (
            "SRB",
            "RS-24",
            PRISTINA,
            None,
            "the position is in XKX (Priština), not in SRB; stored at country precision",
        ),
        (
            "SRB",
            "Pcinjski",
            PRISTINA,
            "RS-24",
            "the position is in XKX (Priština), not in SRB; placed by the name 'Pcinjski'",
        ),
        (
            "USA",
            "US-TX",
            EL_PASO,
            "US-TX",
            "the position is in MEX (Chihuahua), not in USA; placed by the code 'US-TX'",
        ),
        (
            "TGO",
            "",
            AT_SEA,
            None,
            "the position is not in TGO; stored at country precision",
        ),
        ("TGO", "TG-K", AT_SEA, "TG-K", ""),
        ("TGO", "TG", LOME, None, "admin1 'TG' is not in TGO; stored at country precision"),
    ],
)
def test_a_row_with_a_position(
    positions: Positions,
    country: str,
    name: str,
    position: tuple[float, float],
    region: str | None,
    remark: str,
) -> None:
    assert found(positions, country, name, position) == region
    assert positions.notes() == ((f"line 7: {remark}.",) if remark else ())


def test_a_remark_is_made_once_for_all_its_lines(positions: Positions) -> None:
    for line in range(1, 9):
        assert positions.region(line, "SRB", "", PRISTINA) is None
    (note,) = positions.notes()
    assert note.startswith("lines 1, 2, 3, 4, 5 and 3 more: the position is in XKX")
    assert positions.notes() == ()


def test_where_the_position_comes_first_a_name_only_helps(positions: Positions) -> None:
    by_position = positions.region(1, "IRN", "Fars", TEHRAN)
    by_name = positions.region(2, "SRB", "Pcinjski", PRISTINA)
    assert by_position is not None
    assert by_name is not None
    assert (by_position.id, by_name.id) == ("IR-23", "RS-24")


def test_lines_are_named_up_to_five() -> None:
    assert lines_named([3]) == "line 3"
    assert lines_named([3, 8]) == "lines 3, 8"
    assert lines_named([*range(1, 48)]) == "lines 1, 2, 3, 4, 5 and 42 more"


@pytest.mark.parametrize(
    ("country", "position", "remark"),
    [
        ("TGO", LOME, ""),
        ("TGO", (6.0, 1.2), ""),  # off the coast
        ("TGO", (0.5, -25.5), ""),  # far off, but nobody else's
        ("TGO", AT_SEA, "a position of whole degrees is none"),
        ("TGO", (8.0, 1.0), "a position of whole degrees is none"),
        ("TGO", (90.0, 180.0), "a position of whole degrees is none"),
        ("TGO", (0.0001, 0.0002), "the position 0, 0 means that none is known"),
        ("TGO", (0.0, 1.2123), "the position has a 0 and is outside TGO"),
        ("UGA", (0.0, 32.5), ""),  # on the equator
        ("USA", EL_PASO, ""),  # beyond our simplified border
        ("SUN", (55.75, 37.6), ""),  # a state that no longer exists has no borders here
        ("TGO", (0.0, 0.0), "the position 0, 0 means that none is known"),
        (
            "TGO",
            (1.2, 6.17),
            "with latitude and longitude swapped the position would lie in Maritime (TG-M)",
        ),
        (
            "KEN",
            (1.29, 36.82 - 73.64),
            "with the other sign of its longitude the position would lie in Rift Valley (KE-700)",
        ),
        (
            "ZWE",
            (17.83, 31.05),
            "with the other sign of its latitude the position would lie in Harare (ZW-HA)",
        ),
        ("TGO", TEHRAN, "the position is in IRN, far from TGO"),
        ("TGO", (51.5, 100.0), "the position is in MNG, far from TGO"),
    ],
)
def test_a_position_that_cannot_be_meant_is_not_believed(
    positions: Positions, country: str, position: tuple[float, float], remark: str
) -> None:
    assert positions.believed(7, country, position) == (not remark)
    assert positions.notes() == ((f"line 7: {remark}; it was not stored.",) if remark else ())
