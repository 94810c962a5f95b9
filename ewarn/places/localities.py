"""Places that no list of towns has: quarters, landmarks, districts and older names.

GeoNames' towns leave out what lies in another town (Gugulethu, Tahrir Square) and most districts.
`data/localities.csv` holds well-known ones, written down from general knowledge, each with the
subdivision it lies in. It is asked last, so the lists of towns come first.
"""

from collections import defaultdict
from functools import lru_cache

from ewarn.places.names import fold
from ewarn.places.tables import rows


def localities_of(country: str) -> dict[str, str]:
    """Subdivision by folded name of the locality, in a country (alpha-3)."""
    return _by_country().get(country, {})


@lru_cache(maxsize=1)
def _by_country() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows("localities.csv"):
        found[row["country"]][fold(row["name"])] = row["region"]
    return dict(found)
