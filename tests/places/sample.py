"""The draw of the places that `mass_mobilization_places.csv` answers by hand.

Of the protest and riot rows of the Mass Mobilization file every way of writing a place in a
country counts once. Each country gives one; what is left of the 200 is shared out in proportion
to how many it has (largest remainder, then alphabetical). The seed is the day of the draw.
"""

import csv
import gzip
import random
from collections import defaultdict
from pathlib import Path

SEED = 20261122
SIZE = 200
KINDS = frozenset({"protest", "riot"})


def written_places(file: Path) -> list[dict[str, str]]:
    """Protest and riot rows of the file (gzip, CSV) that say a place, with all their columns."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        return [
            {**row, "place": row["place"].strip()}
            for row in csv.DictReader(lines)
            if row["kind"] in KINDS and row["place"].strip()
        ]


def draw(file: Path) -> list[tuple[str, str]]:
    """The 200 pairs of place and country (alpha-3), by country, in the order they were drawn."""
    places: dict[str, set[str]] = defaultdict(set)
    for row in written_places(file):
        places[row["country"]].add(row["place"])
    chance = random.Random(SEED)
    return [
        (place, country)
        for country, number in sorted(_shares({c: len(p) for c, p in places.items()}).items())
        for place in chance.sample(sorted(places[country]), number)
    ]


def _shares(sizes: dict[str, int]) -> dict[str, int]:
    """How many of the 200 each country gives."""
    left, total = SIZE - len(sizes), sum(sizes.values()) - len(sizes)
    exact = {country: left * (size - 1) / total for country, size in sizes.items()}
    shares = {country: 1 + int(part) for country, part in exact.items()}
    by_remainder = sorted(
        exact, key=lambda country: (int(exact[country]) - exact[country], country)
    )
    for country in by_remainder[: SIZE - sum(shares.values())]:
        shares[country] += 1
    return shares
