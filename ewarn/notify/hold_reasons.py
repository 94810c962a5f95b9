"""Why news was held back, and what news waits for."""

from datetime import datetime

from ewarn.domain.hold import Why
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import moment_words


def hold_words(why: Why, about: str, until: datetime | None, language: str = "en") -> str:
    """Why nobody was told of a change. Of a silence it says until when, and not whose it is."""
    gettext = translation(language).gettext
    reasons = {
        Why.RECORD: gettext("a change of this kind is kept in the record only"),
        Why.NEVER_OPENED: gettext("the alert never opened"),
        Why.AS_HIGH_BEFORE: gettext("the alert has been this high before"),
        Why.SLOW: gettext("the rule warns of fast rises only, and this one was slow"),
        Why.UNHEARD: gettext("nobody was told of the alert"),
        Why.SOURCE: gettext(
            "the source %(source)s is not well, which was told once for all its regions"
        ),
        Why.SILENCE: gettext("a silence covered it until %(moment)s"),
    }
    end = "" if until is None else moment_words(until, language)
    return reasons[why] % {"source": about, "moment": end}


def wait_words(what: str, language: str = "en") -> str:
    """For what news waits that is on its way: `digest`, `quiet` or `patience`."""
    gettext = translation(language).gettext
    return {
        "digest": gettext("it waits for the recipient's digest"),
        "quiet": gettext("it waits for the end of quiet hours, or for room in the recipient's day"),
        "patience": gettext("it waits for other news, or for room in the recipient's day"),
    }[what]
