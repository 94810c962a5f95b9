"""Tests of codes against pycountry's ISO 3166-2, and of corrections of Natural Earth.

`iso_3166_2_exceptions.csv` lists every code that pycountry lacks, or gives to a place of another
name, with the reason why it stays.
"""

import csv
import re
from collections import Counter
from pathlib import Path

import pycountry
import pytest

from ewarn.domain.region import Level, Region
from ewarn.places.corrections import FORMER, corrections, names_by_code
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.places.names import fold, squeeze, strip_generic

EXCEPTIONS = Path(__file__).with_name("iso_3166_2_exceptions.csv")
GAZA, JABALYA, SDEROT, RAFAH = (31.50, 34.46), (31.53, 34.48), (31.525, 34.596), (31.287, 34.26)


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


def id_of(region: Region | None) -> str | None:
    return None if region is None else region.id


def key(name: str) -> str:
    return squeeze(strip_generic(fold(name)))


def spelt(places: Gazetteer, region: Region) -> set[str]:
    """Names of a region that are Natural Earth's or ours, and not ISO's."""
    names = {region.name, *(name for _, name in region.names)}
    for index in places._polygons_of(region.id):
        names |= set(re.split(r"[,|;/]", places._polygons[index].get("name_alt") or ""))
    return {key(name) for name in names if name}


def test_every_code_means_what_iso_says_or_has_a_reason(places: Gazetteer) -> None:
    today, in_full = names_by_code(), {s.code: s.name for s in pycountry.subdivisions}
    found = set()
    for region in places.regions(Level.ADMIN1):
        code = dict(region.codes).get("iso_3166_2")
        if code is None:
            continue
        if code not in in_full:
            found.add((code, region.name, ""))
        else:
            names = {today[code], *re.split(r"[\[\]()/]", in_full[code])}
            if not {key(name) for name in names if name.strip()} & spelt(places, region):
                found.add((code, region.name, today[code]))
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert all(row["reason"] for row in listed)
    assert found == {(row["code"], row["name"], row["iso_name"]) for row in listed}


def test_a_code_of_today_never_means_what_it_meant_before(places: Gazetteer) -> None:
    today = names_by_code()
    former = [
        (region, dict(region.codes)[FORMER])
        for region in places.regions(Level.ADMIN1)
        if FORMER in dict(region.codes)
    ]
    assert len(former) > 100
    assert all(code not in today for _, code in former)
    alone = Counter(code for _, code in former)
    for region, code in former:
        if alone[code] == 1:
            assert id_of(places.find(code)) == region.id


def test_each_correction_changes_one_property_and_has_a_source(places: Gazetteer) -> None:
    table = list(corrections())
    known = {polygon["adm1_code"] for polygon in places._polygons}
    assert len({(row.polygon, row.scheme) for row in table}) == len(table)
    assert {row.polygon for row in table} <= known
    assert all(row.source for row in table)


@pytest.mark.parametrize(
    ("code", "id_", "name"),
    [
        ("IR-23", "IR-23", "Tehran"),  # Hormozgan until 2020
        ("IR-07", "IR-07", "Fars"),  # Tehran until 2020
        ("IR-00", "IR-00", "Markazi"),
        ("IR-31", "IR-28", "North Khorasan"),  # ended in 2020, and means no other place
        ("UG-417", "UG-417", "Ibanda"),  # Isingiro until 2016
        ("UG-419", "UG-419", "Kiruhura"),
        ("MA-12", "MA-12", "Oued el Dahab"),  # Tadla-Azilal until 2018
        ("MA-10", "MA~3457", "Guelmim - Es-Semara"),  # lies wholly in it
        ("MA-06", None, ""),  # lies in three of ours
        ("MA-16", "MA-12", "Oued el Dahab"),
        ("SD-DE", "SD-DE", "Eastern Darfur"),
        ("SD-DC", "SD-DC", "Central Darfur"),
        ("AF-PKA", "AF-PKA", "Paktika"),
        ("AF-PAN", "AF-PAN", "Panjshir"),
        ("AF-DAY", "AF-DAY", "Daykundi"),
        ("RU-MOW", "RU-MOW", "Moskva"),
        ("RU-MOS", "RU-MOS", "Moskovskaya"),
        ("RS47", "RU-MOS", "Moskovskaya"),
        ("PL-14", "PL-14", "Masovian"),
        ("PL-MZ", "PL-14", "Masovian"),
        ("KE-30", "KE-110", "Nairobi"),  # a county, in a former province
        ("CD-TO", "CD-OR", "Orientale"),
        ("KZ-63", "KZ-VOS", "East Kazakhstan"),
        ("KZ-ALA", "KZ-75", "Almaty City"),
        ("PS-HBN", "PS-WBK", "West Bank"),
        ("DZ-50", "DZ-01", "Adrar"),
        ("ID-PS", "ID-PA", "Papua"),
        ("NP-P3", None, ""),  # Bagmati is a larger province today than the zone was
        ("NO-46", None, ""),
        ("FR.11", None, ""),  # Île-de-France in GeoNames, Aude in Natural Earth
        ("AF.41", "AF-DAY", "Daykundi"),
        ("AF42", "AF-PAN", "Panjshir"),
        ("MK20", "MK-816", "Čučer Sandevo"),  # Natural Earth gives it to two of Kosovo, too
    ],
)
def test_codes_of_today(places: Gazetteer, code: str, id_: str | None, name: str) -> None:
    found = places.find(code)
    assert id_of(found) == id_
    assert found is None or found.name == name


