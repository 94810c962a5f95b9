"""What every page of the response needs, and the answer of one with a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.responses import Response

from api.pages.page import WebPage
from api.pages.refusals import Refusal
from api.pages.response.words import ResponseWording
from api.pages.wording import PageWording
from ewarn.languages.formats import colon, semicolon

READS, WRITES = "deployments:read", "deployments:write"


def response_context(page: WebPage, refused: Refusal | None = None) -> dict[str, Any]:
    """Return what every page of the response needs.

    Nobody acts on a past day: acts are about now.
    """
    words = PageWording(page.state, page.language)
    return {
        "section": "response",
        "say": ResponseWording(page.language),
        "place_words": words.place,
        "kind_words": words.kind,
        "count": words.count,
        "alert_state_words": words.alert_state,
        "colon": _unbroken(colon(page.language)),
        "semicolon": _unbroken(semicolon(page.language)),
        "today": page.moment.date(),
        "may_read": page.can(READS),
        "may_write": page.can(WRITES) and not page.as_of,
        "refused": refused or Refusal(),
        "links": [],
    }


def form_page(page: WebPage, template: str, context: Mapping[str, Any]) -> Response:
    """Return a page with a form, with status 422 if the form was refused."""
    is_refused = context["refused"].is_refused
    return page.render(template, context, status=422 if is_refused else 200, fresh=not is_refused)


def chosen_country(refused: Refusal, countries: Sequence[tuple[str, str]]) -> str:
    """Return the country that is selected in a form: that of a key for one country, if no other."""
    only = countries[0][0] if len(countries) == 1 else ""
    return refused.kept(refused.act, "country") or only


def _unbroken(mark: str) -> str:
    """Return a mark whose line does not break before it."""
    return f"\u00a0{mark[1:]}" if mark.startswith(" ") else mark
