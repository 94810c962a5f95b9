"""The sentences that say in an answer of the API what is wrong with a field or a parameter.

The API answers in English. A page translates them into the language of the reader, and shows them
at the field. Their subject is the field or its value, which they do not name.
"""

from ewarn.languages.sentences import Sentences

FAULTS = Sentences()
sentence, counted_sentence = FAULTS.sentence, FAULTS.counted_sentence

# Fields and parameters of any kind.
NO_SUCH_PARAMETER = sentence("this address has no such parameter")
NO_SUCH_FIELD = sentence("the body has no such field")
EMPTY = sentence("is empty: give it a value, or leave it out")
REPEATED = sentence("is given more than once")
REPEATED_FIELD = sentence("is given more than once: keep one")
VALUE_REPEATED = sentence("%(value)s is given more than once")
NOT_UTF8 = sentence("is not UTF-8")
UNWRITABLE = sentence("holds characters that cannot be written")
NO_SUCH_FIELDS = sentence("there is no %(names)s; there are %(known)s")

# Languages, targets and moments.
NO_LANGUAGE = sentence("must be one of %(known)s")
NEVER_SCORED = sentence("%(target)s is judged in back-tests only, never scored; use %(known)s")
NOT_SERVED = sentence("is not served; use %(known)s")
NO_MOMENT = sentence("must be a text such as 2026-12-09T00:00:00Z")
UNKNOWN_YEAR = sentence("is outside the supported years")
OTHER_YEAR = sentence("must be in the years %(first)s to %(last)s")
NOT_ASKED_FOR = sentence("outside the years that can be asked for")
BEFORE_1900 = sentence("before 1900: nothing was known to this service then")
NO_MONTH = sentence("%(text)s is not a month written YYYY-MM")
AFTER_UNTIL = sentence("is after until")
BEFORE_SINCE = sentence("is before since")
BEFORE_GIVEN = sentence("is before given_on, %(day)s")
IS_PAST = sentence("is in the past; leave it out to begin at once (%(now)s)")
WITHIN_A_YEAR = sentence("must be %(now)s or up to a year later")

# Places, offices and rules.
OUTSIDE_OF_COUNTRIES = sentence("%(region)s lies in none of the countries that you name")
IS_SUBDIVISION = sentence("%(code)s is a subdivision of a country; name it as a region")
NO_CONDITION = sentence(
    "name at least one country, region, office, target or rule: without any, the "
    "silence would suppress all notifications"
)
NO_OFFICE = sentence("there is no office %(name)s; see /v1/offices")
WATCHES_EVERYTHING = sentence("%(office)s watches the whole world; name countries instead")
NO_RULE = sentence("there is no rule %(name)s; see /v1/rules")

# Rules that are tried on past scores. What is wrong in their text stays in English, as the text is.
BEFORE_FIRST = sentence("is before the first day, %(day)s")
TOO_MANY_DAYS = sentence("must be before %(day)s: a trial covers at most %(most)s days")
HOLDS_NO_RULE = sentence("holds no rule")
TOO_MANY_RULES = sentence("holds %(number)s rules; %(most)s are the most")

# Addresses of subscriptions.
NOT_ONE_LINE = sentence("an address is one line, without spaces around it")
ADDRESS_TOO_LONG = sentence("an address has %(most)s characters at most")
NO_WEB_ADDRESS = sentence(
    "a webhook's address is a URL such as https://receiver.example.org/alerts"
)
WITH_PASSWORD = sentence("a webhook's address holds no name or password; it is signed instead")
WITH_FRAGMENT = sentence("a webhook's address has no part after #")
CLOSED_PORT = sentence("nothing is sent to port %(port)s: use one of %(ports)s")
NOT_PUBLIC = sentence(
    "a webhook goes to public addresses only, unless the operator allows others with "
    "EWARN_WEBHOOK_ALLOW"
)
NO_HOST = sentence("%(host)s is neither a host name nor a complete IP address")
PRIVATE_HOST = sentence(
    "%(host)s is a name of a private network; the operator may allow such networks "
    "with EWARN_WEBHOOK_ALLOW"
)
NO_MAIL_DOMAIN = sentence("%(domain)s is not a domain that accepts mail from the internet")
NO_MAIL_ADDRESS = sentence("it is not one mail address such as desk@example.org")
APPRISE_WITH_SPACES = sentence("an address of apprise must not contain spaces or `attach=`")
APPRISE_SCHEME = sentence("an address of apprise begins with one of %(known)s")
APPRISE_WITHOUT_HOST = sentence("%(scheme)s:// must be followed by the host of the service")

# What `ewarn.domain` refuses. The client imports it and must not load catalogues, so it words this
# itself.
sentence("holds the character %(code)s, which is not text")
sentence("must be one line, without tabs")
sentence("has %(number)s characters; %(most)s are the most")
sentence("%(text)s is not a day written YYYY-MM-DD")
sentence("%(text)s does not lie in the years %(first)s to %(last)s")
sentence("%(text)s is not a time of day written 18:00")
sentence("%(text)s is not a time zone such as Africa/Dakar, or UTC")
sentence("quiet hours must begin and end at different times; or leave them out")

# What pydantic writes.
sentence("Field required")
sentence("Input should be a valid string")
sentence("Input should be a valid integer")
sentence("Input should be a valid integer, unable to parse string as an integer")
sentence("Input should be a valid integer, got a number with a fractional part")
sentence("Input should be a valid number")
sentence("Input should be a valid number, unable to parse string as a number")
sentence("Input should be a finite number")
sentence("Input should be a valid boolean")
sentence("Input should be a valid boolean, unable to interpret input")
sentence("Input should be a valid list")
sentence("Input should have timezone info")
sentence("Input should be greater than or equal to %(bound)s")
sentence("Input should be greater than %(bound)s")
sentence("Input should be less than or equal to %(bound)s")
sentence("Input should be less than %(bound)s")
sentence("Input should be '%(choices)s'")
counted_sentence(
    "String should have at least %(count)s character",
    "String should have at least %(count)s characters",
)
counted_sentence(
    "String should have at most %(count)s character",
    "String should have at most %(count)s characters",
)
sentence("List should have at most %(most)s items after validation, not %(number)s")
sentence("List should have at most %(most)s item after validation, not %(number)s")
