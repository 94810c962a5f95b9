"""Tests of the gazetteer: stable ids, codes and names of regions, and helpful refusals."""

import subprocess
import sys
from datetime import date, timedelta

import pytest

from ewarn.domain.region import Level, Region
from ewarn.errors import UnknownName
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.ports import Places

TOGO = {
    "TG-S": ("TO26", "TG.26", "Q279945", "TGO-90"),
    "TG-K": ("TO23", "TG.23", "Q316216", "TGO-88"),
    "TG-C": ("TO22", "TG.22", "Q515655", "TGO-89"),
    "TG-P": ("TO25", "TG.25", "Q316306", "TGO-86"),
    "TG-M": ("TO24", "TG.24", "Q316291", "TGO-87"),
}


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


def id_of(region: Region | None) -> str | None:
    return None if region is None else region.id


def test_it_keeps_the_promise_of_places(places: Gazetteer) -> None:
    promised: Places = places
    assert id_of(promised.find("TGO")) == "TGO"


def test_there_are_4596_subdivisions_with_ids_of_their_own(places: Gazetteer) -> None:
    subdivisions = places.regions(Level.ADMIN1)
    assert len(subdivisions) == len({region.id for region in subdivisions}) == 4596
    assert len(places.countries()) == 255  # ISO 3166-1, Kosovo and five that ended
    assert {region.country for region in subdivisions} <= {r.id for r in places.countries()}


@pytest.mark.parametrize(("country", "number"), [("GBR", 232), ("FRA", 102), ("TGO", 5)])
def test_sizes_of_countries(places: Gazetteer, country: str, number: int) -> None:
    assert len(places.children(country)) == number
    assert len(places.regions(Level.ADMIN1, [country])) == number


@pytest.mark.parametrize(
    ("id_", "name", "why"),
    [
        ("IE~78", "Cork", "IE-CO is shared by the county and the city"),
        ("IE~5569", "Cork", "IE-CO is shared by the county and the city"),
        ("MA~1450", "Grand Casablanca", "MA-08 means another region since 2018"),
        ("KZ~3207", "Almaty", "KZ-ALA was the city's"),
        ("MG~5862", "Analamanga", "MG-T is the former province, shared by four regions"),
        ("AU~2659", "Lord Howe Island", "AU-NSW is that of New South Wales"),
        ("CY~00", "Northern Cyprus", "no ISO code; filed under Cyprus"),
        ("SO~00", "Somaliland", "no ISO code; filed under Somalia"),
        ("AI~99", "Anguilla (other)", "AI-X00 is a placeholder without its tilde"),
        ("AU~CSI00", "Coral Sea Islands", "two polygons of Australia bear the number 00"),
        ("AU~AUS00", "Macquarie Island", "two polygons of Australia bear the number 00"),
    ],
)
def test_regions_without_an_iso_code_of_their_own(
    places: Gazetteer, id_: str, name: str, why: str
) -> None:
    assert places.get(id_).name == name, why


def test_our_own_ids_stay_what_they_are(places: Gazetteer) -> None:
    own = [region for region in places.regions(Level.ADMIN1) if "~" in region.id]
    with_code = [region for region in own if dict(region.codes).get("iso_3166_2")]
    assert len(with_code) == 103  # share a code
    assert len(own) - len(with_code) == 207  # have none


@pytest.mark.parametrize("id_", TOGO)
def test_the_regions_of_togo_by_every_code(places: Gazetteer, id_: str) -> None:
    for code in (id_, id_.lower(), f" {id_} ", *TOGO[id_]):
        assert id_of(places.find(code)) == id_
    assert places.get(id_).parent == "TGO" == places.parents[id_]
    assert places.get(id_).name_in("ru") != places.get(id_).name


@pytest.mark.parametrize("code", ["TG", "TGO", "tgo"])
def test_togo_by_code(places: Gazetteer, code: str) -> None:
    togo = places.find(code)
    assert togo is not None
    assert (togo.id, togo.level, togo.name) == ("TGO", Level.COUNTRY, "Togo")
    assert (togo.name_in("zh"), togo.name_in("ru")) == ("多哥", "Того")


def test_a_fips_country_code_is_not_an_iso_code(places: Gazetteer) -> None:
    assert id_of(places.find_fips("TO")) == "TGO"
    assert id_of(places.find("TO")) == "TON"
    assert id_of(places.find_fips("UP")) == "UKR"
    assert id_of(places.find_fips("FG")) == "FR-973"
    assert places.find_fips("QQ") is None


