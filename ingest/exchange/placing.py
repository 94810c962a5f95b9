"""Placement of the rows of an exchange file, and how exactly their place is known."""

from collections import defaultdict
from dataclasses import dataclass, field

from ewarn.domain.event import LocationPrecision
from ewarn.domain.region import Ground, Region
from ewarn.errors import RecordRejected
from ewarn.files.values import shown
from ewarn.ports import Places
from ingest.shared import csv_cells as cell
from ingest.shared.csv_cells import Cells
from ingest.shared.positions import Position, Positions, lines_named

_UNREAD = {
    Ground.UNKNOWN: "names nothing that is known",
    Ground.UNSURE: "may mean several subdivisions",
}


@dataclass
class Placing:
    """Lookup of the regions of rows, which remembers countries and positions."""

    places: Places
    _countries: dict[str, Region | None] = field(default_factory=dict)
    _unknown: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _by_words: int = 0

    def __post_init__(self) -> None:
        self.positions = Positions(self.places)

    def country(self, name: str) -> Region:
        """Return the country of an alpha-3 or alpha-2 code or a name.

        Raises:
            RecordRejected: If it is unknown.
        """
        if name not in self._countries:
            self._countries[name] = self.places.country_named(name)
        country = self._countries[name]
        if country is None:
            raise RecordRejected(f"country {shown(name)} is not a country of ISO 3166")
        return country

    def region(self, line: int, country: str, cells: Cells, position: Position | None) -> str:
        """Return the finest region in which a row can be placed.

        This is by its admin1, else by its position, else by the words of its place. It is the
        country if none of them is known, or if the row states country precision.
        """
        admin1, place = cells.get("admin1", ""), cells.get("place", "")
        if cells.get("location_precision", "") == LocationPrecision.COUNTRY:
            position, place = None, ""  # the middle of a country is not the place of the event
        if not admin1 and position is None:
            return self._by_place(line, country, place) if place else country
        region = self._placed(line, country, admin1, position)
        if region is None:
            if position is None:  # for a position there is already a remark
                self._unknown[f"admin1 {shown(admin1)} is not in {country}"].append(line)
            return country
        return region.id

    def _by_place(self, line: int, country: str, place: str) -> str:
        placement = self.places.placed(place, country)
        self._by_words += placement.is_placed
        if placement.ground in _UNREAD:
            self._unknown[f"place {shown(place)} {_UNREAD[placement.ground]}"].append(line)
        return placement.region.id

    def _placed(
        self, line: int, country: str, admin1: str, position: Position | None
    ) -> Region | None:
        if position is None:
            return self.places.named(admin1, country)
        return self.positions.named(line, country, admin1, position)

    def notes(self) -> list[str]:
        """Return a remark for each place that was not found, with the lines that name it.

        One more says how many rows were placed by words alone.
        """
        remarks = [
            f"{lines_named(lines)}: {what}; stored at country precision."
            for what, lines in self._unknown.items()
        ]
        remarks += self.positions.notes()
        if self._by_words:
            rows = "row has" if self._by_words == 1 else "rows have"
            how = "no admin1 and no position: placed by the words of the place"
            remarks.append(f"{self._by_words} {rows} {how}.")
        return remarks


def location_precision(cells: Cells, placed: bool, position: Position | None) -> LocationPrecision:
    """Return the stated precision, or else the finest one that the cells allow.

    It is the country if no subdivision was found, and at most the subdivision if the row was placed
    by words alone.

    Args:
        placed: Whether a subdivision was found.
    """
    finest = LocationPrecision.COUNTRY
    if placed:
        exact = position is not None or (cells.get("place") and cells.get("admin1"))
        finest = LocationPrecision.PLACE if exact else LocationPrecision.ADMIN1
    stated = cell.choice(cells, "location_precision", LocationPrecision, finest)
    if not placed:
        return LocationPrecision.COUNTRY
    by_words = position is None and not cells.get("admin1")
    return LocationPrecision.ADMIN1 if by_words else stated
