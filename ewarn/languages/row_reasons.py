"""The sentences that say what is wrong with a row of a list of recommendations.

They are translated into the language of the reader when they are shown, so that whoever sent the
list can correct it.
"""

from collections.abc import Mapping

from ewarn.languages.refused_acts import REFUSALS
from ewarn.languages.sentences import Sentences, Teller

ROW_REASONS = Sentences()
sentence = ROW_REASONS.sentence

TOO_LONG = sentence("%(column)s has more than %(most)s characters")
EMPTY = sentence("%(column)s is empty")
OTHER_COUNTRY = sentence("country %(name)s is not covered by this key")
IN_FUTURE = sentence("%(column)s is %(day)s, which is in the future")
NOT_ONE_OF = sentence("%(column)s %(value)s is not one of %(known)s")
REPEATED = sentence("the same recommendation stands above already")
STATUS_STAYS = sentence(
    "line %(line)s: the status stays %(status)s: a file changes no status, evidence does"
)
UNKNOWN_COLUMN = sentence("the column %(name)s is not known and was ignored")

# What `ewarn.files` finds in a cell. The process that reads a workbook imports it and must stay
# small, so it words this itself.
sentence("%(column)s %(text)s is a formula without a value: mend it, or write the day")
sentence("%(column)s %(text)s is not a day from %(first)s to %(last)s written YYYY-MM-DD")
sentence(
    "%(column)s %(text)s is not a day from %(first)s to %(last)s written YYYY-MM-DD but may be a "
    "spreadsheet's number of one: format the column as YYYY-MM-DD"
)
sentence(
    "%(column)s %(text)s is not a day from %(first)s to %(last)s written YYYY-MM-DD: it is not "
    "clear which number is the day and which the month"
)
sentence("%(column)s %(text)s is not an id but what a spreadsheet shows for an empty cell")
sentence("%(column)s %(text)s is an id with a character that cannot be seen")
sentence(
    "%(column)s %(text)s is an id that a spreadsheet has rounded: format its column as text and "
    "enter the ids again"
)


def told_row_reason(reason: str, language: str, tellers: Mapping[str, Teller]) -> str:
    """Return what is wrong with a row in a language, or unchanged if no sentence wrote it.

    A row is refused for the same reasons as a form, too.

    Args:
        tellers: As for `Sentences.told`.
    """
    told = REFUSALS.told(reason, language, tellers)
    return told if told != reason else ROW_REASONS.told(reason, language, tellers)
