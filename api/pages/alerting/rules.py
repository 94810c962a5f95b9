"""What the page of the rules shows: each rule in words, a dry run, and the silences."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.alerting.dry_runs import (
    ACT,
    TriedRule,
    dry_run_body,
    is_asked,
    tried_rules,
    values,
)
from api.pages.alerting.rule_trials import TrialForm, trial_form
from api.pages.alerting.rule_words import rule_sentences
from api.pages.alerting.silences import is_over
from api.pages.page import WebPage
from api.pages.places import Choice, chosen_places
from api.pages.refusals import Refusal, refusal
from api.serving.problems import Problem
from ewarn.domain.key import EVERYWHERE

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RuleSeen:
    """A rule in force: its record, what it says in sentences, and its offices."""

    rule: Record
    sentences: Sequence[str]
    offices: Sequence[str]


@dataclass(frozen=True, slots=True)
class RulesSeen:
    """The rules and silences that a key may see.

    Attributes:
        rules: The rules in force; None if the key may not read them.
        silences: Those in force or to come.
        ended: Silences that are over.
        tried: What the rules would do with the score of the address; None if it supposes none.
        band: The level of that score.
        refused: Why the dry run of the address was refused.
        trial: What the form of a trial on the past holds at first.
    """

    where: Choice
    rules: Sequence[RuleSeen] | None
    silences: Sequence[Record]
    ended: Sequence[Record]
    tried: Sequence[TriedRule] | None
    band: str
    region: str
    refused: Refusal
    trial: TrialForm


async def rules_seen(page: WebPage) -> RulesSeen:
    """Read the rules and silences, and try the score that the address supposes."""
    where = await chosen_places(page)
    found, silences = await asyncio.gather(
        page.api.get_if_allowed("/v1/rules"), page.api.items_if_allowed("/v1/silences")
    )
    records = found["items"] if found else []
    answer, refused = await _tried(page) if records else (None, Refusal())
    now = page.state.clock()
    return RulesSeen(
        where=where,
        rules=None if found is None else [_in_words(page, each, where) for each in records],
        silences=[each for each in silences if not is_over(each, now)],
        ended=[each for each in silences if is_over(each, now)],
        tried=None if answer is None else tried_rules(page, answer, records),
        band="" if answer is None else answer["band"],
        region="" if answer is None else answer["region"],
        refused=refused,
        trial=await trial_form(page, records),
    )


def _in_words(page: WebPage, record: Record, where: Choice) -> RuleSeen:
    return RuleSeen(record, rule_sentences(page, record), _offices(page, record, where))


async def _tried(page: WebPage) -> tuple[Record | None, Refusal]:
    """Return the answer to the dry run of the address, or why it was refused."""
    if not is_asked(page):
        return None, Refusal()
    try:
        answer = await page.api.post("/v1/rules/dry-run", dry_run_body(page))
    except Problem as problem:
        return None, refusal(page, ACT, values(page), problem)
    return answer, Refusal(ACT, values=values(page))


def _offices(page: WebPage, rule: Record, where: Choice) -> list[str]:
    """Return the names of the offices that a rule notifies."""
    if EVERYWHERE in rule["offices"]:
        return [page.gettext("all offices")]
    names = dict(where.offices)
    return [names.get(each, each) for each in rule["offices"]]
