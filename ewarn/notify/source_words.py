"""What is said of sources that are not well, wherever something rests on them."""

from collections.abc import Iterable
from datetime import datetime

from ewarn.domain.source import MACHINE_CODED, Health
from ewarn.notify.phrases import colon, day_words, health_words, moment_words, semicolon
from ewarn.notify.words import language_of

_WORDS = {
    "en": {
        "heading": "sources that are not well",
        "since": "nothing since {}",
        "never": "never read",
        "unread": "nothing has been read yet, so an empty list is no calm",
        "unscored": "nothing has been scored yet, so an empty list is no calm",
        "none": "no source observes it",
        "ceased": "no source has observed it since {}",
        "blind": "its last week was not observed: it rests on the weeks before, and is no calm",
        "machine": "counted by software in news reports ({}): check what happened before you act",
        "interim": "interim: it reads the week that is not over yet, as known on {}",
    },
    "fr": {
        "heading": "sources en défaut",
        "since": "rien depuis le {}",
        "never": "jamais lue",
        "unread": "rien n'a encore été lu : une liste vide n'est pas le calme",
        "unscored": "rien n'a encore été évalué : une liste vide n'est pas le calme",
        "none": "aucune source ne l'observe",
        "ceased": "aucune source ne l'observe depuis le {}",
        "blind": (
            "sa dernière semaine n'a pas été observée : il repose sur les semaines d'avant, et ce "
            "n'est pas le calme"
        ),
        "machine": "compté par un logiciel dans la presse ({}) : vérifiez les faits avant d'agir",
        "interim": "provisoire : la semaine en cours est lue telle qu'on la connaissait le {}",
    },
}


def unwell_words(
    sources: Iterable[tuple[str, Health, datetime | None]], language: str = "en"
) -> str:
    """Sources that are not well, each with the time of the newest thing read of it; else nothing.

    It names moments, never how long ago they are: what is said changes when something happens.
    """
    spoken = language_of(language)
    said = [
        f"{source} {health_words(health, spoken)} ({_since(since, spoken)})"
        for source, health, since in sources
    ]
    if not said:
        return ""
    return f"{_WORDS[spoken]['heading']}{colon(spoken)}{', '.join(said)}"


def nothing_yet_words(*, is_read: bool, is_scored: bool, language: str = "en") -> str:
    """What is said where nothing was read, or nothing scored; else nothing."""
    words = _WORDS[language_of(language)]
    if not is_read:
        return words["unread"]
    return "" if is_scored else words["unscored"]


def unscored_words(since: datetime | None, language: str = "en") -> str:
    """Why a region has no score: nobody observes it, or not since the end of some week."""
    words = _WORDS[language_of(language)]
    if since is None:
        return words["none"]
    return words["ceased"].format(day_words(since.date().isoformat(), language_of(language)))


def blind_words(language: str = "en") -> str:
    """What is said of a score whose last week nobody observed."""
    return _WORDS[language_of(language)]["blind"]


def interim_words(as_of: datetime, language: str = "en") -> str:
    """What is said of an interim score, which knew of its week until a moment."""
    spoken = language_of(language)
    return _WORDS[spoken]["interim"].format(moment_words(as_of.isoformat(), spoken))


def machine_words(source: str, language: str = "en") -> str:
    """What must be said of what software read out of the news; nothing of other sources."""
    if source not in MACHINE_CODED:
        return ""
    return _WORDS[language_of(language)]["machine"].format(source)


def together(texts: Iterable[str], language: str = "en") -> str:
    """Those of some notices that say something, as one."""
    return semicolon(language_of(language)).join(text for text in texts if text)


def _since(since: datetime | None, language: str) -> str:
    words = _WORDS[language]
    if since is None:
        return words["never"]
    return words["since"].format(moment_words(since.isoformat(), language))
