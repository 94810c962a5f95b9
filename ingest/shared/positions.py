"""Placement of rows by position, with remarks on positions that contradict the rest of the row.

The position decides, and the name helps if it does not. A code never outranks a position, because
the same letters and digits mean different places in other schemes and editions. A position in
another country is not near any subdivision of the row's own country.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from ewarn.domain.region import Level, Region
from ewarn.files.values import shown
from ewarn.ports import Places

Position = tuple[float, float]

_COARSENESS = 1  # decimals of a position that are stored
_LINES_NAMED = 5  # lines that a remark names


def lines_named(lines: list[int], one: str = "line", several: str = "lines") -> str:
    """Return the names of some lines: `line 3`, `lines 3, 8`, `lines 3, 8 and 40 more`."""
    named = ", ".join(str(line) for line in lines[:_LINES_NAMED])
    more = len(lines) - _LINES_NAMED
    return f"{several if len(lines) > 1 else one} {named}" + (
        f" and {more} more" if more > 0 else ""
    )


def _slips(position: Position) -> Iterator[tuple[str, Position]]:
    """Yield other positions that may have been meant, each after the mistake it supposes."""
    latitude, longitude = position
    if abs(longitude) <= 90:
        yield "latitude and longitude swapped", (longitude, latitude)
    yield "the other sign of its latitude", (-latitude, longitude)
    yield "the other sign of its longitude", (latitude, -longitude)
    yield "the other signs", (-latitude, -longitude)


@dataclass
class Positions:
    """Lookup of the subdivisions of rows, each only once; countries are alpha-3."""

    places: Places
    _found: dict[tuple[str, str, Position], tuple[Region | None, str]] = field(default_factory=dict)
    _wrong: dict[tuple[str, Position], str] = field(default_factory=dict)
    _remarks: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def region(self, line: int, country: str, name: str, position: Position) -> Region | None:
        """Return the subdivision of a position, or else that of the name, or else None."""
        return self._told(line, (country, name, position), is_name_first=False)

    def named(self, line: int, country: str, name: str, position: Position) -> Region | None:
        """Return the subdivision of a name, or that of the position if the name is "" or a code.

        The position decides if several subdivisions have the name.
        """
        is_name = bool(name) and self._coded(name) is None
        return self._told(line, (country, name, position), is_name_first=is_name)

    def believed(self, line: int, country: str, position: Position) -> bool:
        """Return whether a position can be right, and add a remark if it certainly is wrong."""
        key = country, position
        if key not in self._wrong:
            self._wrong[key] = self._what_is_wrong(country, position)
        if self._wrong[key]:
            self._remarks[f"{self._wrong[key]}; it was not stored"].append(line)
        return not self._wrong[key]

    def _what_is_wrong(self, country: str, position: Position) -> str:
        if all(round(degrees, _COARSENESS) == 0 for degrees in position):
            return "the position 0, 0 means that none is known"
        if all(degrees == round(degrees) for degrees in position):
            return "a position of whole degrees is none"
        if 0 in position and self.places.located(*position, country) is None:
            return f"the position has a 0 and is outside {country}"
        region = self.places.find(country)
        if region is None or region.ended_on or self.places.located_town(*position, country):
            return ""
        for slip, meant in _slips(position):
            held = self.places.located(*meant, country)
            if held is not None:
                return f"with {slip} the position would lie in {held.name} ({held.id})"
        holder = self.places.located(*position)
        if holder is None or holder.country == country:
            return ""
        return f"the position is in {holder.country}, far from {country}"

    def notes(self) -> tuple[str, ...]:
        """Return the remarks since the last call, with the lines that they concern."""
        told = tuple(f"{lines_named(lines)}: {text}." for text, lines in self._remarks.items())
        self._remarks.clear()
        return told

    def _told(
        self, line: int, key: tuple[str, str, Position], *, is_name_first: bool
    ) -> Region | None:
        if key not in self._found:
            self._found[key] = self._look_up(*key, is_name_first)
        region, remark = self._found[key]
        if remark:
            self._remarks[remark].append(line)
        return region

    def _look_up(
        self, country: str, name: str, position: Position, is_name_first: bool
    ) -> tuple[Region | None, str]:
        held = self.places.located(*position, country)
        named = self.places.named(name, country, position) if name else None
        if held is None:
            return self._abroad(country, name, position, named)
        if is_name_first:
            return named, "" if named else self._unknown(country, name)
        coded = self._coded(name)
        if coded is None or coded.id == held.id:
            return held, ""
        remark = f"admin1 {shown(name)} is a code of {coded.name} ({coded.id}), but the position "
        return held, f"{remark}is in {held.name} ({held.id}); placed by position"

    def _abroad(
        self, country: str, name: str, position: Position, named: Region | None
    ) -> tuple[Region | None, str]:
        """Return region and remark for a position outside, and not near, the country."""
        holder = self.places.located(*position)
        if holder is None or holder.country == country:
            return named, "" if named else self._unknown(country, name)
        lies = f"the position is in {holder.country} ({holder.name}), not in {country}"
        is_code = self._coded(name) is not None
        if named is None or (is_code and named != self.places.located_town(*position, country)):
            return None, f"{lies}; stored at country precision"
        return named, f"{lies}; placed by the {'code' if is_code else 'name'} {shown(name)}"

    def _unknown(self, country: str, name: str) -> str:
        what = f"admin1 {shown(name)}" if name else "the position"
        return f"{what} is not in {country}; stored at country precision"

    def _coded(self, name: str) -> Region | None:
        """Return the subdivision if the name is a code of one, or None."""
        found = self.places.find(name) if name else None
        return found if found is not None and found.level is Level.ADMIN1 else None
