"""What the pages of recommendations show: what was asked of a country, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from api.pages.page import WebPage
from api.pages.places import Choice
from api.pages.response.deployments import countries_of

Record = Mapping[str, Any]

SHOWN = 50  # on a page
_FILTERS = ("body", "theme", "status", "overdue")


@dataclass(frozen=True, slots=True)
class RecommendationsView:
    """A page of the list.

    Attributes:
        asked: The parameters that limit the list, without the page.
        following: The cursor of the next page; empty on the last.
    """

    items: Sequence[Record]
    asked: Mapping[str, Any]
    following: str


async def recommendations_of(page: WebPage, where: Choice) -> RecommendationsView:
    """Read the recommendations that the address asks for, newest first.

    Raises:
        Problem: 403 if the key may not read them, 422 if a filter is wrong.
    """
    filters = {name: page.asked(name) for name in _FILTERS}
    asked = {**filters, "country": countries_of(where), "as_of": page.as_of}
    found = await page.api.get(
        "/v1/recommendations", **asked, limit=SHOWN, cursor=page.asked("cursor")
    )
    return RecommendationsView(found["items"], asked, _cursor(found["next"]))


async def recommendation_of(page: WebPage, id_: str) -> Record:
    """Return one recommendation with its history.

    Raises:
        Problem: 403 if the key may not read it, 404 if there is no such one for it.
    """
    path = f"/v1/recommendations/{quote(id_, safe='')}"
    found: Record = await page.api.get(path, as_of=page.as_of)
    return found


def _cursor(following: str | None) -> str:
    return parse_qs(urlsplit(following or "").query).get("cursor", [""])[0]
