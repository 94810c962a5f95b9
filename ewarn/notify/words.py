"""The words of messages, in the languages that are complete: English and French."""

from collections.abc import Collection

from babel.dates import format_date
from babel.numbers import format_percent

from ewarn.domain.alert import ChangeKind
from ewarn.domain.kinds import AROUND, BY_STATE, LETHAL, EventKind
from ewarn.domain.score import Driver
from ewarn.domain.target import Band, Basis, Target

COMPLETE = ("en", "fr")

_KINDS: dict[str, dict[EventKind, str]] = {
    "en": {
        EventKind.PROTEST: "protests",
        EventKind.RIOT: "riots",
        EventKind.STRIKE: "strikes",
        EventKind.ARREST: "arrests",
        EventKind.FORCE: "force against demonstrators",
        EventKind.ATTACK: "attacks on civilians",
        EventKind.CLASH: "armed clashes",
        EventKind.RESTRICTION: "restrictions",
        EventKind.ELECTION: "election incidents",
        EventKind.DIALOGUE: "talks and releases",
    },
    "fr": {
        EventKind.PROTEST: "manifestations",
        EventKind.RIOT: "émeutes",
        EventKind.STRIKE: "grèves",
        EventKind.ARREST: "arrestations",
        EventKind.FORCE: "usage de la force contre des manifestants",
        EventKind.ATTACK: "attaques contre des civils",
        EventKind.CLASH: "affrontements armés",
        EventKind.RESTRICTION: "restrictions",
        EventKind.ELECTION: "incidents électoraux",
        EventKind.DIALOGUE: "dialogues et libérations",
    },
}
_AROUND = {
    "en": "the neighbours, the world and the calendar of votes",
    "fr": "les voisins, le monde et le calendrier des scrutins",
}
_LETHAL = {
    "en": "lethal force against demonstrators",
    "fr": "usage meurtrier de la force contre des manifestants",
}
_BY_STATE = {
    "en": "killing of civilians by forces of a state",
    "fr": "meurtre de civils par les forces d'un État",
}
_BANDS = {
    "en": {band: band.value for band in Band},
    "fr": {
        Band.UNCALIBRATED: "non étalonné",
        Band.LOW: "faible",
        Band.GUARDED: "surveillé",
        Band.ELEVATED: "accru",
        Band.HIGH: "élevé",
        Band.CRITICAL: "critique",
    },
}
_TARGETS = {
    "en": {
        Target.FORCE: "lethal force against demonstrators",
        Target.ESCALATION: "escalation of repression",
        Target.ONSET: "lethal force where there was none for half a year",
        Target.ARRESTS: "a wave of arrests",
        Target.ELECTION: "incidents around an election",
        Target.KILLINGS: "killing of civilians by forces of a state",
    },
    "fr": {
        Target.FORCE: "usage meurtrier de la force contre des manifestants",
        Target.ESCALATION: "escalade de la répression",
        Target.ONSET: "usage meurtrier de la force là où il n'y en avait pas depuis six mois",
        Target.ARRESTS: "vague d'arrestations",
        Target.ELECTION: "incidents autour d'une élection",
        Target.KILLINGS: "meurtre de civils par les forces d'un État",
    },
}
_CHANGES = {
    "en": {
        ChangeKind.PENDING: "alert pending",
        ChangeKind.OPENED: "alert opened",
        ChangeKind.RAISED: "alert raised",
        ChangeKind.SURGED: "risk rose again",
        ChangeKind.REMAINED: "still at risk",
        ChangeKind.LOWERED: "alert lowered",
        ChangeKind.WENT_STALE: "data stopped, alert kept open",
        ChangeKind.RECOVERED: "data are back",
        ChangeKind.ACKNOWLEDGED: "alert acknowledged",
        ChangeKind.ASSESSED: "alert assessed",
        ChangeKind.CLOSED: "alert closed",
        ChangeKind.WITHDRAWN: "alert withdrawn",
        ChangeKind.REMINDED: "alert still open",
        ChangeKind.ESCALATED: "alert not acknowledged",
        ChangeKind.CORRECTED: "alert corrected: it would not open on today's data",
        ChangeKind.REINSTATED: "alert reinstated: on today's data it would have opened",
        ChangeKind.SETTLED: "unchanged for half a year: a standing situation",
    },
    "fr": {
        ChangeKind.PENDING: "alerte en attente",
        ChangeKind.OPENED: "alerte ouverte",
        ChangeKind.RAISED: "alerte relevée",
        ChangeKind.SURGED: "risque de nouveau en hausse",
        ChangeKind.REMAINED: "risque persistant",
        ChangeKind.LOWERED: "alerte abaissée",
        ChangeKind.WENT_STALE: "données interrompues, alerte maintenue",
        ChangeKind.RECOVERED: "données de retour",
        ChangeKind.ACKNOWLEDGED: "alerte dont il est accusé réception",
        ChangeKind.ASSESSED: "alerte évaluée",
        ChangeKind.CLOSED: "alerte close",
        ChangeKind.WITHDRAWN: "alerte retirée",
        ChangeKind.REMINDED: "alerte toujours ouverte",
        ChangeKind.ESCALATED: "alerte sans accusé de réception",
        ChangeKind.CORRECTED: "alerte corrigée : elle ne s'ouvrirait pas sur les données actuelles",
        ChangeKind.REINSTATED: "alerte rétablie : elle s'ouvrirait sur les données actuelles",
        ChangeKind.SETTLED: "inchangée depuis six mois : une situation durable",
    },
}
_NOTICES = {
    "en": {
        Basis.ILLUSTRATION: (
            "illustration: parameters from another source or from later years; events may be "
            "selected in hindsight"
        ),
        Basis.PROVISIONAL: (
            "provisional: learned from few outcomes of another source; no rule listens to it"
        ),
        Basis.UNCALIBRATED: "uncalibrated: expected values and bounds, not probabilities",
        Basis.CALIBRATED: "",
    },
    "fr": {
        Basis.ILLUSTRATION: (
            "illustration : paramètres d'une autre source ou d'années ultérieures ; événements "
            "parfois choisis après coup"
        ),
        Basis.PROVISIONAL: (
            "provisoire : appris de peu de faits d'une autre source ; aucune règle n'en dépend"
        ),
        Basis.UNCALIBRATED: "non étalonné : valeurs attendues et bornes, pas des probabilités",
        Basis.CALIBRATED: "",
    },
}


