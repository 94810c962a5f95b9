"""Tests of names of regions as people write them."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from ewarn.places.codes import aliases
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.places.names import fold, strip_generic


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


def named(
    places: Gazetteer, country: str, name: str, near: tuple[float, float] | None = None
) -> str | None:
    region = places.named(name, country, near)
    return None if region is None else region.id


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Nzérékoré", "nzerekore"),
        ("  HAUTS-BASSINS ", "hauts bassins"),
        ("N'zi-Comoé", "nzi comoe"),
        ("Région de l’Est", "region de est"),
        ("Øster Łódź", "oster lodz"),
        ("", ""),
    ],
)
def test_folding(name: str, folded: str) -> None:
    assert fold(name) == folded


@pytest.mark.parametrize("name", ["Département du Borgou", "Borgou Department", "borgou"])
def test_words_for_kinds_of_places_are_dropped(name: str) -> None:
    assert strip_generic(fold(name)) == "borgou"


def test_a_name_of_such_words_alone_stays() -> None:
    assert strip_generic(fold("La Province")) == "la province"


@pytest.mark.parametrize(
    ("country", "name", "id_"),
    [
        ("TGO", "Centrale", "TG-C"),  # Natural Earth calls it Centre
        ("TGO", "Région de la Kara", "TG-K"),
        ("TGO", "maritime", "TG-M"),
        ("TGO", "Приморская область", "TG-M"),
        ("TGO", "草原区", "TG-S"),
        ("TGO", "TO26", "TG-S"),
        ("BEN", "Savanes", None),
        ("BEN", "TG-S", None),  # a code of another country
        ("NGA", "Kaduna State", "NG-KD"),
        ("CMR", "North-West", "CM-NW"),
        ("COD", "Tshopo", "CD-OR"),  # newer than the polygon it lies in
        ("MOZ", "Maputo", "MZ-MPM"),  # the city and the province bear one name
        ("MOZ", "Maputo Province", "MZ-L"),
        ("BFA", "Est", None),  # five provinces, none called so
        ("DDR", "Sachsen", None),
        ("TGO", "", None),
    ],
)
def test_names_of_subdivisions(places: Gazetteer, country: str, name: str, id_: str | None) -> None:
    assert named(places, country, name) == id_


def test_a_position_decides_where_a_name_stands_for_several(places: Gazetteer) -> None:
    assert named(places, "BFA", "Est", (12.06, 0.36)) == "BF-GOU"
    assert named(places, "GIN", "Kindia") == "GN-KD"
    assert named(places, "GIN", "Kindia", (9.70, -13.39)) == "GN-CO"  # Coyah, in that region
    assert named(places, "GIN", "Kindia", (7.76, -8.82)) == "GN-KD"  # far off: the name holds
    assert named(places, "CIV", "Comoé") == "CI-05"
    assert named(places, "CIV", "Comoé", (5.27, -3.59)) == "CI-13"  # Bonoua, just over the line


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Togo", "TGO"),
        ("Ivory Coast", "CIV"),
        ("Côte d'Ivoire", "CIV"),
        ("The Democratic Republic of the Congo", "COD"),
        ("République démocratique du Congo", "COD"),
        ("Congo", "COG"),
        ("Россия", "RUS"),
        ("多哥", "TGO"),
        ("East Germany", "DDR"),
        ("Kosovo", "XKX"),
        ("tg", "TGO"),
        ("Atlantis", None),
        ("TG-M", None),
    ],
)
def test_names_of_countries(places: Gazetteer, name: str, country: str | None) -> None:
    region = places.country_named(name)
    assert (None if region is None else region.id) == country


def test_every_alias_names_a_region_of_its_country(places: Gazetteer) -> None:
    for alias in aliases():
        assert places.get(alias.region).country == alias.country
    pairs = [(alias.country, fold(alias.name), alias.region) for alias in aliases()]
    assert len(pairs) == len(set(pairs))


# Where the polygon set differs from the names of the chronicle: finer (Burkina Faso has
# provinces, Guinea prefectures) or older (Côte d'Ivoire and DR Congo before their reforms).
CHRONICLE = {
    ("BFA", "Ouagadougou"): "BF-KAD",
    ("BFA", "Fada N'Gourma"): "BF-GOU",
    ("BFA", "Bobo-Dioulasso"): "BF-HOU",
    ("CIV", "Abidjan"): "CI-01",
    ("CIV", "Bonoua"): "CI-13",
    ("CIV", "Oumé"): "CI-18",
    ("CIV", "Daoukro"): "CI-11",
    ("CIV", "Tiébissou"): "CI-07",
    ("CIV", "Bouaké"): "CI-VB",
    ("CIV", "Dabou"): "CI-01",
    ("GIN", "Conakry"): "GN-C",
    ("GIN", "Coyah"): "GN-CO",
    ("GIN", "Kindia"): "GN-KD",
    ("GIN", "Kissidougou"): "GN-KS",
    ("GIN", "Lélouma"): "GN-LE",
    ("GIN", "Pita"): "GN-PI",
    ("GMB", "Serrekunda"): "GM-B",
    ("GMB", "Banjul"): "GM-B",
    ("BDI", "Bujumbura"): "BI-BM",
    ("CMR", "Bamenda"): "CM-NW",
    ("COD", "Kananga"): "CD-KW",
    ("COD", "Kisangani"): "CD-OR",
    ("TGO", "Sokodé"): "TG-C",
    ("TGO", "Lomé"): "TG-M",
}


def test_every_chronicle_row_with_an_admin1_resolves(
    places: Gazetteer, shared_data: Callable[[str], Path]
) -> None:
    with shared_data("chronicle.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["admin1"]]
    assert len(rows) == 456
    for row in rows:
        near = (float(row["latitude"]), float(row["longitude"])) if row["latitude"] else None
        found = named(places, row["country"], row["admin1"], near)
        assert found is not None, row["source_event_id"]
        assert CHRONICLE.get((row["country"], row["place"]), found) == found, row["place"]
    assert set(CHRONICLE) <= {(row["country"], row["place"]) for row in rows}
