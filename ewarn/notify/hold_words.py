"""Why news was held back, in words, in the languages that are complete."""

from datetime import datetime

from ewarn.domain.hold import Why
from ewarn.notify.phrases import moment_words
from ewarn.notify.words import language_of

_WORDS: dict[str, dict[Why, str]] = {
    "en": {
        Why.RECORD: "a change of this kind is kept in the record only",
        Why.NEVER_OPENED: "the alert never opened",
        Why.AS_HIGH_BEFORE: "the alert has been this high before",
        Why.SLOW: "the rule warns of fast rises only, and this one was slow",
        Why.UNHEARD: "nobody was told of the alert",
        Why.SOURCE: "the source {about} is not well, which was told once for all its regions",
        Why.SILENCE: "a silence covered it until {until}",
    },
    "fr": {
        Why.RECORD: "un changement de ce genre reste au registre",
        Why.NEVER_OPENED: "l'alerte ne s'est jamais ouverte",
        Why.AS_HIGH_BEFORE: "l'alerte a déjà été aussi haute",
        Why.SLOW: "la règle n'avertit que des hausses rapides, et celle-ci était lente",
        Why.UNHEARD: "personne n'avait été averti de l'alerte",
        Why.SOURCE: "la source {about} est en défaut, ce qui a été dit une fois pour ses régions",
        Why.SILENCE: "un silence la couvrait jusqu'au {until}",
    },
}
_WAITS = {
    "en": {
        "digest": "it waits for the recipient's digest",
        "quiet": "it waits for the end of quiet hours, or for room in the recipient's day",
        "patience": "it waits for other news, or for room in the recipient's day",
    },
    "fr": {
        "digest": "elle attend le bulletin du destinataire",
        "quiet": "elle attend la fin des heures calmes, ou de la place dans la journée",
        "patience": "elle attend d'autres nouvelles, ou de la place dans la journée",
    },
}


def hold_words(why: Why, about: str, until: datetime | None, language: str = "en") -> str:
    """Why nobody was told of a change. Of a silence it says until when, and not whose it is."""
    spoken = language_of(language)
    end = "" if until is None else moment_words(until.isoformat(), spoken)
    return _WORDS[spoken][why].format(about=about, until=end)


def wait_words(what: str, language: str = "en") -> str:
    """For what news waits that is on its way: `digest`, `quiet` or `patience`."""
    return _WAITS[language_of(language)][what]
