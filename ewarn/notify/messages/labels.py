"""Translate kinds, levels, targets, changes and states into the words that people read."""

from collections.abc import Collection, Mapping
from functools import cache

from ewarn.domain.alert import ChangeKind
from ewarn.domain.kinds import AROUND, BY_STATE, LETHAL, EventKind
from ewarn.domain.notification import About
from ewarn.domain.score import Driver
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import day_words, semicolon


def kind_words(signal: str, language: str = "en") -> str:
    """Return what a signal counts, in words."""
    _, kind, *flag = signal.split(":")
    return _kinds(language)[flag[0] if flag and kind != AROUND else kind]


@cache
def _kinds(language: str) -> Mapping[str, str]:
    gettext = translation(language).gettext
    return {
        EventKind.PROTEST: gettext("protests"),
        EventKind.RIOT: gettext("riots"),
        EventKind.STRIKE: gettext("strikes"),
        EventKind.ARREST: gettext("arrests"),
        EventKind.FORCE: gettext("force against demonstrators"),
        EventKind.ATTACK: gettext("attacks on civilians"),
        EventKind.CLASH: gettext("armed clashes"),
        EventKind.RESTRICTION: gettext("restrictions"),
        EventKind.ELECTION: gettext("election incidents"),
        EventKind.DIALOGUE: gettext("talks and releases"),
        AROUND: gettext("the neighbours, the world and the calendar of votes"),
        LETHAL: gettext("lethal force against demonstrators"),
        BY_STATE: gettext("killing of civilians by forces of a state"),
    }


def band_words(band: Band, language: str = "en") -> str:
    """Return the name of a band."""
    return _bands(language)[band]


@cache
def _bands(language: str) -> Mapping[Band, str]:
    pgettext = translation(language).pgettext
    return {
        Band.UNCALIBRATED: pgettext("level", "uncalibrated"),
        Band.LOW: pgettext("level", "low"),
        Band.GUARDED: pgettext("level", "guarded"),
        Band.ELEVATED: pgettext("level", "elevated"),
        Band.HIGH: pgettext("level", "high"),
        Band.CRITICAL: pgettext("level", "critical"),
    }


def target_words(target: Target, language: str = "en") -> str:
    """Return what a target means."""
    return _targets(language)[target]


@cache
def _targets(language: str) -> Mapping[Target, str]:
    gettext = translation(language).gettext
    return {
        Target.FORCE: gettext("lethal force against demonstrators"),
        Target.ESCALATION: gettext("escalation of repression"),
        Target.ONSET: gettext("lethal force where there was none for half a year"),
        Target.ARRESTS: gettext("a wave of arrests"),
        Target.ELECTION: gettext("incidents around an election"),
        Target.KILLINGS: gettext("killing of civilians by forces of a state"),
    }


def change_words(kind: ChangeKind, language: str = "en") -> str:
    """Return what happened to an alert."""
    return _changes(language)[kind]


@cache
def _changes(language: str) -> Mapping[ChangeKind, str]:
    gettext = translation(language).gettext
    return {
        ChangeKind.PENDING: gettext("alert pending"),
        ChangeKind.OPENED: gettext("alert opened"),
        ChangeKind.RAISED: gettext("alert raised"),
        ChangeKind.SURGED: gettext("risk rose again"),
        ChangeKind.REMAINED: gettext("still at risk"),
        ChangeKind.LOWERED: gettext("alert lowered"),
        ChangeKind.WENT_STALE: gettext("data stopped, alert kept open"),
        ChangeKind.RECOVERED: gettext("data are back"),
        ChangeKind.ACKNOWLEDGED: gettext("alert acknowledged"),
        ChangeKind.ASSESSED: gettext("alert assessed"),
        ChangeKind.CLOSED: gettext("alert closed"),
        ChangeKind.WITHDRAWN: gettext("alert withdrawn"),
        ChangeKind.REMINDED: gettext("alert still open"),
        ChangeKind.ESCALATED: gettext("alert not acknowledged"),
        ChangeKind.CORRECTED: gettext("alert corrected: it would not open on today's data"),
        ChangeKind.REINSTATED: gettext("alert reinstated: on today's data it would have opened"),
        ChangeKind.SETTLED: gettext("unchanged for half a year: a standing situation"),
    }


