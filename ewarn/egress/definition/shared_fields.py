"""Fields that several records have: one name, one meaning, described once.

A field that only one record has is described there. So is a field whose name needs another meaning
in one record; `tests/api/test_vocabulary.py` lists these names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_DAY, _MOMENT = "2017-10-02", "2017-10-02T06:00:00+00:00"
_ROW_OF_NO_SCORE = "if the region has no score"
HASH = "^[0-9a-f]{64}$"
COUNTRY = "^[A-Z]{3}$"
REGION = "^([A-Z]{3}|[A-Z]{2}[-~][A-Z0-9]+)$"
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
_SHARE = {"minimum": 0, "maximum": 1}
_NOT_NEGATIVE = {"minimum": 0}
_POSITIVE = {"minimum": 1}


@dataclass(frozen=True, slots=True)
class SharedField:
    """What a field says.

    Attributes:
        text: Its description.
        example: An invented value; None for a field that holds records, which have their own.
        null: When it is null, as the rest of the sentence "Null ...".
        limits: What each value satisfies, as keywords of JSON Schema.
    """

    text: str
    example: Any = None
    null: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)


_PLACES = {
    "id": SharedField(
        "Its id, by which addresses and other records name it.", "1983", _ROW_OF_NO_SCORE
    ),
    "country": SharedField(
        "Country, as ISO 3166-1 alpha-3 code.", "TGO", "if it is not known", {"pattern": COUNTRY}
    ),
    "country_name": SharedField(
        "Name of the country, in English or in the language asked for.", "Togo"
    ),
    "region": SharedField(
        "Country or subdivision: ISO 3166-1 alpha-3 or ISO 3166-2 code. A subdivision without such "
        "a code has one of this service, with a tilde.",
        "TG-M",
        "if it is not known",
        {"pattern": REGION},
    ),
    "region_name": SharedField("Name of the region.", "Maritime"),
    "regions": SharedField("Codes of regions, of which it is one; empty if it is any.", ["TG-M"]),
    "countries": SharedField("Countries, by ISO 3166-1 alpha-3 codes.", ["TGO"]),
    "level": SharedField(
        "`country`, or `admin1` for a first-level subdivision.", "country", "if it is for both"
    ),
    "latitude": SharedField(
        "Latitude in degrees (WGS 84); of a region, that of a point inside it.",
        6.13,
        "if it is not known",
        {"minimum": -90, "maximum": 90},
    ),
    "longitude": SharedField(
        "Longitude in degrees (WGS 84); of a region, that of a point inside it.",
        1.22,
        "if it is not known",
        {"minimum": -180, "maximum": 180},
    ),
    "name": SharedField("Its name.", "Maritime"),
    "office": SharedField(
        "Office whose recipient it is, by id.", "dakar", "if it is none of an office"
    ),
    "language": SharedField("Language, as ISO 639-1 code.", "fr"),
}
_TIMES = {
    "as_of": SharedField(
        "The moment whose knowledge it rests on.", _MOMENT, "if that is not known"
    ),
    "at": SharedField("When it was recorded.", _MOMENT),
    "recorded_at": SharedField("When this service stored it.", _MOMENT, "if nothing was stored"),
    "created_at": SharedField("When it was made.", _MOMENT),
    "since": SharedField("The time of the newest data read.", _MOMENT, "if none was ever read"),
    "until": SharedField("When it ends.", _MOMENT, "if that is not known"),
    "starts_at": SharedField("When it begins.", _MOMENT),
    "ends_at": SharedField(
        "When it ends, at most a year after it begins.", "2017-10-09T00:00:00+00:00"
    ),
    "ended_at": SharedField("When it was ended.", _MOMENT, "until somebody ends it"),
    "week": SharedField("The Monday of the week.", _DAY, "once the report is erased"),
    "weeks": SharedField("The Mondays of the weeks, one for each count.", [_DAY]),
    "first_week": SharedField("The Monday of the first week.", _DAY),
    "last_week": SharedField("The Monday of the last week, which is included.", _DAY),
    "day": SharedField(
        "The day of the service's clock (UTC). No later day can be asked for.", _DAY
    ),
    "origin": SharedField(
        "The Monday (00:00 UTC) that the score is made for. Only what was known then counts.",
        _DAY,
        _ROW_OF_NO_SCORE,
    ),
    "opened_on": SharedField("The day it opened.", _DAY, "if it never opened"),
    "closed_on": SharedField(
        "The day it closed.", "2017-11-06", "while it is open, or if it was withdrawn"
    ),
    "on": SharedField("The day it was done, which can be before it was recorded.", _DAY),
}
_SCORES = {
    "target": SharedField("What is predicted, or warned of.", "force"),
    "target_words": SharedField("The target in words.", "lethal force"),
    "horizon_weeks": SharedField(
        "Weeks from the origin that are predicted.", 4, "if there are none to name", _POSITIVE
    ),
    "basis": SharedField(
        "Whether the probability may be believed: `calibrated`, `provisional`, `illustration`, or "
        "`uncalibrated` if there is none.",
        "calibrated",
        "if there is no score",
    ),
    "band": SharedField("Level of the probability.", "high", _ROW_OF_NO_SCORE),
    "band_words": SharedField("The level in words.", "high"),
    "probability": SharedField(
        "Probability that it happens within the horizon.",
        0.21,
        "if the score claims none",
        _SHARE,
    ),
    "low": SharedField(
        "Lower bound of the 90% interval of the probability.", 0.12, "without a probability", _SHARE
    ),
    "high": SharedField(
        "Upper bound of the 90% interval of the probability.", 0.31, "without a probability", _SHARE
    ),
    "expected": SharedField(
        "The value of the last observed week that a detector expected, in `unit`.",
        0.4,
        "if no detector looked at it",
    ),
    "upper": SharedField(
        "The bound above which a detector finds the value unusual, in `unit`.",
        2.0,
        "if no detector looked at it",
    ),
    "observed": SharedField(
        "The value that was seen in the last week, in `unit`. Zero means that nothing happened.",
        1,
        "if nobody observed the week",
        _NOT_NEGATIVE,
    ),
    "completeness": SharedField(
        "Observed share of the weeks, times the share of their events that has arrived by now.",
        1.0,
        limits=_SHARE,
    ),
    "false_discovery": SharedField(
        "Share of weeks in which chance alone would bring such an alarm of a detector, if nothing "
        "is unusual anywhere (Benjamini & Hochberg).",
        0.04,
        "if it is not known",
        _SHARE,
    ),
    "relative_risk": SharedField(
        "The probability as a multiple of the mean of the quiet regions of that level. A region "
        "is quiet if the source knows of no lethal event there in half a year (of no force at all, "
        "if the source does not count deaths).",
        3.4,
        "if the region is not quiet, if fewer than fifty are, or without a probability",
        _NOT_NEGATIVE,
    ),
    "is_observed": SharedField("Whether a source observed the newest period.", True),
    "model": SharedField(
        "Name and version of the model; the hash of its parameters follows a plus sign.",
        "ensemble@1+1a2b3c4d",
        _ROW_OF_NO_SCORE,
    ),
    "mean_probability": SharedField("Mean of the probabilities.", 0.08, "without rows", _SHARE),
    "score_id": SharedField("Id of the score behind it (`/v1/scores/{id}`).", "1983"),
    "step": SharedField(
        "Months after the newest known month, 1 to 6.", 1, "for all of them", _POSITIVE
    ),
    "month": SharedField("Month, as `YYYY-MM`.", "2017-10", "for all of them", {"pattern": MONTH}),
    "signal": SharedField("Source and kind, with a flag where it has one.", "gdelt:force"),
    "words": SharedField("The same in words.", "force against demonstrators"),
    "counts": SharedField(
        "Events of each week. A null is a week that was not observed: it is unknown, not zero.",
        [0, None],
    ),
}
_ALERTS = {
    "alert_id": SharedField(
        "Id of the alert (`/v1/alerts/{id}`).", "alert-0123456789abcdef", "if there is none"
    ),
    "rule": SharedField("Id of the rule.", "force-country"),
    "rules": SharedField("Ids of rules; empty if it is any.", ["force-country"]),
    "targets": SharedField("Targets; empty if it is any.", ["force"]),
    "sequence": SharedField(
        "Number of the change: a later change has a higher one.", 1, limits=_POSITIVE
    ),
    "actor": SharedField("Who did it: the name of a key, or `ewarn`.", "Dakar"),
    "author": SharedField("The name of the key that made it.", "Dakar"),
    "reason": SharedField("Why, in words.", "Force was used in three towns."),
    "hash": SharedField(
        "SHA-256 in hexadecimal digits: of the text of a rule, or of a change and the hash of the "
        "change before it.",
        "9f" * 32,
        limits={"pattern": HASH},
    ),
    "kind": SharedField("Kind of event, or of change.", "force"),
    "state": SharedField("Its state.", "open"),
    "acknowledged_by": SharedField(
        "Who acknowledged it last: the name of a key, or a masked address.",
        "Dakar",
        "if nobody did",
    ),
    "stale": SharedField("Whether its data stopped: it stays open because of that.", False),
    "again_after": SharedField("Weeks after which it warns again.", 13, limits=_NOT_NEGATIVE),
    "playbook": SharedField("Playbook of the proposed response.", "deployment", "if there is none"),
    "tier": SharedField(
        "Tier of the recipient: 1 is notified first.", 1, "if it is for nobody in particular"
    ),
    "channel": SharedField("Channel by which messages go.", "webhook", "if it is for everybody"),
    "offices": SharedField("Ids of offices.", ["dakar"]),
}
_RESPONSE = {
    "owner": SharedField("Role or office that follows it up; never a person.", "regional office"),
    "consent_of": SharedField("Whose consent is needed.", "the Government"),
    "team": SharedField("Roles of those who go; no names.", ["human-rights officer"]),
    "preconditions": SharedField("What must be settled before.", ["the Government's approval"]),
    "length_weeks": SharedField("Planned length in weeks.", 17, "if no end is planned", _POSITIVE),
    "stage": SharedField("How far it has come.", "consent_requested"),
    "proposed_on": SharedField("The day it was proposed.", _DAY),
    "deployed_on": SharedField("The day the team arrived.", "2017-11-06", "until then"),
    "planned_end": SharedField("The last day, as planned.", "2018-03-05", "if none is planned"),
    "ended_on": SharedField("The day it ended.", "2018-03-05", "while it lasts"),
    "next_review": SharedField("The day of the next review.", "2018-06-04", "if none is left"),
    "body": SharedField("The body that recommends.", "upr"),
    "text": SharedField("Its text.", "An invented recommendation."),
    "evidence": SharedField(
        "What the status rests on; empty while it is open.", "An invented bill."
    ),
    "theme": SharedField("What the recommendation is about.", "assembly"),
    "reference": SharedField(
        "Document and paragraph; empty if none was given.", "A/HRC/34/4, 128.1"
    ),
    "addressee": SharedField(
        "Institution of the state that it is addressed to; never a person. Empty if none is.",
        "Ministry of Justice",
    ),
    "given_on": SharedField("The day it was adopted.", "2016-11-04"),
    "due_on": SharedField("The day by which it should be done.", "2017-11-04", "if there is none"),
    "review_on": SharedField("The day of its next review.", "2017-12-01", "if none is planned"),
    "days_overdue": SharedField("Days since it was due.", 30, "if nothing is overdue", _POSITIVE),
    "verdict": SharedField(
        "Whether there were fewer or more events than without it, as far as the data show.",
        "not distinguishable from chance",
        "if it was not evaluated",
    ),
    "reasons": SharedField("Why no answer is possible; empty if one is.", []),
}
_SOURCES = {
    "summary": SharedField(
        "What happened, or will happen, in one sentence.", "An invented march", "if there is none"
    ),
    "items": SharedField("The records, or those of this page."),
    "source": SharedField("Name of the source.", "gdelt", "if there is none"),
    "health": SharedField(
        "How the source is doing. Only `ok` means that no news is no event.", "ok"
    ),
    "unwell": SharedField("Sources that are not healthy; `notice` says the same in words."),
    "licence": SharedField(
        "Licence of the data, as SPDX id or in words.", "CC0-1.0", "if not known"
    ),
    "notice": SharedField("The text that must be shown with it; empty if there is none.", ""),
    "participants": SharedField(
        "Number of participants.", 400, "if it is not known", _NOT_NEGATIVE
    ),
    "injured": SharedField("Number of people injured.", 3, "if it is not known", _NOT_NEGATIVE),
    "arrests": SharedField("Number of people arrested.", 4, "if it is not known", _NOT_NEGATIVE),
    "fatalities": SharedField("Number of people killed.", 0, "if it is not known", _NOT_NEGATIVE),
}
_SUBSCRIPTIONS = {
    "subscription": SharedField(
        "Id of the subscription, or of the recipient of an office.", "sub_0123456789abcdef"
    ),
    "address": SharedField("Where messages go.", "https://receiver.example.org/alerts"),
    "at_least": SharedField("Lowest probability of an alert that is sent.", 0.1, "if any is sent"),
    "digest": SharedField(
        "How often news that is not urgent is collected.", "daily", "if it is sent at once"
    ),
    "digest_at": SharedField("When the digest leaves, as local time of `zone`.", "08:00:00"),
    "quiet": SharedField(
        "Daily hours in which only critical news is sent, as local times of `zone`.",
        null="if there are none",
    ),
    "begins": SharedField("When the quiet hours begin, as local time of `zone`.", "22:00:00"),
    "ends": SharedField("When the quiet hours end, as local time of `zone`.", "06:00:00"),
    "zone": SharedField("Time zone, by its name in the IANA database.", "Africa/Lome"),
    "most_a_day": SharedField(
        "Most messages in 24 hours. Critical ones never wait.", 2, "for no limit", _POSITIVE
    ),
    "repeat_days": SharedField(
        "Days after which an alert that nobody acknowledged is sent again; in a request, 0 means "
        "never.",
        56,
        "if it is never sent again",
        _NOT_NEGATIVE,
    ),
}
SHARED: Mapping[str, SharedField] = {
    **_PLACES,
    **_TIMES,
    **_SCORES,
    **_ALERTS,
    **_RESPONSE,
    **_SOURCES,
    **_SUBSCRIPTIONS,
}
