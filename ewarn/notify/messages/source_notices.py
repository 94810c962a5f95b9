"""Write the notices on missing data, unhealthy sources and interim scores that go with results."""

from collections.abc import Iterable
from datetime import date, datetime

from ewarn.domain.source import MACHINE_CODED, Health
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import colon, day_words, moment_words, semicolon
from ewarn.notify.messages.labels import health_words


def unhealthy_words(
    sources: Iterable[tuple[str, Health, datetime | None]], language: str = "en"
) -> str:
    """Return a notice that names unhealthy sources, or empty if there are none.

    It gives the time of the newest data of each source, never its age, so that the text changes
    only when something happens.
    """
    said = [
        f"{source} {health_words(health, language)} ({_since(since, language)})"
        for source, health, since in sources
    ]
    if not said:
        return ""
    heading = translation(language).gettext("sources with problems")
    return f"{heading}{colon(language)}{', '.join(said)}"


def _since(since: datetime | None, language: str) -> str:
    gettext = translation(language).gettext
    if since is None:
        return gettext("never read")
    return gettext("nothing since %(moment)s") % {"moment": moment_words(since, language)}


def nothing_yet_words(*, is_read: bool, is_scored: bool, language: str = "en") -> str:
    """Return a notice that no data were read yet or that nothing was scored yet, else empty."""
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
    """Return a notice on the newest month with known deaths of each source of a forecast.

    Without any month, the notice says that nothing was forecast yet.
    """
    gettext = translation(language).gettext
    message = gettext(
        "deaths are known up to the end of %(month)s (%(source)s): a month that is not published "
        "yet does not mean that nobody died"
    )
    said = [message % {"month": f"{month:%Y-%m}", "source": source} for source, month in months]
    return joined(said, language) or gettext(
        "nothing has been forecast yet: an empty list does not mean that there is no risk"
    )


def unforecast_words(language: str = "en") -> str:
    """Return the notice for a country without a forecast."""
    return translation(language).gettext(
        "there is no forecast for this country, which does not mean that there is no risk"
    )


def unscored_words(since: datetime | None, language: str = "en") -> str:
    """Return why a region has no score: no source observes it, or none since a given time."""
    gettext = translation(language).gettext
    if since is None:
        return gettext("no source observes it")
    day = day_words(since.date(), language)
    return gettext("no source has observed it since %(day)s") % {"day": day}


def unobserved_words(language: str = "en") -> str:
    """Return the notice for a score whose last week was not observed."""
    return translation(language).gettext(
        "its last week was not observed: it rests on the weeks before, and does not mean that "
        "nothing happened"
    )


def interim_words(as_of: datetime, language: str = "en") -> str:
    """Return the notice for an interim score, which uses the unfinished week up to `as_of`."""
    message = translation(language).gettext(
        "interim: it reads the week that is not over yet, as known on %(moment)s"
    )
    return message % {"moment": moment_words(as_of, language)}


def machine_words(source: str, language: str = "en") -> str:
    """Return the notice for a source that software coded from the news; empty for other sources."""
    if source not in MACHINE_CODED:
        return ""
    message = translation(language).gettext(
        "counted by software in news reports (%(source)s): check what happened before you act"
    )
    return message % {"source": source}


def joined(texts: Iterable[str], language: str = "en") -> str:
    """Join the notices that are not empty."""
    return semicolon(language).join(text for text in texts if text)
