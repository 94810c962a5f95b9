"""The invented world of `gdelt_world` as files in GDELT's format, one a day, and their server.

A story may be in several rows and again in later files, and some stories are late. Addresses are
invented, and their words describe the event. With `noise`, six of seven rows of arrests, attacks
and clashes are about crime, sport or the past, which a relevance model must leave out.
"""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.gdelt_files import zipped
from benchmarks.gdelt_world import FIRST_DAY, KINDS, WEEKS, World
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Region
from ewarn.domain.time import DAY, midnight
from ewarn.places.gazetteer import load_gazetteer
from ingest.gdelt.editions import VERSION_2
from ingest.gdelt.files import slot_name
from ingest.gdelt.places import spots_of

TOWNS = 6  # towns in each place
LATE, LATEST = 0.06, 20  # share of stories that are late, and greatest delay in days
TOLD_AGAIN = 0.25  # share of stories with a second row in the same file
TOLD_LATER = 0.10  # share of stories that are also in the file of the next day
NOISE = 6  # rows about crime, sport and the past for each row about people and the state
NOISY = (EventKind.ARREST, EventKind.ATTACK, EventKind.CLASH)
_CODES = {
    EventKind.ARREST: "173",
    EventKind.FORCE: "175",
    EventKind.ATTACK: "180",
    EventKind.PROTEST: "141",
    EventKind.CLASH: "190",
    EventKind.RESTRICTION: "172",
}
_OTHERS = ("010", "020", "036", "040", "042", "043", "051", "057", "111", "112", "120", "130")
_STATE, _PEOPLE = ("COP", "MIL", "GOV"), ("CVL", "OPP", "MED", "EDU")
_WORDS = {
    EventKind.ARREST: "police-arrest-opposition-activists-in",
    EventKind.FORCE: "police-fire-tear-gas-at-protesters-in",
    EventKind.ATTACK: "soldiers-kill-villagers-near",
    EventKind.PROTEST: "thousands-march-for-reform-in",
    EventKind.CLASH: "army-clashes-with-rebels-near",
    EventKind.RESTRICTION: "government-bans-gatherings-in",
}
_NOISE_WORDS = (
    "man-arrested-for-drug-offences-in",
    "two-held-over-robbery-of-a-shop-in",
    "striker-attacks-defence-as-side-wins-in",
    "anniversary-of-the-great-battle-marked-in",
)


class WorldFiles:
    """Files by name, and the server's answers with all days published up to `until`."""

    def __init__(self, world: World, seed: int, *, noise: bool = False) -> None:
        self._rows = _Rows(world, seed, noise=noise)
        self._files: dict[str, bytes] = {}
        self._listed: list[str] = []
        self.until = FIRST_DAY - DAY

    def publish(self, until: date) -> None:
        """Publish the files of all days up to `until`."""
        while self.until < until:
            self.until += DAY
            name = name_of(self.until)
            body = zipped("".join(self._rows.of_day(self.until)), name)
            self._files[name] = body
            digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
            self._listed.append(f"{len(body)} {digest} http://gdelt.example/{name}\n")

    def answer(self, path: str) -> bytes | None:
        """Return the server's answer for a path, or None if there is nothing."""
        if path == "/lastupdate.txt":
            return self._listed[-1].encode()
        if path == "/masterfilelist.txt":
            return "".join(self._listed).encode()
        return self._files.get(path.removeprefix("/"))


def moment_of(day: date) -> datetime:
    """Return when the file of a day is published, which is the last slot of the day."""
    return midnight(day) + timedelta(hours=23, minutes=45)


def name_of(day: date) -> str:
    """Return the name of the file of a day."""
    return slot_name(moment_of(day))


