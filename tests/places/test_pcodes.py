"""Tests of P-codes: which name a region, which do not, and how a gazetteer uses them.

The list is invented in the layout of OCHA's; the codes of Togo and Mali are written as theirs are.
"""

from pathlib import Path

import pytest

from ewarn.errors import InputError
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.places.pcodes import FILE, Pcodes, read_pcodes, summary
from ewarn.run.settings import Settings
from ewarn.run.wiring import load_places

LIST = b"""\
Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date
#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start
TGO,1,TG03,Maritime,TGO,2017-01-01
TGO,1,TG01,Centrale,TGO,2017-01-01
TGO,2,TG0301,Golfe,TG03,2017-01-01
COD,1,CD51,Tshopo,COD,2018-01-01
COD,1,CD54,Ituri,COD,2018-01-01
GIN,1,GN06,Kindia,GIN,2017-01-01
TGO,1,TG99,Mordor,TGO,2017-01-01
MLI,1,ML01,Kayes,MLI,2017-01-01
"""


@pytest.fixture(scope="module")
def plain() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def pcodes(plain: Gazetteer) -> Pcodes:
    return read_pcodes(LIST, plain)


def found(places: Gazetteer, code: str) -> str | None:
    region = places.find(code)
    return None if region is None else region.id


def test_codes_of_the_first_level_lead_to_regions_by_name(pcodes: Pcodes) -> None:
    assert pcodes.regions == {"TG03": "TG-M", "TG01": "TG-C", "CD51": "CD-OR", "CD54": "CD-OR"}


def test_what_was_not_matched_is_said(plain: Gazetteer, pcodes: Pcodes) -> None:
    assert found(plain, "ML01") == "ML-BKO"  # FIPS: Bamako
    reasons = {item.code: item.reason for item in pcodes.unmatched}
    assert reasons == {
        "GN06": "it holds several subdivisions",
        "TG99": "no subdivision is called so",
        "ML01": "it is a code of ML-BKO in another scheme",
    }
    assert summary(pcodes) == (
        "4 P-codes lead to a subdivision, 3 do not (most in GIN 1, TGO 1, MLI 1)."
    )


def test_a_gazetteer_with_them_finds_and_shows_them(plain: Gazetteer, pcodes: Pcodes) -> None:
    places = pcodes.added_to(plain)
    assert found(places, "tg03") == "TG-M"
    assert found(places, "CD51") == found(places, "CD54") == "CD-OR"
    assert found(places, "ML01") == "ML-BKO"
    assert found(places, "TO26") == "TG-S"  # the codes there were
    named = places.named("TG03", "TGO")
    assert named is not None
    assert named.id == "TG-M"
    assert dict(places.get("TG-M").codes)["pcode"] == "TG03"
    assert {dict(child.codes).get("pcode") for child in places.children("TGO")} == {
        "TG03",
        "TG01",
        None,
    }
    assert "pcode" not in dict(places.get("CD-OR").codes)  # it has two
    assert found(plain, "TG03") is None  # the one without them is as it was
    assert "pcode" not in dict(plain.get("TG-M").codes)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"Location,Name\nTGO,Maritime\n", "lacks the columns Admin Level, P-Code"),
        (b"", "lacks the columns Location"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_another_file_is_refused(plain: Gazetteer, body: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_pcodes(body, plain)


def test_a_service_reads_the_list_of_its_data_folder(plain: Gazetteer, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert load_places(settings) is plain
    (tmp_path / FILE).write_bytes(LIST)
    assert found(load_places(settings), "TG03") == "TG-M"