def basis_notice(basis: Basis, language: str = "en") -> str:
    """Return the warning that belongs to a basis, or empty for a calibrated one."""
    return _basis_notices(language).get(basis, "")


def basis_notices(bases: Collection[Basis], language: str = "en") -> str:
    """Return the warnings that belong to several bases, each one time."""
    said = (basis_notice(basis, language) for basis in Basis if basis in bases)
    return semicolon(language).join(text for text in said if text)


@cache
def _basis_notices(language: str) -> Mapping[Basis, str]:
    gettext = translation(language).gettext
    return {
        Basis.ILLUSTRATION: gettext(
            "illustration: parameters from another source or from later years; events may be "
            "selected in hindsight"
        ),
        Basis.PROVISIONAL: gettext(
            "provisional: learned from few outcomes of another source; no rule listens to it"
        ),
        Basis.UNCALIBRATED: gettext("uncalibrated: expected values and bounds, not probabilities"),
    }


def health_words(health: Health, language: str = "en") -> str:
    """Return the health of a source as a phrase that follows its name, such as `is late`."""
    return _health(language)[health]


@cache
def _health(language: str) -> Mapping[Health, str]:
    gettext = translation(language).gettext
    return {
        Health.OK: gettext("works again"),
        Health.LATE: gettext("is late"),
        Health.SILENT: gettext("is silent"),
        Health.SUSPECT: gettext("sends suspect data"),
        Health.DENIED: gettext("refuses our account"),
        Health.EMBARGOED: gettext("keeps its newest data from us"),
        Health.CHANGED: gettext("has changed its format"),
        Health.BROKEN: gettext("cannot be read"),
        Health.DISABLED: gettext("is not set up"),
    }


def heading(about: About, language: str) -> str:
    """Return the heading for news of one kind. Alerts have none: the country is their heading."""
    return _headings(language)[about]


@cache
def _headings(language: str) -> Mapping[About, str]:
    gettext = translation(language).gettext
    return {
        About.SOURCE: gettext("Sources of data"),
        About.FOLLOW_UP: gettext("follow-up"),
        About.ENDPOINT: gettext("Addresses that messages go to"),
        About.VERIFY: gettext("Subscriptions"),
        About.TEST: gettext("Tests"),
    }


def counted(number: int, about: About, language: str) -> str:
    """Return a number with its noun, such as `3 alerts`."""
    ngettext = translation(language).ngettext
    forms = {
        About.ALERT: ngettext("%(count)s alert", "%(count)s alerts", number),
        About.SOURCE: ngettext("%(count)s source", "%(count)s sources", number),
        About.FOLLOW_UP: ngettext("%(count)s follow-up", "%(count)s follow-ups", number),
        About.ENDPOINT: ngettext("%(count)s address", "%(count)s addresses", number),
        About.VERIFY: ngettext("%(count)s code", "%(count)s codes", number),
        About.TEST: ngettext("%(count)s test", "%(count)s tests", number),
    }
    return forms[about] % {"count": number}


def driver_words(driver: Driver, language: str = "en") -> str:
    """Return a driver as a short phrase: number and kind of events, since when, and direction."""
    gettext = translation(language).gettext
    what = kind_words(driver.signal, language)
    if driver.signal.endswith(f":{AROUND}"):
        return what + _way(driver)
    if driver.count == 0:  # the events that still move the score are older, and their effect fades
        phrase = gettext("%(events)s, none since %(day)s")
    elif driver.last_week > driver.first_week:
        phrase = gettext("%(count)s × %(events)s, since %(day)s")
    else:
        phrase = gettext("%(count)s × %(events)s, week of %(day)s")
    since = day_words(driver.first_week, language)
    return phrase % {"count": driver.count, "events": what, "day": since} + _way(driver)


def _way(driver: Driver) -> str:
    if driver.contribution is None:
        return ""
    return " ↑" if driver.contribution > 0 else " ↓"
