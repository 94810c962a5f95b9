"""Tests of how well places are found by their words, on 200 answers by hand.

The answers were written before the code.

`sample.py` drew them; `mass_mobilization_places.csv` (place texts: Mass Mobilization, CC0) holds
the answers of one reader, with a note where they are doubtful. A text that says national, or
names several subdivisions, has the country for an answer.
"""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from tests.places.sample import draw, written_places

ANSWERS = Path(__file__).with_name("mass_mobilization_places.csv")
RIGHT = 0.92  # of those placed
PLACED = 0.75  # of those that have a place finer than the country
MASS_MOBILIZATION = "events_mass_mobilization.csv.gz"


@dataclass(frozen=True, slots=True)
class Answer:
    """A place as written, its country, and the region a reader gives it."""

    place: str
    country: str
    region: str

    @property
    def is_national(self) -> bool:
        """By the letter, without the code under test; one of the 200 is misspelt."""
        return bool(re.search(r"\bnational\b|wide\b", self.place, re.IGNORECASE))


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    with ANSWERS.open(encoding="utf-8", newline="") as file:
        return [Answer(row["place"], row["country"], row["region"]) for row in csv.DictReader(file)]


def test_the_answers_are_of_the_two_hundred_drawn(
    places: Gazetteer, answers: list[Answer], shared_data: Callable[[str], Path]
) -> None:
    drawn = draw(shared_data(MASS_MOBILIZATION))
    assert [(answer.place, answer.country) for answer in answers] == drawn
    assert len(set(drawn)) == 200
    assert len({country for _, country in drawn}) == 115


def test_every_answer_is_a_region_of_its_country(places: Gazetteer, answers: list[Answer]) -> None:
    assert all(places.get(answer.region).country == answer.country for answer in answers)


def test_two_hundred_places(places: Gazetteer, answers: list[Answer]) -> None:
    found = {answer: places.placed(answer.place, answer.country) for answer in answers}
    placed = [answer for answer in answers if found[answer].is_placed]
    right = [answer for answer in placed if found[answer].region.id == answer.region]
    finer = [answer for answer in answers if answer.region != answer.country]
    not_national = [a for a in answers if a.region != a.country or not a.is_national]
    print(
        f"placed {len(placed)}: right {len(right) / len(placed):.1%}, "
        f"{len(placed) / len(not_national):.1%} of the {len(not_national)} not national, "
        f"{len(set(finer) & set(placed)) / len(finer):.1%} of the {len(finer)} with a finer answer"
    )
    assert len(right) / len(placed) >= RIGHT
    assert len(set(finer) & set(placed)) / len(finer) >= PLACED


def test_what_says_national_stays_at_its_country(places: Gazetteer, answers: list[Answer]) -> None:
    national = [a for a in answers if a.is_national and a.region == a.country]
    assert len(national) == 22
    for answer in national:
        assert not places.placed(answer.place, answer.country).is_placed, answer


def test_agreement_with_the_machine_that_placed_the_file_is_reported(
    places: Gazetteer, shared_data: Callable[[str], Path]
) -> None:
    rows = [row for row in written_places(shared_data(MASS_MOBILIZATION)) if row["admin1"]]
    pairs = {(row["place"], row["country"], row["admin1"]) for row in rows}
    both, agreed = 0, 0
    for place, country, admin1 in sorted(pairs):
        machine, found = places.named(admin1, country), places.placed(place, country)
        if machine is not None and found.is_placed:
            both += 1
            agreed += machine.id == found.region.id
    print(f"of {both} places placed by both {agreed / both:.1%} agree")
    assert both > 500  # agreement with coded places is no criterion: they have Paris in Aude


def test_every_row_of_the_chronicle_resolves(
    places: Gazetteer, shared_data: Callable[[str], Path]
) -> None:
    """All 566: the 456 with an admin1 in a subdivision of their country."""
    with shared_data("chronicle.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 566
    for row in rows:
        country = places.country_named(row["country"])
        assert country is not None
        if row["admin1"]:
            near = (float(row["latitude"]), float(row["longitude"])) if row["latitude"] else None
            region = places.named(row["admin1"], country.id, near)
            assert region is not None, row["source_event_id"]
            assert region.parent == country.id
