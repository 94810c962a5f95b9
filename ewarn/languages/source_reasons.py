"""The sentences that say why a source is as it is, and what a model could learn with it.

They are recorded in English, and translated into the language of the reader when they are shown.
What a provider or a parser says of one file stays as it is.
"""

from ewarn.languages.formats import semicolon
from ewarn.languages.sentences import Sentences, Teller, as_it_is, told_day, told_moment

SOURCE_REASONS = Sentences()
sentence, counted_sentence = SOURCE_REASONS.sentence, SOURCE_REASONS.counted_sentence

# What is known of a source. Sentences with a reason in them come before those reasons.
UNREAD = counted_sentence(
    "%(reason)s; %(count)s payload could not be read so far",
    "%(reason)s; %(count)s payloads could not be read so far",
)
NOTHING_NEWER_BECAUSE = sentence("nothing newer than %(moment)s: %(reason)s")
NOTHING_NEWER = sentence("nothing newer than %(moment)s")
NEVER_READ = sentence("never read")
READ = sentence("read")
NOTHING_NEW = sentence("nothing new")
IMPORTED = sentence("imported")
IMPORTED_FROM = sentence("imported from %(file)s")
WEEKS_PASSED = sentence("an imported file whose weeks have passed")
BACK_FILLED = sentence("back-filled: %(weeks)s weeks from %(first)s to %(last)s")

# What was found in a file.
WAS_EMPTY = sentence(
    "%(file)s is empty, as no payload of %(source)s ever was: look at it, then run `%(command)s` "
    "if that is true"
)
LACKS_EVENTS = sentence(
    "%(file)s lacks %(absent)s of %(known)s known events: see whether it came whole, "
    "then run `%(command)s` if they were deleted"
)
LACKS_AND_HAS_FIELDS = sentence(
    "%(file)s lacks %(lacking)s and has the new fields %(added)s: look whether its rows still mean "
    "the same, then run `%(command)s`"
)
LACKS_FIELDS = sentence(
    "%(file)s lacks %(lacking)s: look whether its rows still mean the same, then run `%(command)s`"
)
HAS_FIELDS = sentence(
    "%(file)s has the new fields %(added)s: look whether its rows still mean the same, then run "
    "`%(command)s`"
)

# What an operator must set.
NO_FOLDER = sentence("%(setting)s is not set: name the folder that its files are put into")
NO_POLECAT_KEY = sentence(
    "polecat needs the API token of an account at Harvard Dataverse: set EWARN_POLECAT_KEY"
)
NO_ACLED_ACCOUNT = sentence(
    "EWARN_ACLED_USERNAME and EWARN_ACLED_PASSWORD must name a myACLED account"
)
REPORTS_NOT_READ = sentence("field reports are read only once these are set: %(settings)s")
REPORTS_NOT_ACCEPTED = sentence("field reports are accepted only once these are set: %(settings)s")
KOBO_IN_CLEAR = sentence("EWARN_KOBO_URL must begin with https://: reports are not sent in clear")

# What a provider answered.
UNANSWERED_ONCE = sentence(
    "%(address)s did not answer after 1 try (%(error)s): it will be tried again."
)
UNANSWERED = sentence(
    "%(address)s did not answer after %(tries)s tries (%(error)s): it will be tried again."
)
PAUSED = sentence(
    "%(host)s is not asked for another %(seconds)s s (%(error)s): it will be tried again."
)
NOT_THERE = sentence("%(address)s does not exist (HTTP 404).")
DENIED = sentence(
    "%(address)s answered HTTP %(status)s: check the account and its key, and renew it."
)
NOT_TAKEN = sentence(
    "%(address)s does not take the question (HTTP 400): check the source's settings."
)
REFUSED = sentence("%(address)s answered HTTP %(status)s: check the address.")

# How many outcomes of another source there are.
OUTCOMES = sentence("%(matured)s of %(needed)s matured outcomes of %(outcomes)s since %(month)s")
OUTCOMES_UNREAD = sentence("%(outcomes)s was not read yet: run `%(command)s`")
OUTCOMES_OFF = sentence("%(outcomes)s was not read yet: name %(name)s in EWARN_SOURCES")
SOURCE_UNREAD = sentence("no week of %(source)s was read yet: back-fill it, from 2015 on at best")
OUTCOMES_END = sentence(
    "%(outcomes)s covers weeks up to %(day)s: back-fill %(source)s to before that"
)

_JOINT = "; "  # between what is said of several other sources


def told_reason(reason: str, language: str) -> str:
    """Return a recorded reason in a language, or unchanged if no sentence here wrote it."""
    return SOURCE_REASONS.told(reason, language, TELLERS)


def told_outcomes(outcomes: str, language: str) -> str:
    """Return in a language how many outcomes of other sources there are."""
    return semicolon(language).join(told_reason(each, language) for each in outcomes.split(_JOINT))


_AS_THEY_ARE = (
    "absent added address command count error file host known lacking matured month name needed "
    "outcomes seconds setting settings source status tries weeks"
)
TELLERS: dict[str, Teller] = {
    **dict.fromkeys(_AS_THEY_ARE.split(), as_it_is),
    **dict.fromkeys(("day", "first", "last"), told_day),
    "moment": told_moment,
    "reason": told_reason,
}