class _Rows:
    """The rows of each day's file, and those that wait for a later file."""

    def __init__(self, world: World, seed: int, *, noise: bool) -> None:
        self._world = world
        self._random = np.random.default_rng([seed, 1])
        self._noise = noise
        self._towns = _towns(world)
        self._known: dict[tuple[int, int, str, tuple[str, str]], str] = {}
        self._waiting: dict[date, list[tuple[str, str]]] = {}  # cells before and after DATEADDED
        self._number = 7 * 10**8

    def of_day(self, day: date) -> Iterator[str]:
        """Yield the lines of a day's file."""
        number = (day - FIRST_DAY).days
        for place in range(len(self._world.places)):
            for kind, counted in zip(KINDS, self._world.events[number, place], strict=True):
                self._tell(day, place, kind, int(counted))
            self._tell_of_others(day, place, int(self._world.untracked[number, place]))
        for before, after in self._waiting.pop(day, ()):
            self._number += 1
            yield f"{self._number}{before}\t{moment_of(day):%Y%m%d%H%M%S}\t{after}\n"

    def _tell(self, day: date, place: int, kind: EventKind, stories: int) -> None:
        """Add stories of a kind, each in one row or more, on their day or later."""
        random, country = self._random, self._world.places[place].country
        pairs = _pairs(kind, country)
        start = int(random.integers(TOWNS * len(pairs)))
        for number in range(start, start + stories):
            town, pair = number % TOWNS, pairs[(number // TOWNS) % len(pairs)]
            words = f"{_WORDS[kind]}-town-{town}"
            row = self._row(day, place, town, _CODES[kind], pair, words)
            late = int(random.integers(1, LATEST + 1)) if random.random() < LATE else 0
            known = day + late * DAY
            again = [known] * bool(random.random() < TOLD_AGAIN)
            later = [known + DAY] * bool(random.random() < TOLD_LATER)
            for moment in (known, *again, *later):
                self._waiting.setdefault(moment, []).append(row)
        if self._noise and kind in NOISY:
            for _ in range(random.poisson(NOISE * stories)):
                pair = ("CRM", "") if random.random() < 0.5 else ("", "")
                words = _NOISE_WORDS[int(random.integers(len(_NOISE_WORDS)))]
                town = int(random.integers(TOWNS))
                row = self._row(day, place, town, _CODES[kind], pair, f"{words}-town-{town}")
                self._waiting.setdefault(day, []).append(row)

    def _tell_of_others(self, day: date, place: int, rows: int) -> None:
        """Add rows of codes that are not tracked."""
        random = self._random
        late = np.where(random.random(rows) < LATE, random.integers(1, LATEST + 1, rows), 0)
        codes, towns = random.integers(len(_OTHERS), size=rows), random.integers(TOWNS, size=rows)
        for code, town, after in zip(codes.tolist(), towns.tolist(), late.tolist(), strict=True):
            row = self._row(day, place, town, _OTHERS[code], ("GOV", ""), "officials-speak-in")
            self._waiting.setdefault(day + after * DAY, []).append(row)

    def _row(
        self, day: date, place: int, town: int, code: str, pair: tuple[str, str], words: str
    ) -> tuple[str, str]:
        """Return a row without its id: the cells before DATEADDED, and the address after it."""
        key = (place, town, code, pair)
        if key not in self._known:
            self._known[key] = self._after_day(*key)
        host = f"news{town + 7 * (place % 50)}.example"
        return f"\t{day:%Y%m%d}\t{self._known[key]}", f"https://{host}/{day:%Y/%m}/{words}"

    def _after_day(self, place: int, town: int, code: str, pair: tuple[str, str]) -> str:
        """Return the cells of a row between SQLDATE and DATEADDED."""
        cells = [""] * VERSION_2.cells
        at = VERSION_2.positions
        cells[at["actor_1"]], cells[at["actor_2"]] = pair
        cells[at["code"]] = code
        cells[at["mentions"]] = "4"
        for name, value in self._towns[place][town].items():
            cells[at[name]] = value
        return "\t".join(cells[at["day"] + 1 : at["added"]])


def _pairs(kind: EventKind, country: str) -> list[tuple[str, str]]:
    """Return pairs of actor codes. Rows with different actors are different stories."""
    found = [
        (f"{prefix}{state}", f"{prefix}{people}")
        for prefix in (country, "")
        for state in _STATE
        for people in _PEOPLE
    ]
    by_people = kind is EventKind.PROTEST
    return [(people, state) for state, people in found] if by_people else found


def _towns(world: World) -> list[list[dict[str, str]]]:
    """Return the cells of the towns of each place, which our reader locates in that place."""
    gazetteer = load_gazetteer()
    spots = spots_of(gazetteer)
    fips = {place.country: dict(place.codes)["fips"][:2] for place in world.places if place.parent}
    found = []
    for number, place in enumerate(world.places):
        cells = _cells(place, fips[place.country])
        key = "\t".join(cells[name] for name in _KEY).encode()
        spot = spots.of([key])[0]
        if spot is None or spot.region != place.id:  # outside by its centre, so use only its code
            cells |= {"latitude": "", "longitude": ""}
        found.append(
            [
                cells | {"geo_name": f"Town {town}, {place.name}", "feature": f"-{number}0{town}"}
                for town in range(TOWNS)
            ]
        )
    return found


_KEY = ("geo_type", "geo_country", "geo_adm1", "latitude", "longitude")


def _cells(place: Region, country: str) -> dict[str, Any]:
    if place.parent is None:
        return dict(zip(_KEY, ("1", country, country, "", ""), strict=True))
    middle = place.centre or (0.0, 0.0)
    code = dict(place.codes)["fips"]
    return dict(zip(_KEY, ("4", country, code, *(f"{at:.4f}" for at in middle)), strict=True))


LAST_DAY = FIRST_DAY + (7 * WEEKS - 1) * DAY
