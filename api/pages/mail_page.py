"""The page behind the link in a mail: one alert and one button. It needs no script and no key."""

from collections.abc import Sequence

from fastapi.responses import Response

from api.pages.rendering import template
from ewarn.domain.alert import Alert, AlertState
from ewarn.languages.catalogues import (
    ENGLISH,
    complete_languages,
    complete_or_english,
    translation,
)
from ewarn.languages.formats import day_words, percent
from ewarn.notify.messages.labels import band_words, target_words
from ewarn.ports import WholeGazetteer

_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def alert_page(alert: Alert, places: WholeGazetteer, wanted: str) -> Response:
    """Return the page of an alert: with a button if it is open, with status 409 if it is closed."""
    language = complete_or_english(wanted)
    gettext = translation(language).gettext
    region, country = places.get(alert.region), places.get(alert.country)
    place = region.name_in(language)
    if region.parent is not None:
        place = f"{place}, {country.name_in(language)}"
    level = band_words(alert.band, language)
    if alert.probability is not None:
        level = f"{level}, {percent(alert.probability, language)}"
    lines = [target_words(alert.target, language), gettext("Level: %(level)s") % {"level": level}]
    if alert.opened_on is not None:
        day = day_words(alert.opened_on, language)
        lines.append(gettext("Open since %(day)s") % {"day": day})
    if alert.state is AlertState.ACKNOWLEDGED:
        lines.append(gettext("Acknowledged by %(actor)s.") % {"actor": alert.acknowledged_by})
    if not alert.is_standing:
        lines.append(gettext("This alert is closed: there is nothing to acknowledge."))
    is_open = alert.state is AlertState.OPEN
    status = 200 if alert.is_standing else 409
    return _page(language, place, lines, alert.id, can_act=is_open, status=status)


def refusal_page(*, is_expired: bool) -> Response:
    """Return the page for an invalid link, in all languages. It does not say whose link it was."""
    headings, lines = [], []
    for language in complete_languages():
        gettext = translation(language).gettext
        expired, unknown = gettext("This link has expired"), gettext("This link cannot be used")
        headings.append(expired if is_expired else unknown)
        lines.append(gettext("Open ewarn, or answer the newest mail."))
    return _page(
        ENGLISH, " · ".join(headings), lines, can_act=False, status=410 if is_expired else 404
    )


def _page(
    language: str,
    heading: str,
    lines: Sequence[str],
    alert_id: str = "",
    *,
    can_act: bool,
    status: int,
) -> Response:
    text = template("mail_page.html.j2").render(
        language=language, heading=heading, lines=lines, alert_id=alert_id, can_act=can_act
    )
    return Response(text, status, _HEADERS, media_type="text/html; charset=utf-8")
