"""The places that somebody names on the command line."""

from collections.abc import Sequence

from ewarn.domain.region import Level, Region
from ewarn.errors import UsageError
from ewarn.places.gazetteer import load_gazetteer
from ewarn.ports import WholeGazetteer
from ewarn.run.options import country_codes


def country_ids(codes: Sequence[str]) -> list[str]:
    """Return the alpha-3 codes of countries.

    Raises:
        UnknownName: There is no such region.
        UsageError: A region is not a country.
    """
    places = load_gazetteer() if codes else None
    found = [region_of(places, code) for code in codes] if places else []
    for region in found:
        if region.level is not Level.COUNTRY:
            raise UsageError(f"{region.id} is not a country")
    return [region.id for region in found]


def region_of(places: WholeGazetteer, text: str) -> Region:
    """Return the region with a code in any case, or the country with a name.

    Raises:
        UnknownName: There is none.
    """
    found = places.find(text) or places.find(text.upper()) or places.country_named(text)
    return found or places.get(text)


def region_codes(incomplete: str) -> list[str]:
    """Return the codes of regions that begin with a text, to complete what somebody types."""
    if "-" not in incomplete:
        return country_codes(incomplete)
    known = (region.id for region in load_gazetteer().regions(Level.ADMIN1))
    return sorted(each for each in known if each.startswith(incomplete.upper()))