@pytest.mark.parametrize(
    ("country", "name", "id_"),
    [
        ("UKR", "Kyiv", "UA-30"),
        ("UKR", "Kiev", "UA-30"),
        ("UKR", "Kyiv Oblast", "UA-32"),
        ("UKR", "Odesa", "UA-51"),
        ("UKR", "Kharkiv", "UA-63"),
        ("AFG", "Daikundi", "AF-DAY"),
        ("AFG", "Panjsher", "AF-PAN"),
        ("AFG", "Parwan", "AF-PAR"),
        ("BGD", "Chattogram", "BD-B"),
        ("BGD", "Barishal", "BD-A"),
        ("IRN", "Āz̄ārbāyjān-e Ghārbī", "IR-04"),
        ("IND", "Karnataka", "IN-KA"),
        ("IND", "Ladakh", "IN-LA"),
        ("KAZ", "Almaty", "KZ-75"),
        ("KAZ", "Nur-Sultan", "KZ-71"),
        ("RUS", "Moscow", "RU-MOW"),
        ("RUS", "Moscow Oblast", "RU-MOS"),
        ("MAR", "Casablanca-Settat", None),
        ("MEX", "Mexico City", "MX-CMX"),
        ("VNM", "Đồng Nai", "VN-39"),
        ("UGA", "Kiruhura", "UG-419"),
        ("MWI", "Karonga", "MW-KR"),
        ("GBR", "Wirral", "GB-WRL"),
    ],
)
def test_names_of_today_and_of_yesterday(
    places: Gazetteer, country: str, name: str, id_: str | None
) -> None:
    assert id_of(places.named(name, country)) == id_


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Türkiye", "TUR"),
        ("Turkey", "TUR"),
        ("Eswatini", "SWZ"),
        ("Swaziland", "SWZ"),
        ("Cabo Verde", "CPV"),
        ("Czechia", "CZE"),
        ("North Macedonia", "MKD"),
        ("FYR Macedonia", "MKD"),
        ("Burma", "MMR"),
        ("Viet Nam", "VNM"),
        ("Palestinian Territories", "PSE"),
        ("Holy See", "VAT"),
        ("Macau", "MAC"),
    ],
)
def test_countries_of_today_and_of_yesterday(places: Gazetteer, name: str, country: str) -> None:
    assert id_of(places.country_named(name)) == country


@pytest.mark.parametrize(
    ("latitude", "longitude", "country"),
    [
        (42.66, 21.16, "SRB"),  # Pristina
        (42.46, 21.47, "SRB"),  # Gjilan, 11 km from it
        (*GAZA, "ISR"),
        (31.9, 35.2, "ISR"),  # Ramallah
        (32.22, 35.26, "ISR"),  # Nablus
        (44.95, 34.10, "RUS"),  # Simferopol
        (43.0, 41.02, "RUS"),  # Sokhumi
        (4.85, 31.6, "SDN"),  # Juba
        (9.56, 44.06, "ETH"),  # Hargeisa
        (25.04, 121.56, "CHN"),  # Taipei
        (22.32, 114.17, "CHN"),  # Hong Kong
        (27.15, -13.2, "ESH"),  # Laayoune, in a polygon of Morocco
        (6.13, 1.22, "GHA"),  # Lomé, 5 km from it
    ],
)
def test_what_lies_in_another_country_is_near_none_of_ours(
    places: Gazetteer, latitude: float, longitude: float, country: str
) -> None:
    assert places.located(latitude, longitude, country) is None
    holder = places.located(latitude, longitude)
    assert holder is not None
    assert holder.country != country


def test_a_town_that_is_known_to_be_ours_lies_in_the_nearest(places: Gazetteer) -> None:
    assert id_of(places.located_town(31.76, -106.49, "USA")) == "US-TX"  # El Paso
    assert places.located(31.76, -106.49, "USA") is None
    assert places.located_town(31.76, -106.49, "TGO") is None


def test_the_towns_of_gaza_lie_in_gaza(places: Gazetteer) -> None:
    for place in (GAZA, JABALYA, RAFAH):
        assert id_of(places.located(*place)) == "PS-GZZ"
    assert id_of(places.located(*SDEROT)) == "IL-D"
