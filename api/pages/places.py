"""The choice of an office or a country, which several pages offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.page import WebPage
from api.serving.problems import Problem, unknown_region
from ewarn.domain.key import EVERYWHERE
from ewarn.domain.region import Level
from ewarn.languages import problem_details


@dataclass(frozen=True, slots=True)
class Choice:
    """An office or a country of the address, or all that the key covers.

    Attributes:
        value: Id of the office, or code of the country; empty for all.
        parameters: The parameters of the API that limit a list to it.
        covered: The countries that are shown (alpha-3).
        offices: The offices that can be chosen, as (id, name).
        countries: The countries that can be chosen, as (code, name).
    """

    value: str
    name: str
    parameters: Mapping[str, Any]
    covered: tuple[str, ...]
    offices: Sequence[tuple[str, str]] = ()
    countries: Sequence[tuple[str, str]] = ()


async def chosen_places(page: WebPage) -> Choice:
    """Return the office or country that the parameter `where` names.

    Raises:
        Problem: 404 if the key covers no such office or country.
    """
    found = await page.api.items_if_allowed("/v1/offices")
    offices = [(office["id"], office["name"]) for office in found if office["countries"]]
    watched = {office["id"]: office["countries"] for office in found}
    countries = countries_of(page)
    every = tuple(sorted(code for code, _ in countries))
    asked = page.asked("where")
    listed = {"offices": offices, "countries": countries}
    if not asked:
        return Choice("", "", {}, every, **listed)
    for id_, name in offices:
        if id_ == asked:
            covered = every if EVERYWHERE in watched[id_] else tuple(sorted(watched[id_]))
            return Choice(id_, name, {"office": id_}, covered, **listed)
    for code, name in countries:
        if code == asked.upper():
            return Choice(code, name, {"country": code}, (code,), **listed)
    raise unknown_region(asked)


def countries_of(page: WebPage) -> list[tuple[str, str]]:
    """Return the countries of the key that exist at the moment of the page, by name."""
    if page.reader is None:
        raise Problem("key-required", problem_details.SIGN_IN_FIRST())
    day = page.moment.date()
    every = page.state.places.regions(Level.COUNTRY)
    seen = [each for each in every if each.exists_on(day) and page.reader.sees_region(each)]
    named = [(each.id, each.name_in(page.language)) for each in seen]
    return sorted(named, key=lambda pair: pair[1].casefold())
