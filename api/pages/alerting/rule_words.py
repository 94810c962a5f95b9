"""A rule in sentences: what it warns of, when it opens an alert, and when it closes it."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from api.pages.page import WebPage
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import number_words, percent
from ewarn.notify.messages.labels import target_words

Record = Mapping[str, Any]


def rule_sentences(page: WebPage, rule: Record) -> list[str]:
    """Return what a rule says, one sentence for each condition."""
    return [
        rule_heading(page, rule),
        *_opening(page, rule),
        *_reading(page, rule),
        *_closing(page, rule),
    ]


def rule_heading(page: WebPage, rule: Record) -> str:
    """Return what a rule warns of, and where."""
    is_country = rule["level"] == Level.COUNTRY
    where = page.gettext("in countries") if is_country else page.gettext("in regions of countries")
    target = target_words(Target(rule["target"]), page.language)
    return page.gettext(
        "It warns of %(target)s %(where)s within %(weeks)s.",
        target=target,
        where=where,
        weeks=_weeks(page, rule["horizon_weeks"]),
    )


def _opening(page: WebPage, rule: Record) -> Iterator[str]:
    for_weeks = _weeks(page, rule["hold_for"])
    if rule["condition"]:
        yield page.gettext(
            "It opens when the score is %(words)s, for %(weeks)s.",
            words=rule["condition"],
            weeks=for_weeks,
        )
    if rule["raise_at"] is not None:
        yield page.gettext(
            "It opens when the probability is %(share)s or more, for %(weeks)s.",
            share=_share(page, rule["raise_at"]),
            weeks=for_weeks,
        )
    if rule["budget"] is not None:
        yield from _budget(page, rule)
    if rule["detector"]:
        yield from _detector(page, rule, for_weeks)
    if rule["rise"]:
        yield from _rise(page, rule["rise"])


def _budget(page: WebPage, rule: Record) -> Iterator[str]:
    yield page.gettext(
        "Its thresholds follow from a budget of false alarms a year: %(number)s.",
        number=_number(page, rule["budget"]),
    )
    for source, at in rule["thresholds"].items():
        yield page.gettext(
            "On %(source)s it opens when the probability is %(share)s or more.",
            source=source,
            share=_share(page, at),
        )


def _detector(page: WebPage, rule: Record, for_weeks: str) -> Iterator[str]:
    if rule["false_discovery"] is None:
        yield page.gettext(
            "It opens when more was observed than the bound of the detector, for %(weeks)s.",
            weeks=for_weeks,
        )
    else:
        yield page.gettext(
            "It opens when the last week is so unusual that chance alone brings such an alarm in "
            "at most %(share)s of weeks, for %(weeks)s.",
            share=_share(page, rule["false_discovery"]),
            weeks=for_weeks,
        )


def _rise(page: WebPage, rise: Record) -> Iterator[str]:
    yield page.gettext(
        "It opens on a rise: the probability is %(floor)s or more, and at least %(factor)s times "
        "the lowest of the last %(weeks)s.",
        floor=_share(page, rise["floor"]),
        factor=_number(page, rise["factor"]),
        weeks=_weeks(page, rise["weeks"]),
    )
    yield page.gettext(
        "It warns again of the same place after %(weeks)s, or earlier if the probability is "
        "%(factor)s times that of the last warning.",
        weeks=_weeks(page, rise["again_after"]),
        factor=_number(page, rise["again_factor"]),
    )
    if rise["quiet"]:
        yield page.gettext(
            "Where there was no lethal force for half a year, the probability must be %(times)s "
            "times the mean of such places. There it warns also without a rise, again after "
            "%(weeks)s.",
            times=_number(page, rise["quiet"]["times"]),
            weeks=_weeks(page, rise["quiet"]["again_after"]),
        )


def _reading(page: WebPage, rule: Record) -> Iterator[str]:
    if rule["sources"]:
        listed = ", ".join(rule["sources"])
        yield page.gettext("It reads only these sources: %(sources)s.", sources=listed)
    if rule["without_probability"]:
        yield page.gettext("It reads only scores that have no probability.")


def _closing(page: WebPage, rule: Record) -> Iterator[str]:
    kept = _weeks(page, rule["keep_for"])
    if rule["close_below"] is None:
        yield page.gettext(
            "It closes when that is no longer so, for %(weeks)s in a row.", weeks=kept
        )
    else:
        yield page.gettext(
            "It closes when the probability is below %(share)s, for %(weeks)s in a row.",
            share=_share(page, rule["close_below"]),
            weeks=kept,
        )
    if rule["cool_down"]:
        yield _cool_down(page, rule)
    if rule["acknowledge_within_hours"]:
        yield page.gettext(
            "If nobody acknowledges it within %(hours)s hours, the next recipients are notified.",
            hours=_number(page, rule["acknowledge_within_hours"]),
        )


def _cool_down(page: WebPage, rule: Record) -> str:
    weeks = _weeks(page, rule["cool_down"])
    if rule["rise"]:
        return page.gettext(
            "For %(weeks)s after that, only a higher level or a rise opens it again.", weeks=weeks
        )
    return page.gettext(
        "For %(weeks)s after that, only a higher level opens it again.", weeks=weeks
    )


def _weeks(page: WebPage, number: int) -> str:
    ngettext = translation(page.language).ngettext
    return ngettext("%(count)s week", "%(count)s weeks", number) % {"count": number}


def _share(page: WebPage, share: float) -> str:
    return percent(share, page.language)


def _number(page: WebPage, value: float) -> str:
    return number_words(Decimal(f"{value:g}"), page.language)
