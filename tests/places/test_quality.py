"""How well places are found by their words: two hundred answered by hand, before there was code.

`sample.py` drew them; `mass_mobilization_places.csv` (place texts: Mass Mobilization, CC0) holds
the answers of one person, with a note where they are doubtful.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from tests.places.sample import draw, written_places

ANSWERS = Path(__file__).with_name("mass_mobilization_places.csv")
RIGHT = 0.92  # of those placed
PLACED = 0.75  # of those that do not say national


@dataclass(frozen=True, slots=True)
class Answer:
    """A place as written, its country, and the region a reader gives it."""

    place: str
    country: str
    region: str
    is_national: bool


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return load_gazetteer()


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    with ANSWERS.open(encoding="utf-8", newline="") as file:
        return [
            Answer(row["place"], row["country"], row["region"], _says_national(row["place"]))
            for row in csv.DictReader(file)
        ]


def _says_national(place: str) -> bool:
    """By the letter, without the code under test; one of the 200 is misspelt."""
    words = place.casefold()
    return "national" in words or "wide" in words


def measured(places: Gazetteer, answers: Iterable[Answer]) -> tuple[float, float]:
    """Share of right ones among those placed, and of placed ones among the not national."""
    open_, placed, right = 0, 0, 0
    for answer in answers:
        region = places.placed(answer.place, answer.country).region
        open_ += not answer.is_national
        if region.id != answer.country:
            placed += 1
            right += region.id == answer.region
    return right / placed, placed / open_


def test_two_hundred_places(places: Gazetteer, answers: list[Answer]) -> None:
    right, placed = measured(places, answers)
    print(f"right among placed {right:.3f}, placed {placed:.3f}")
    assert right >= RIGHT
    assert placed >= PLACED
