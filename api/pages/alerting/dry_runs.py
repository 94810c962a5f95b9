"""A dry run of the rules on the page: what is asked of the API, and the answer in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.pages.page import WebPage
from api.serving.problems import wrong_fields
from ewarn.domain.alert import ChangeKind
from ewarn.domain.suppression import SuppressionReason
from ewarn.domain.target import Band
from ewarn.domain.time import midnight, parse_day
from ewarn.languages.alert_reasons import REASONS
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import moment_words
from ewarn.languages.rule_reasons import UNMET
from ewarn.notify.messages.change_reasons import SERVICE_ACTOR, recorded_reason_words
from ewarn.notify.messages.labels import band_words, change_words
from ewarn.notify.messages.suppression_reasons import suppression_words

Record = Mapping[str, Any]

ACT = "dry-run"  # the name of its form
_FIELDS = ("region", "target", "source")
_DAY = "at"
_NUMBERS = ("probability", "observed", "upper", "false_discovery", "relative_risk")
_SHARES = ("probability", "false_discovery")  # written as percentages
_WHOLE = ("observed",)
_LARGEST = 1e15  # JSON cannot hold every larger whole number


@dataclass(frozen=True, slots=True)
class TriedRule:
    """What one rule would do, in sentences.

    Attributes:
        does: What would happen; empty if the rule does not match.
        unmet: Why it does not match; empty if it does.
        alert: The id of the alert of the place that is open now.
    """

    rule: str
    does: Sequence[str]
    unmet: Sequence[str]
    alert: str | None


def is_asked(page: WebPage) -> bool:
    """Return whether the address asks for a dry run."""
    return bool(page.asked("region"))


def values(page: WebPage) -> dict[str, list[str]]:
    """Return what was written in the fields of the form."""
    return {name: [page.asked(name)] for name in (*_FIELDS, *_NUMBERS, _DAY) if page.asked(name)}


def dry_run_body(page: WebPage) -> dict[str, Any]:
    """Return the score that the address supposes.

    Raises:
        Problem: 422 if a number cannot be read.
    """
    body: dict[str, Any] = {name: page.asked(name) for name in _FIELDS if page.asked(name)}
    for name in _NUMBERS:
        if page.asked(name):
            body[name] = _number(page, name)
    if page.asked(_DAY):
        body[_DAY] = _noon(page).isoformat()
    return body


def _noon(page: WebPage) -> datetime:
    """Return noon of the day on which the rules decide."""
    try:
        return midnight(parse_day(page.asked(_DAY))) + timedelta(hours=12)
    except ValueError:
        reason = page.gettext("%(text)s is not a day.", text=page.asked(_DAY)[:40])
        raise wrong_fields((_DAY, reason)) from None


def _number(page: WebPage, name: str) -> float | int:
    written = page.asked(name).replace(",", ".").rstrip("% \u00a0")
    try:
        value = float(written)
        if not abs(value) < _LARGEST:  # nor is `nan` a number
            raise ValueError
        if name in _WHOLE:
            return int(written)
        return round(value / 100, 6) if name in _SHARES else value
    except ValueError:
        reason = page.gettext("%(text)s is not a number.", text=page.asked(name)[:40])
        raise wrong_fields((name, reason)) from None


def tried_rules(page: WebPage, answer: Record, rules: Sequence[Record]) -> list[TriedRule]:
    """Return what each rule on the same target and level would do; matching rules come first.

    Args:
        rules: The rules in force.
    """
    level = page.state.places.get(answer["region"]).level
    target = page.asked("target")
    meant = {each["id"] for each in rules if (each["target"], each["level"]) == (target, level)}
    found = [
        TriedRule(
            rule=each["rule"],
            does=[*_sentences(page, each)],
            unmet=[_unmet(text, page.language) for text in each["unmet"]],
            alert=each["alert"],
        )
        for each in answer["rules"]
        if each["rule"] in meant
    ]
    return sorted(found, key=lambda each: bool(each.unmet))


def _sentences(page: WebPage, verdict: Record) -> Iterator[str]:
    """Yield what a rule that matches would do."""
    if verdict["matches"] and not verdict["changes"]:
        yield page.gettext("It matches. Its alert stays as it is, and no message is sent.")
    for change in verdict["changes"]:
        yield page.gettext(
            "%(change)s, level %(level)s: %(reason)s.",
            change=change_words(ChangeKind(change["change"]), page.language).capitalize(),
            level=band_words(Band(change["band"]), page.language),
            reason=recorded_reason_words(change["reason"], SERVICE_ACTOR, page.language),
        )
        yield from _notified(page, change)


def _notified(page: WebPage, change: Record) -> Iterator[str]:
    for silence in change["silences"]:
        yield page.gettext(
            "A silence of %(author)s would suppress the messages until %(moment)s: %(reason)s",
            author=silence["author"],
            moment=_moment(page, silence["until"]),
            reason=silence["reason"],
        )
    if change["suppression"] and not change["silences"]:
        yield page.gettext("Nobody would be notified: %(reason)s.", reason=_why(page, change))
    for each in change["recipients"]:
        to = each["office"] or page.gettext("your subscription %(id)s", id=each["subscription"])
        yield page.gettext(
            "Notified: %(recipient)s by %(channel)s, at %(moment)s.",
            recipient=to,
            channel=each["channel"],
            moment=_moment(page, each["leaves_at"]),
        )
    if not (change["recipients"] or change["suppression"]):
        yield page.gettext("No recipient that your key may see would be notified.")
    if change["country_alert"]:
        yield page.gettext(
            "The message would go along with that of the alert of the whole country."
        )


def _moment(page: WebPage, text: str) -> str:
    return moment_words(datetime.fromisoformat(text), page.language)


def _why(page: WebPage, change: Record) -> str:
    """Return why nobody would be notified of a change that no silence covers."""
    if change["unhealthy_source"]:
        source = change["unhealthy_source"]
        return suppression_words(SuppressionReason.SOURCE, source, None, page.language)
    sentence = str(change["suppression"])
    return translation(page.language).gettext(sentence)


def _unmet(text: str, language: str) -> str:
    """Return why a rule does not match, which the API writes in English."""
    parts = dict.fromkeys(("chance", "allowed", "seen"), _part)
    return UNMET.told(text, language, {**parts, "band": _band})


def _part(text: str, language: str) -> str:
    return REASONS.told(text, language, {})


def _band(name: str, language: str) -> str:
    return band_words(Band(name), language)