def language_of(wanted: str) -> str:
    """The language to write in: the one wanted where it is complete, else English."""
    return wanted if wanted in COMPLETE else "en"


def kind_words(signal: str, language: str = "en") -> str:
    """What a signal counts, in words."""
    _, kind, *flag = signal.split(":")
    spoken = language_of(language)
    if kind == AROUND:
        return _AROUND[spoken]
    flagged = {LETHAL: _LETHAL, BY_STATE: _BY_STATE}
    return flagged[flag[0]][spoken] if flag else _KINDS[spoken][EventKind(kind)]


def band_words(band: Band, language: str = "en") -> str:
    """The name of a band."""
    return _BANDS[language_of(language)][band]


def target_words(target: Target, language: str = "en") -> str:
    """What a target means."""
    return _TARGETS[language_of(language)][target]


def seen_in_french(observed: int | None, target: Target) -> str:
    """What was seen of a target's own series: `1 événement`, `12 points`."""
    unit = "point" if target.unit == "points" else "événement"
    return f"{observed} {unit}{'' if observed in (0, 1) else 's'}"


def change_words(kind: ChangeKind, language: str = "en") -> str:
    """What happened to an alert."""
    return _CHANGES[language_of(language)][kind]


def notice(basis: Basis, language: str = "en") -> str:
    """The warning that goes with a basis; empty for a calibrated one."""
    return _NOTICES[language_of(language)][basis]


def notices(bases: Collection[Basis], language: str = "en") -> str:
    """The warnings that go with several bases, each once."""
    said = (notice(basis, language) for basis in Basis if basis in bases)
    return "; ".join(text for text in said if text)


def driver_words(driver: Driver, language: str = "en") -> str:
    """A driver as a short phrase: how many events of what, since when, and which way it moves."""
    spoken = language_of(language)
    weeks = (driver.last_week - driver.first_week).days // 7 + 1
    since = format_date(driver.first_week, "d MMM y", locale=spoken)
    what = kind_words(driver.signal, spoken)
    if driver.signal.endswith(f":{AROUND}"):
        return what + _way(driver)
    if driver.count == 0:  # what moves the score lies further back, and fades
        none = "none since" if spoken == "en" else "aucun fait depuis le"
        return f"{what}, {none} {since}{_way(driver)}"
    if spoken == "fr":
        span = "depuis le" if weeks > 1 else "semaine du"
        return f"{driver.count} × {what}, {span} {since}{_way(driver)}"
    span = "since" if weeks > 1 else "week of"
    return f"{driver.count} × {what}, {span} {since}{_way(driver)}"


def _way(driver: Driver) -> str:
    if driver.contribution is None:
        return ""
    return " ↑" if driver.contribution > 0 else " ↓"


def percent(value: float, language: str = "en") -> str:
    """A share as a percentage, with one decimal below ten percent."""
    pattern = "#,##0.0 %" if value < 0.1 else "#,##0 %"
    if language_of(language) == "en":
        pattern = pattern.replace(" ", "")
    least = 0.001
    is_small = 0 < value < least / 2  # and would be written as none at all
    said = format_percent(least if is_small else value, pattern, locale=language_of(language))
    return f"<{said}" if is_small else said
