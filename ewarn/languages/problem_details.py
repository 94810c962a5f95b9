"""The sentences that say in an answer of the API why a request was refused.

The API answers in English. A page translates them into the language of the reader. What the
pipeline refuses is said by the sentences of `refused_acts`, what is wrong with one field by those
of `field_faults`.
"""

from collections.abc import Mapping

from ewarn.languages.refused_acts import REFUSALS
from ewarn.languages.sentences import Sentences, Teller

DETAILS = Sentences()
sentence = DETAILS.sentence

# What is not there, or not covered by the key.
NO_REGION = sentence("There is no region %(code)s for this key.")
SEVERAL_REGIONS = sentence("%(name)s is the name of several regions, %(regions)s: use a code.")
NO_ALERT = sentence("There is no alert %(id)s for this key.")
NO_SCORE = sentence("There is no score %(id)s for this key.")
NO_EVENT = sentence("There is no such event for this key.")
NO_SILENCE = sentence("There is no silence %(id)s for this key.")
NO_SUBSCRIPTION = sentence("There is no subscription %(id)s for this key.")
NO_DELIVERY = sentence("There is no delivery %(id)s for this key.")
NO_DEPLOYMENT = sentence("There is no deployment %(id)s for this key.")
NO_RECOMMENDATION = sentence("There is no recommendation %(id)s for this key.")
NO_OFFICE = sentence("There is no office %(name)s; /v1/offices lists them.")
NO_MODEL = sentence("There is no model %(name)s; /v1/models lists them.")
NO_RULE_VERSION = sentence("No rule with the hash %(hash)s was ever in force.")
NOTHING_AT = sentence("There is nothing at %(path)s.")
OTHER_METHOD = sentence("This address does not allow that method.")
NO_FILE = sentence("The page has no file %(name)s.")
NO_ACT = sentence("There is no act %(name)s.")

# Who asks.
SIGN_IN_FIRST = sentence("Sign in first.")
KEY_INCOMPLETE = sentence("The API key is not written as prefix.secret: copy it whole.")
KEY_INVALID = sentence("The API key is unknown, expired or revoked.")
KEY_OF_SESSION_INVALID = sentence("The API key of the session is expired or revoked.")
NO_KEY = sentence("The request carries no API key.")
LACKS_SCOPE = sentence("The key %(key)s lacks the scope %(scopes)s.")
NOT_FOR_PARTNERS = sentence(
    "This address cannot be limited to the regions and days of a partner's key."
)
TRIAL_OF_ALL_COUNTRIES = sentence(
    "A trial counts the alerts of all countries: it needs a key that covers them all."
)
FROM_ANOTHER_SITE = sentence("The request does not come from a page of this session.")
TOO_MANY_OF_KEY = sentence(
    "More than %(most)s requests a minute came with this key: ask again in %(seconds)s s."
)
TOO_MANY_OF_ADDRESS = sentence(
    "More than %(most)s requests a minute came with this address: ask again in %(seconds)s s."
)

# What is asked for.
LOOK_AT = sentence("Look at: %(names)s.")
IS_FUTURE = sentence("as_of %(moment)s is after the service's clock, %(now)s.")
NOT_OF_THIS_LIST = sentence("The cursor does not come from this list.")
NO_DAY = sentence("%(text)s is not a day, as 2017-08-21.")
NONE_OF = sentence("%(name)s %(text)s is none of %(known)s.")
BODY_TOO_LARGE = sentence("The body is larger than %(size)s.")
STORE_UNAVAILABLE = sentence("The database cannot be used just now.")
FAILED = sentence("The service failed to answer; the error is logged with the id %(id)s.")

# The state of things, and what they are.
SILENCE_OF_WRONG_LENGTH = sentence("`ends_at` must be after %(moment)s, by a year at most.")
NOT_DEAD = sentence("The message is not dead: only a dead message can be sent again.")
DEPLOYED_TO_NO_COUNTRY = sentence("%(code)s is not a country: propose a deployment to a country.")
RECOMMENDED_TO_NO_COUNTRY = sentence(
    "%(code)s is not a country: recommendations are made to countries."
)


def told_detail(detail: str, language: str, tellers: Mapping[str, Teller]) -> str:
    """Return the detail of a problem in a language, or unchanged if no sentence wrote it.

    The API ends what the pipeline refuses with a period.

    Args:
        tellers: As for `Sentences.told`.
    """
    told = DETAILS.told(detail, language, tellers)
    if told != detail:
        return told
    refused = detail.removesuffix(".")
    told = REFUSALS.told(refused, language, tellers)
    return detail if told == refused else f"{told}."
