"""The sentences that state why a rule would not open an alert on a score.

A dry run returns them in English, and a page translates them into the language of the reader.
"""

from ewarn.languages.sentences import Sentences

UNMET = Sentences()
sentence, counted_sentence = UNMET.sentence, UNMET.counted_sentence

# The score is of another kind.
OTHER_TARGET = sentence("it is for another target: %(own)s, not %(its)s")
OTHER_LEVEL = sentence("it is for another level: %(own)s, not %(its)s")
OTHER_HORIZON = sentence("it is for another horizon: %(own)s weeks, not %(its)s weeks")
OTHER_BASIS = sentence(
    "the score is %(basis)s, and only a detector's rule may fire on such a basis"
)
NO_SOURCE = sentence("it is for other sources: %(sources)s, not a source that is not named")
OTHER_SOURCES = sentence("it is for other sources: %(sources)s, not %(source)s")

# The score is not high enough.
HAS_PROBABILITY = sentence("it is for scores without a probability, and this one has one")
NOT_MET = sentence("the score is not %(words)s")
CHANCE_UNKNOWN = sentence("how often chance alone brings such an alarm is not known")
OFTEN_BY_CHANCE = sentence("%(chance)s, and the rule allows %(allowed)s")
BOUND_UNKNOWN = sentence("the last week, or the detector's bound for it, is not known")
ONE_WITHIN_BOUND = sentence("%(seen)s does not exceed the detector's bound, %(bound)s")
WITHIN_BOUND = sentence("%(seen)s do not exceed the detector's bound, %(bound)s")
NO_THRESHOLD_UNNAMED = sentence("its budget gives it no threshold on a source that is not named")
NO_THRESHOLD = sentence("its budget gives it no threshold on %(source)s")
NO_PROBABILITY = sentence("the score has no probability to compare with %(threshold)s")
BELOW = sentence("%(probability)s lies %(short)s below %(threshold)s, at which it raises")

# The probability did not rise, or it was warned of before.
NOTHING_TO_RISE = sentence("the score has no probability that could rise")
BELOW_FLOOR = sentence("%(probability)s lies below %(floor)s, at which a rise begins to count")
LOW_IN_QUIET = sentence(
    "it was quiet there for half a year, and the probability is %(times)s times the mean of such "
    "regions: there it counts from %(least)s times"
)
WARNED_IN_QUIET = sentence(
    "it warned of %(level)s %(weeks)s weeks ago: it does so again after %(after)s weeks, or with a "
    "rise"
)
NO_RISE = sentence(
    "%(probability)s is less than %(factor)s times %(lowest)s, the lowest of the %(weeks)s weeks "
    "before"
)
WARNED = sentence(
    "it warned of %(level)s %(weeks)s weeks ago: it does so again after %(after)s weeks, or at "
    "%(higher)s"
)

# The rule waits.
SEEN_ALREADY = sentence(
    "its alert %(alert)s has seen the scores of %(origin)s, and looks again at those of "
    "%(following)s"
)
COOLS_DOWN = sentence("it cools down until %(until)s, unless the band rises above %(band)s")
MUST_HOLD = counted_sentence(
    "it must hold for %(count)s more week before it opens",
    "it must hold for %(count)s more weeks before it opens",
)

# Words in the gaps of these sentences.
sentence("uncalibrated")
sentence("provisional")
