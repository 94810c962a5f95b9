"""The sentences that state in the record why an alert changed.

They are stored in English, and translated into the language of the reader when they are shown.
"""

from ewarn.languages.sentences import Sentences

REASONS = Sentences()
sentence, counted_sentence = REASONS.sentence, REASONS.counted_sentence


# Reasons about scores. Whole reasons come first and their parts after them, because a recorded text
# is compared with the sentences in this order.
MUST_HOLD = sentence("%(level)s meets rule %(rule)s; it must hold for %(periods)s")
SELDOM_BY_CHANCE = sentence("%(level)s: %(chance)s, within the rule's %(allowed)s for %(periods)s")
OFTEN_BY_CHANCE = sentence("%(level)s: %(chance)s, above the rule's %(allowed)s for %(periods)s")
MEETS_NO_LONGER = sentence("%(level)s, which is no longer %(words)s, for %(periods)s")
MEETS = sentence("%(level)s, which is %(words)s, for %(periods)s")
ABOVE_BOUND = sentence("%(level)s: above the detector's bound for %(periods)s")
WITHIN_BOUND = sentence("%(level)s: within the detector's bound for %(periods)s")
AT_OR_ABOVE = sentence("%(level)s at or above %(threshold)s for %(periods)s")
BELOW = sentence("%(level)s: below %(threshold)s for %(periods)s")
HIGH_IN_QUIET = sentence(
    "%(level)s: %(source)s reported no such force here in half a year, and the risk is %(times)s "
    "times the mean of such regions",
    "%(level)s: %(source)s knows of no such force here in half a year, and the risk is %(times)s "
    "times the mean of such regions",
)
UP_FROM_UNKNOWN = sentence("%(level)s, and nothing is known of the %(periods)s before")
UP_FROM = sentence("%(level)s, up from %(lowest)s, the lowest of the last %(periods)s")
BECAME = sentence("%(level)s: %(lower_band)s became %(higher_band)s")
FELL = sentence("%(level)s: %(higher_band)s fell to %(lower_band)s")
NOT_OPENED_TODAY = sentence(
    "on today's data it would not have opened: %(today)s instead of %(then)s"
)
OPENED_TODAY = sentence("on today's data it would have opened after all: %(today)s")
RISE_FROM_QUIET = sentence(
    "%(compared)s, and a rise counts from %(floor)s, in a quiet region from %(times)s times the "
    "mean of such"
)
RISE_FROM = sentence("%(compared)s, and a rise counts from %(floor)s")
RAISED_FROM = sentence("%(compared)s, raised from %(threshold)s")
ALARMS_BY_CHANCE = sentence("alarms by chance in %(share)s of weeks")
BY_CHANCE = sentence("chance alone brings such an alarm in %(share)s of weeks")
THIS_WEEK = sentence("%(seen)s in the week so far, %(compared)s")
LAST_WEEK = sentence("%(seen)s last week, %(compared)s")
EARLIER = sentence("%(seen)s in the week of %(week)s, %(compared)s")
COUNT_AND_BOUND = sentence("%(seen)s, bound %(bound)s,")
PROBABILITY = sentence("probability %(probability)s")
EXPECTED = sentence("where %(expected)s were expected")
BOUND = sentence("bound %(bound)s")
EVENTS = counted_sentence("%(count)s event", "%(count)s events")
POINTS = counted_sentence("%(count)s point", "%(count)s points")
PERIODS = counted_sentence("%(count)s week", "%(count)s weeks")
LESS_THAN = sentence("less than %(number)s%%")
PERCENT = sentence("%(number)s%%")

# Reasons about the rule, licence and data that an alert depends on, and about its time limits.
RULE_GONE = sentence(
    "the rule %(rule)s is gone: the level did not fall, but nothing watches it now"
)
LICENCE_GONE = sentence(
    "the licence %(licence)s is no longer stated: nothing is read under it, and nothing watches"
)
DID_NOT_HOLD = sentence("did not hold: fell below the raising threshold before it opened")
DATA_STOPPED = sentence("its data stopped: the last week was not observed, so it stays open")
DATA_BACK = sentence("its data came back")
NEXT_TIER = sentence(
    "nobody acknowledged it within %(hours)s hours: tier %(tier)s is notified",
    "nobody acknowledged it within %(hours)s hours: tier %(tier)s is told",
)
NOT_SCORED = sentence("nothing has been scored here since %(day)s, so it stays open")
STANDING = sentence("nothing has renewed it since %(day)s: it stays listed as a standing situation")
STILL_HIGH = sentence("the risk stays high: %(reason)s")
STILL_OPEN = sentence("still open: %(reason)s")
NEWS_HELD_BACK = sentence(
    "its notifications are no longer suppressed", "what held the news of it back is over"
)
NEWS_HELD_BACK_CORRECTED = sentence(
    "its notifications are no longer suppressed; on today's data it would not have opened",
    "what held the news of it back is over; on today's data it would not have opened",
)
NOT_ACKNOWLEDGED = sentence("still open, and nobody has acknowledged it")

# `words` is the text of the person who closed the alert, passed on unchanged.
CLOSED_BY_HAND = sentence("closed by hand: %(words)s")
