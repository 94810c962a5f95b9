"""A trial of rules on the page: the form, what the API is asked, and the answer in words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from api.pages.forms import SentValues
from api.pages.page import WebPage
from api.pages.refusals import Refusal, refusal_of_act
from api.serving.problems import Problem
from ewarn.domain.time import WEEK
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import number_words

Record = Mapping[str, Any]

ACT = "trial"  # the name of its form
SHOWN = 20  # alerts of a list; the API returns all
_OPEN = 10  # a list of more alerts is closed at first
_YEAR = 52 * WEEK
_NEWEST = 100  # rows among which the newest score is looked for
_LINE = re.compile(r"line (\d+)")


@dataclass(frozen=True, slots=True)
class TrialForm:
    """What the form of a trial holds at first.

    Attributes:
        obstacle: Why the reader cannot try rules; empty if nothing prevents it.
        rules: The rules in force, as the text of a file.
        first: The first day of the last year with scores.
        last: Its last day.
    """

    obstacle: str
    rules: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """Alerts that the rules tried would open and those in force not, or the other way round."""

    title: str
    alerts: Sequence[Record]
    number: int

    @property
    def is_open(self) -> bool:
        """Whether the list is short enough to be open at first."""
        return self.number <= _OPEN


@dataclass(frozen=True, slots=True)
class TrialSeen:
    """The answer of a trial in words.

    Attributes:
        rules: For each rule with an alert, and at last for all rules (None), the figures of the
            rules tried and of those in force. A side without the rule has none.
        without_alerts: The rules that open no alert on either side.
    """

    answer: Record
    summary: str
    rules: Sequence[tuple[str | None, Sequence[tuple[str, Record]]]]
    without_alerts: Sequence[str]
    differences: Sequence[Differences]


async def trial_form(page: WebPage, rules: Iterable[Record]) -> TrialForm:
    """Return what the form of a trial holds before anything was typed.

    Args:
        rules: The records of the rules in force.
    """
    obstacle = _missing_right(page)
    if obstacle:
        return TrialForm(obstacle, "")
    found = await page.api.get("/v1/scores", fields="origin", limit=_NEWEST)
    origins = [date.fromisoformat(each["origin"]) for each in found["items"] if each["origin"]]
    if not origins:
        return TrialForm(page.gettext("There are no scores yet to try rules on."), "")
    last = max(origins)
    return TrialForm("", as_file(rules), (last - _YEAR + WEEK).isoformat(), last.isoformat())


def _missing_right(page: WebPage) -> str:
    """Return which right the reader lacks, in a sentence; empty if none."""
    for scope in ("alerts:read", "scores:read"):
        if not page.can(scope):
            return page.gettext(
                "Your key may not try rules: it lacks the scope %(scope)s.", scope=scope
            )
    if page.reader is None or not page.reader.key.is_everywhere:
        return page.gettext(
            "Your key may not try rules: a trial counts the alerts of all countries, and your key "
            "covers only some."
        )
    return ""


def as_file(rules: Iterable[Record]) -> str:
    """Return the texts of rules as one file.

    Thresholds that follow from a budget are left out, because a file cannot state them.
    """
    return "\n".join("- " + "\n  ".join(_stated(each["text"])) + "\n" for each in rules)


def _stated(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("thresholds:")]


async def try_on_past(page: WebPage, form: SentValues) -> TrialSeen:
    """Try the rules of a form on past scores.

    Raises:
        Problem: The rules or days are wrong, or another trial runs.
    """
    body = {"rules": form.untrimmed("rules"), "from": form.text("from"), "to": form.text("to")}
    answer = await page.api.post("/v1/rules/trial", body)
    rules = _by_rule(page, answer)
    silent = [name for name, sides in rules.items() if not any(t["alerts"] for _, t in sides)]
    return TrialSeen(
        answer=answer,
        summary=_summary(page, answer),
        rules=[
            *((name, sides) for name, sides in rules.items() if name not in silent),
            (None, _sides(page, answer)),
        ],
        without_alerts=silent,
        differences=[*_differences(page, answer["difference"])],
    )


def trial_refusal(page: WebPage, form: SentValues, problem: Problem) -> Refusal:
    """Return what to show at the form of a trial that the API refused.

    Raises:
        Problem: Neither other words in the form nor another try later would solve it.
    """
    if problem.kind == "trial-running":
        said = page.gettext("Somebody else is trying rules just now. Try again in half a minute.")
        return Refusal(ACT, said, values=form.values)
    return refusal_of_act(page, ACT, form.values, problem)


def faulty_line(refused: Refusal) -> str:
    """Return the line of the rules that is wrong, as it was typed; empty if none is named."""
    named = _LINE.search(refused.wrong(ACT, "rules"))
    lines = refused.kept(ACT, "rules").splitlines()
    number = int(named[1]) if named else 0
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def lead_words(page: WebPage, tally: Record) -> str:
    """Return the median of the days from alerts to what they warned of, as an interval."""
    if tally["lead_days"] is None:
        return "–"
    low, high = (_number(page, value) for value in tally["lead_days"]["median"])
    return f"{low}–{high}"


def rate_words(page: WebPage, tally: Record) -> str:
    """Return how many alerts a month rules open, with one decimal."""
    return number_words(Decimal(f"{tally['a_month']:.1f}"), page.language)


def _number(page: WebPage, value: float) -> str:
    return number_words(Decimal(f"{value:g}"), page.language)


def _summary(page: WebPage, answer: Record) -> str:
    tried, held = answer["tried"], answer["in_force"]
    ngettext = translation(page.language).ngettext
    said = ngettext(
        "%(count)s alert, %(rate)s a month; under the rules in force %(others)s, %(other_rate)s a "
        "month.",
        "%(count)s alerts, %(rate)s a month; under the rules in force %(others)s, %(other_rate)s a "
        "month.",
        tried["alerts"],
    )
    return said % {
        "count": tried["alerts"],
        "rate": rate_words(page, tried),
        "others": held["alerts"],
        "other_rate": rate_words(page, held),
    }


def _sides(page: WebPage, answer: Record) -> list[tuple[str, Record]]:
    return [
        (page.gettext("tried"), answer["tried"]),
        (page.gettext("in force"), answer["in_force"]),
    ]


def _by_rule(page: WebPage, answer: Record) -> dict[str, list[tuple[str, Record]]]:
    """Return the figures of each rule on both sides, as far as they have it."""
    found: dict[str, list[tuple[str, Record]]] = {}
    for words, outlook in _sides(page, answer):
        for name, tally in outlook["rules"].items():
            found.setdefault(name, []).append((words, tally))
    return found


def _differences(page: WebPage, found: Record) -> Iterator[Differences]:
    titles = {
        "only_tried": page.gettext("Only the rules tried would open"),
        "only_in_force": page.gettext("Only the rules in force would open"),
        "earlier": page.gettext("The rules tried would open earlier"),
        "later": page.gettext("The rules tried would open later"),
    }
    for name, title in titles.items():
        yield Differences(title, found[name][:SHOWN], len(found[name]))
