"""Places that are not in the list of towns: quarters, landmarks, districts and older names.

GeoNames' towns leave out places inside another town (Gugulethu, Tahrir Square) and most districts.
`data/localities.csv` holds well-known ones, written from general knowledge, each with its
subdivision. It is searched last, after the list of towns.
"""

from collections import defaultdict
from functools import lru_cache

from ewarn.places.names import fold
from ewarn.places.tables import rows


def localities_of(country: str) -> dict[str, str]:
    """Return the subdivision of each locality of a country (alpha-3), by the folded name."""
    return _by_country().get(country, {})


@lru_cache(maxsize=1)
def _by_country() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows("localities.csv"):
        found[row["country"]][fold(row["name"])] = row["region"]
    return dict(found)