@pytest.mark.parametrize(
    ("code", "id_"),
    [
        ("USCA", "US-CA"),  # GDELT writes the states of the USA so
        ("MG-T", None),  # shared by four: it names none
        ("KZ-ALA", "KZ-75"),  # shared, and our table says which one is meant
        ("UA-43", "UA-43"),
        ("XK", "XKX"),
        ("nowhere", None),
        ("", None),
    ],
)
def test_other_codes(places: Gazetteer, code: str, id_: str | None) -> None:
    assert id_of(places.find(code)) == id_


def test_crimea_has_the_parent_its_iso_code_names(places: Gazetteer) -> None:
    assert places.parents["UA-43"] == places.parents["UA-40"] == "UKR"


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("SUN", date(1991, 12, 25)),
        ("YUG", date(2003, 2, 4)),
        ("CSK", date(1992, 12, 31)),
        ("DDR", date(1990, 10, 2)),
        ("SCG", date(2006, 6, 5)),
    ],
)
def test_countries_that_ended(places: Gazetteer, country: str, day: date) -> None:
    assert places.get(country).ended_on == day
    assert places.children(country) == []
    assert sum(region.ended_on is not None for region in places.countries()) == 5


@pytest.mark.parametrize(
    ("region", "day"),
    [
        ("SSD", date(2011, 7, 9)),
        ("SS-BW", date(2011, 7, 9)),  # a subdivision began with its country
        ("TLS", date(2002, 5, 20)),
        ("ERI", date(1993, 5, 24)),
        ("NAM", date(1990, 3, 21)),
        ("XKX", date(2008, 2, 17)),
        ("CZE", date(1993, 1, 1)),
        ("TGO", None),
        ("DEU", None),
    ],
)
def test_countries_that_began(places: Gazetteer, region: str, day: date | None) -> None:
    assert places.get(region).began_on == day
    assert sum(country.began_on is not None for country in places.countries()) == 31


def test_a_region_exists_from_its_first_day_to_its_last(places: Gazetteer) -> None:
    sudan, montenegro = places.get("SSD"), places.get("SCG")
    assert [sudan.exists_on(date(2011, 7, day)) for day in (8, 9)] == [False, True]
    assert [montenegro.exists_on(date(2003, 2, day)) for day in (4, 5)] == [False, True]
    assert [montenegro.exists_on(date(2006, 6, day)) for day in (5, 6)] == [True, False]
    assert places.get("TGO").exists_on(date(1900, 1, 1))


@pytest.mark.parametrize(
    ("former", "successors"),
    [("CSK", ("CZE", "SVK")), ("YUG", ("SCG",)), ("SCG", ("SRB",)), ("SUN", ("RUS",))],
)
def test_no_day_lies_between_a_country_and_those_that_continue_it(
    places: Gazetteer, former: str, successors: tuple[str, ...]
) -> None:
    ended = places.get(former).ended_on
    assert ended is not None
    for successor in successors:
        assert places.get(successor).began_on == ended + timedelta(days=1)


def test_south_sudan_palestine_and_kosovo_have_alpha_3_ids(places: Gazetteer) -> None:
    assert len(places.children("SSD")) == 10
    assert len(places.children("PSE")) == 2
    assert len(places.children("XKX")) == 30
    assert len(places.children("ESH")) == 1


@pytest.mark.parametrize(
    ("unknown", "message"),
    [
        ("TG-Q", "There is no region 'TG-Q'; did you mean TG-C (Centre)?"),
        ("Togo", "There is no region 'Togo'; did you mean TGO (Togo)?"),
        ("TO24", "There is no region 'TO24'; did you mean TG-M (Maritime)?"),
        ("?", "There is no region '?'; ids are ISO 3166 codes such as TGO and TG-M."),
    ],
)
def test_an_unknown_id_is_answered_with_advice(
    places: Gazetteer, unknown: str, message: str
) -> None:
    with pytest.raises(UnknownName) as error:
        places.get(unknown)
    assert str(error.value) == message
    with pytest.raises(UnknownName):
        places.children(unknown)


def test_codes_and_names_do_not_wait_for_geometry() -> None:
    code = (
        "from ewarn.places.gazetteer import load_gazetteer as g;"
        "p = g(); p.named('Centrale', 'TGO'); p.country_named('Togo');"
        "assert 'polygons' not in vars(p._shapes)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("COD", "Democratic Republic of the Congo"),
        ("SHN", "Saint Helena, Ascension and Tristan da Cunha"),
        ("IRN", "Iran"),
        ("TGO", "Togo"),
    ],
)
def test_a_country_is_named_as_it_is_spoken_of(code: str, name: str) -> None:
    assert load_gazetteer().get(code).name == name
