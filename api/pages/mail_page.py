"""The page behind the link of a mail: one alert and one button. It needs no script and no key."""

from collections.abc import Sequence

from fastapi.responses import Response

from api.serving.templates import template
from ewarn.domain.alert import Alert, AlertState
from ewarn.notify.phrases import day_words
from ewarn.notify.words import band_words, language_of, percent, target_words
from ewarn.ports import WholeGazetteer

WORDS = {
    "en": {
        "title": "Acknowledge an alert",
        "button": "Acknowledge",
        "meaning": "It says that somebody has seen the alert and acts. Nobody is reminded of it.",
        "level": "Level: {}",
        "open": "Open since {}",
        "done": "Acknowledged by {}.",
        "closed": "This alert is closed: there is nothing to acknowledge.",
        "unknown": "This link cannot be used",
        "expired": "This link has expired",
        "instead": "Open ewarn, or answer the newest mail.",
    },
    "fr": {
        "title": "Accuser réception d'une alerte",
        "button": "Accuser réception",
        "meaning": "Cela indique que quelqu'un a vu l'alerte et agit. Personne n'est relancé.",
        "level": "Niveau : {}",
        "open": "Ouverte depuis le {}",
        "done": "Il en a été accusé réception par {}.",
        "closed": "Cette alerte est close : il n'y a rien dont accuser réception.",
        "unknown": "Ce lien ne peut pas être utilisé",
        "expired": "Ce lien a expiré",
        "instead": "Ouvrez ewarn, ou répondez au message le plus récent.",
    },
}
_HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def alert_page(alert: Alert, places: WholeGazetteer, wanted: str) -> Response:
    """The page of an alert: with a button while it is open, with 409 once it is closed."""
    language = language_of(wanted)
    say = WORDS[language]
    region, country = places.get(alert.region), places.get(alert.country)
    place = region.name_in(language)
    if region.parent is not None:
        place = f"{place}, {country.name_in(language)}"
    level = band_words(alert.band, language)
    if alert.probability is not None:
        level = f"{level}, {percent(alert.probability, language)}"
    lines = [target_words(alert.target, language), say["level"].format(level)]
    if alert.opened_on is not None:
        lines.append(say["open"].format(day_words(alert.opened_on.isoformat(), language)))
    if alert.state is AlertState.ACKNOWLEDGED:
        lines.append(say["done"].format(alert.acknowledged_by))
    if not alert.is_standing:
        lines.append(say["closed"])
    is_open = alert.state is AlertState.OPEN
    return _page(language, place, lines, can_act=is_open, status=200 if alert.is_standing else 409)


def refusal_page(*, is_expired: bool) -> Response:
    """The page of a link that cannot be used, in both languages: it does not say whose it was."""
    what = "expired" if is_expired else "unknown"
    heading = " · ".join(words[what] for words in WORDS.values())
    lines = [words["instead"] for words in WORDS.values()]
    return _page("en", heading, lines, can_act=False, status=410 if is_expired else 404)


def _page(
    language: str, heading: str, lines: Sequence[str], *, can_act: bool, status: int
) -> Response:
    text = template("mail_page.html.j2").render(
        language=language, say=WORDS[language], heading=heading, lines=lines, can_act=can_act
    )
    return Response(text, status, _HEADERS, media_type="text/html; charset=utf-8")
