"""The sentences that say why what a person wanted to do is not possible.

The command line and the API say them in English. A page translates them into the language of the
reader.
"""

from ewarn.languages.sentences import Sentences

REFUSALS = Sentences()
sentence = REFUSALS.sentence

# What is not there, or not covered by the key.
ALERT_UNKNOWN = sentence("there is no alert %(id)s for this key")
ALERT_ELSEWHERE = sentence("there is no alert %(id)s of %(country)s")
SUBSCRIPTION_UNKNOWN = sentence("there is no subscription %(id)s for this key")
DEPLOYMENT_UNKNOWN = sentence("there is no deployment %(id)s")
RECOMMENDATION_UNKNOWN = sentence("there is no recommendation %(id)s")
PLAYBOOK_UNKNOWN = sentence("there is no playbook %(name)s; choose of %(known)s")

# Who asks.
NAME_EMPTY = sentence("the name is empty")
NAME_WITH_BRACKETS = sentence(
    "the name must hold no brackets: the name of the key is put into them"
)

# Alerts and silences.
ACKNOWLEDGED_BEFORE = sentence("%(alert)s was acknowledged before, by %(name)s")
NOT_OPEN_TO_ACKNOWLEDGE = sentence("%(alert)s is %(state)s: only an open alert can be acknowledged")
NOT_OPEN_TO_CLOSE = sentence("%(alert)s is %(state)s: only an open alert can be closed")
NEVER_OPENED = sentence("%(alert)s never opened: there is nothing to assess")
ASSESSED_WITHOUT_REASON = sentence("an assessment needs a reason that says what it is based on")
CLOSED_WITHOUT_REASON = sentence("closing an alert by hand needs a reason")
SILENCE_OF_NOTHING = sentence(
    "a silence must name a country, region, target or rule: it names nothing"
)

# Subscriptions and their messages.
CHANNEL_OFF = sentence("the channel %(channel)s is not switched on; these are: %(channels)s")
TOO_MANY_SUBSCRIPTIONS = sentence("a key can have %(most)s subscriptions at most; end some first")
NO_CODE_SENT = sentence("no code was sent since the address was last verified")
CODE_EXPIRED = sentence("the code has expired; ask for another one")
CODE_WRONG = sentence("this is not the code that was sent")
NOT_VERIFIED = sentence("the address is not verified; verify it before you send a test")
ROTATED_LATELY = sentence(
    "the secret was rotated within the last day, and the previous one still signs; "
    "try again tomorrow"
)
CODE_SENT_LATELY = sentence(
    "a code was sent to this address within the last ten minutes; look for it first"
)
CODES_TO_ADDRESS = sentence("%(most)s codes were sent there within a day; try again tomorrow")
CODES_OF_KEY = sentence("this key had %(most)s codes sent within a day; try again tomorrow")

# Deployments.
SENDS_NOBODY = sentence("the playbook %(playbook)s sends nobody: there is nothing to propose")
ANSWERS_TARGETS = sentence("the playbook %(playbook)s answers alerts of %(targets)s")
ANSWERS_LEVELS = sentence("the playbook %(playbook)s answers alerts from %(level)s on")
NO_TEAM = sentence("a deployment needs a team: say which roles are sent")
NO_OWNER = sentence("a deployment needs 'owner': a role, an office or a Government")
NO_CONSENTING_PARTY = sentence("a deployment needs 'consent_of': a role, an office or a Government")
REVIEWS_OUT_OF_ORDER = sentence("review weeks must rise: each review comes after the one before")
NOT_BEGUN = sentence("%(deployment)s has not begun: there is nothing to review")
NO_CONSENT = sentence(
    "%(deployment)s has no consent of %(party)s: it stands at %(stage)s, and nobody is deployed "
    "without consent"
)
NOTHING_FOLLOWS = sentence(
    "%(deployment)s stands at %(stage)s: no step can follow, so %(step)s cannot either"
)
OTHER_STEPS_FOLLOW = sentence(
    "%(deployment)s stands at %(stage)s: what can follow is %(steps)s, not %(step)s"
)
STEP_IN_FUTURE = sentence(
    "the step is of %(day)s, which is in the future; record it when it is taken"
)
STEP_TOO_EARLY = sentence("the step is of %(day)s; years before %(year)s are not accepted")
STEP_BEFORE_LAST = sentence("the step is of %(day)s, before the last one of %(last)s")
STEP_WITHOUT_REASON = sentence("a step needs a reason that says why it is taken")

# Recommendations.
KNOWN_ALREADY = sentence("it is known already, as %(id)s: change its status there")
NO_TEXT = sentence("a recommendation needs its text")
GIVEN_IN_FUTURE = sentence("it was given on %(day)s, which is in the future")
DUE_BEFORE_GIVEN = sentence("it is due on %(day)s, before it was given on %(given)s")
REVIEWED_BEFORE_GIVEN = sentence(
    "it is to be reviewed on %(day)s, before it was given on %(given)s"
)
NO_EVIDENCE_OF = sentence("the status %(status)s needs evidence that says what it rests on")
NO_EVIDENCE = sentence("a status needs evidence that says what it rests on")
STATUS_OUT_OF_TIME = sentence("the status must be of a day from %(first)s to %(last)s")
REVIEWED_BEFORE_STATUS = sentence(
    "it is to be reviewed on %(day)s, before the status of %(status_day)s"
)

# Rules that are tried on past scores.
NO_SCORES = sentence(
    "there are no scores from %(first)s to %(last)s to try the rules on: there are none at all"
)
NO_SCORES_THEN = sentence(
    "there are no scores from %(first)s to %(last)s to try the rules on: they are from %(begins)s "
    "to %(ends)s"
)
TOO_MANY_ALERTS = sentence(
    "the rules open more than %(most)s alerts from %(first)s to %(last)s: raise the thresholds, or "
    "choose a shorter span"
)

# What `ewarn.domain.persons` finds in a text. The client imports it and must not load catalogues,
# so it words this itself.
sentence("%(what)s must be a role or an office, without title, address or telephone number")
sentence("%(what)s must hold no e-mail address and no telephone number")

# A name that `ewarn.domain.text` refuses. It begins like sentences above, so it comes after them.
NAME_WRONG = sentence("the name %(fault)s")

# Words in the gaps of these sentences.
sentence("a member of the team")
sentence("the owner")
sentence("who consents")
sentence("the addressee")
sentence("the reference")
sentence("the name")
