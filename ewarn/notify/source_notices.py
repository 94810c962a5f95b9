"""What is said of sources that are not well, wherever something rests on them."""

from collections.abc import Iterable
from datetime import date, datetime

from ewarn.domain.source import MACHINE_CODED, Health
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import colon, day_words, moment_words, semicolon
from ewarn.notify.labels import health_words


def unwell_words(
    sources: Iterable[tuple[str, Health, datetime | None]], language: str = "en"
) -> str:
    """Sources that are not well, each with the time of the newest thing read of it; else nothing.

    It names moments, never how long ago they are: what is said changes when something happens.
    """
    said = [
        f"{source} {health_words(health, language)} ({_since(since, language)})"
        for source, health, since in sources
    ]
    if not said:
        return ""
    heading = translation(language).gettext("sources that are not well")
    return f"{heading}{colon(language)}{', '.join(said)}"


def _since(since: datetime | None, language: str) -> str:
    gettext = translation(language).gettext
    if since is None:
        return gettext("never read")
    return gettext("nothing since %(moment)s") % {"moment": moment_words(since, language)}


def nothing_yet_words(*, is_read: bool, is_scored: bool, language: str = "en") -> str:
    """What is said where nothing was read, or nothing scored; else nothing."""
    gettext = translation(language).gettext
    if not is_read:
        return gettext(
            "nothing has been read yet: an empty list does not mean that nothing happened"
        )
    if not is_scored:
        return gettext(
            "nothing has been scored yet: an empty list does not mean that there is no risk"
        )
    return ""


def forecast_words(months: Iterable[tuple[str, date]], language: str = "en") -> str:
    """Up to which month each source knew deaths when its forecast was made; where there is none,
    that nothing was forecast."""
    gettext = translation(language).gettext
    message = gettext(
        "deaths are known up to the end of %(month)s (%(source)s): a month that is not published "
        "yet does not mean that nobody died"
    )
    said = [message % {"month": f"{month:%Y-%m}", "source": source} for source, month in months]
    return together(said, language) or gettext(
        "nothing has been forecast yet: an empty list does not mean that there is no risk"
    )


def unforecast_words(language: str = "en") -> str:
    """What is said of a country of which nothing is forecast."""
    return translation(language).gettext(
        "there is no forecast for this country, which does not mean that there is no risk"
    )


def unscored_words(since: datetime | None, language: str = "en") -> str:
    """Why a region has no score: nobody observes it, or not since the end of some week."""
    gettext = translation(language).gettext
    if since is None:
        return gettext("no source observes it")
    day = day_words(since.date(), language)
    return gettext("no source has observed it since %(day)s") % {"day": day}


def blind_words(language: str = "en") -> str:
    """What is said of a score whose last week nobody observed."""
    return translation(language).gettext(
        "its last week was not observed: it rests on the weeks before, and does not mean that "
        "nothing happened"
    )


def interim_words(as_of: datetime, language: str = "en") -> str:
    """What is said of an interim score, which knew of its week until a moment."""
    message = translation(language).gettext(
        "interim: it reads the week that is not over yet, as known on %(moment)s"
    )
    return message % {"moment": moment_words(as_of, language)}


def machine_words(source: str, language: str = "en") -> str:
    """What must be said of what software read out of the news; nothing of other sources."""
    if source not in MACHINE_CODED:
        return ""
    message = translation(language).gettext(
        "counted by software in news reports (%(source)s): check what happened before you act"
    )
    return message % {"source": source}


def together(texts: Iterable[str], language: str = "en") -> str:
    """Those of some notices that say something, as one."""
    return semicolon(language).join(text for text in texts if text)
