"""What the pages of models show: their cards in words, and how well they did."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from api.pages.page import WebPage
from api.pages.views.reliability import Diagram, diagram_of
from api.serving.problems import Problem
from ewarn.domain.alert import Assessment
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.egress.scorecards import ScorecardRecord
from ewarn.egress.service import ModelCard
from ewarn.languages.formats import number_words
from ewarn.notify.messages.labels import basis_notice, target_words

Record = Mapping[str, Any]

MOST = 1000  # alerts of a page of the list
_ALL = None  # the month of the scorecard row of all months
# A card leaves out what its model does not have, a scorecard what cannot be computed.
_NO_CARD: Record = dict.fromkeys(ModelCard.model_fields)
_NO_FIGURES: Record = dict.fromkeys(ScorecardRecord.model_fields)


@dataclass(frozen=True, slots=True)
class CardView:
    """The card of a model as the page shows it.

    Attributes:
        record: The card, as the API gives it.
        target: What it predicts, in words.
        level: For which places, in words.
        ahead: How far it looks ahead, in words.
        basis: What its figures are, in words.
        notice: How far they can be relied on; empty if they are calibrated.
        skill: Its own figures on years that it was not fitted on; None if the card has none.
        messages: What messages by its rules would have been worth, by the name of the rule.
    """

    record: Record
    target: str
    level: str
    ahead: str
    basis: str
    notice: str
    skill: Record | None
    messages: Mapping[str, Record]

    @property
    def name(self) -> str:
        """The name of the model, without its version."""
        return str(self.record["model"]).partition("@")[0]

    @property
    def version(self) -> str:
        """The version of the model."""
        return str(self.record["model"]).partition("@")[2]

    @property
    def fitted_on(self) -> Record | None:
        """The rows, outcomes and days that it was fitted on; None if the card does not count."""
        fitted = self.record["fitted_on"]
        return fitted if isinstance(fitted, Mapping) and "rows" in fitted else None

    @property
    def id(self) -> str:
        """An id for the card on its page."""
        parts = (self.record["source"], self.record["target"], self.record["level"])
        return "-".join(str(part) for part in parts if part)


@dataclass(frozen=True, slots=True)
class ScorecardView:
    """How scores of one purpose did: over all months, by month, and as a diagram."""

    whole: Record
    months: Sequence[Record]
    target: str
    level: str
    diagram: Diagram | None


@dataclass(frozen=True, slots=True)
class Assessed:
    """How many alerts of a target there were, and what people found them to be."""

    target: str
    alerts: int
    true: int
    false: int
    unclear: int


@dataclass(frozen=True, slots=True)
class ModelsView:
    """The models in use, what people found of their alerts, and how forecasts of deaths did."""

    cards: Sequence[CardView]
    assessed: Sequence[Assessed]
    forecasts: Sequence[Record]

    @property
    def names(self) -> Sequence[str]:
        """The names of the models, in the order of their cards."""
        return list(dict.fromkeys(card.name for card in self.cards))


@dataclass(frozen=True, slots=True)
class ModelView:
    """One model: its cards, and how its past scores did."""

    name: str
    cards: Sequence[CardView]
    scorecards: Sequence[ScorecardView]


async def models_view(page: WebPage) -> ModelsView:
    """Read the models in use.

    Raises:
        Problem: The key may not read scores.
    """
    cards, alerts, forecasts = await asyncio.gather(
        page.api.items("/v1/models", as_of=page.as_of),
        page.api.items_if_allowed(
            "/v1/alerts", fields="target,assessment,opened_on", limit=MOST, as_of=page.as_of
        ),
        page.api.items("/v1/forecasts/scorecard", as_of=page.as_of),
    )
    return ModelsView([_card(page, card) for card in cards], assessed(page, alerts), forecasts)


async def model_view(page: WebPage, name: str) -> ModelView:
    """Read one model.

    Raises:
        Problem: 404 if there is no such model.
    """
    every = await page.api.items("/v1/models", as_of=page.as_of)
    cards = [card for card in every if _is_of(card, name)]
    path = f"/v1/models/{quote(name, safe='')}/scorecard"
    try:
        rows = await page.api.items(path, as_of=page.as_of)
    except Problem as problem:
        if problem.status != 404 or not cards:
            raise
        rows = []
    return ModelView(name, [_card(page, card) for card in cards], _scorecards(page, rows))


def assessed(page: WebPage, alerts: Sequence[Record]) -> Sequence[Assessed]:
    """Count what people found the alerts to be that were opened, by target."""
    opened = [alert for alert in alerts if alert["opened_on"]]
    found = Counter((alert["target"], alert["assessment"]) for alert in opened)
    return [
        Assessed(
            target=_target(page, target),
            alerts=sum(number for (of, _), number in found.items() if of == target),
            true=found[target, Assessment.TRUE_ALARM],
            false=found[target, Assessment.FALSE_ALARM],
            unclear=found[target, Assessment.UNCLEAR],
        )
        for target in dict.fromkeys(alert["target"] for alert in opened)
    ]


def _is_of(card: Record, name: str) -> bool:
    return str(card["model"]).partition("@")[0] == name


def _card(page: WebPage, record: Record) -> CardView:
    record = {**_NO_CARD, **record}
    name = str(record["model"]).partition("@")[0]
    development = record["development"] or {}
    messages = development.get("messages") or {}
    return CardView(
        record=record,
        target=_target(page, record["target"]),
        level=level_words(page, record["level"]),
        ahead=_ahead(page, record),
        basis=basis_words(page, record["basis"]),
        notice=basis_notice(Basis(record["basis"]), page.language) if record["basis"] else "",
        skill=development.get("skill", {}).get(name),
        messages=messages.get("table", {}),
    )


def _target(page: WebPage, target: str) -> str:
    gettext = page.gettext
    if target == "fatalities":
        return gettext("deaths in organised violence")
    return target_words(Target(target), page.language)


def model_words(page: WebPage, name: str) -> str:
    """Return what a model of this service does, in words; empty for one of another package."""
    gettext = page.gettext
    return {
        "ensemble": gettext(
            "Several models together give the probability of an event within some weeks."
        ),
        "detector": gettext("It shows whether the last week had more events than usual."),
        "fatalities": gettext("It forecasts how many people will die in a country and month."),
    }.get(name, "")


def level_words(page: WebPage, level: str | None) -> str:
    """Return for which places a model predicts, in words."""
    gettext = page.gettext
    if level is None:
        return gettext("countries and their regions")
    return gettext("countries") if level == Level.COUNTRY else gettext("regions")


def _ahead(page: WebPage, record: Record) -> str:
    gettext = page.gettext
    weeks, months = record["horizon_weeks"], record["horizon_months"]
    if months is not None:
        return gettext("1 to %(count)s months", count=months)
    if weeks is None:
        return "–"
    return gettext("one week") if weeks == 1 else gettext("%(count)s weeks", count=weeks)


def basis_words(page: WebPage, basis: str | None) -> str:
    """Return what the figures of a model are, in words."""
    gettext = page.gettext
    if basis is None:
        return gettext("a distribution of deaths")
    return {
        Basis.CALIBRATED: gettext("probabilities that were compared with what happened"),
        Basis.PROVISIONAL: gettext("probabilities that rest on few outcomes"),
        Basis.ILLUSTRATION: gettext("probabilities that only illustrate"),
        Basis.UNCALIBRATED: gettext("expected numbers and bounds, no probabilities"),
    }[Basis(basis)]


def figure(page: WebPage, value: float | None, decimals: int = 2) -> str:
    """Return a figure with some decimals, or a dash."""
    return "–" if value is None else number_words(Decimal(f"{value:.{decimals}f}"), page.language)


def verdict_words(page: WebPage, verdict: str) -> str:
    """Return what the comparison of promised and real false alarms shows, in words."""
    gettext = page.gettext
    return {
        "nothing was promised": gettext("nothing was promised"),
        "too few expected for a test": gettext("too few expected for a test"),
        "more than promised": gettext("more than promised"),
        "fewer than promised": gettext("fewer than promised"),
        "as promised": gettext("as promised"),
    }.get(verdict, verdict)


def _scorecards(page: WebPage, rows: Sequence[Record]) -> Sequence[ScorecardView]:
    """Return the scorecards by purpose: the row of all months first, then the newest months."""
    purposes: dict[tuple[Any, ...], list[Record]] = {}
    for row in ({**_NO_FIGURES, **given} for given in rows):
        purpose = (row["source"], row["target"], row["level"], row["horizon_weeks"])
        purposes.setdefault(purpose, []).append(row)
    found = []
    for of_purpose in purposes.values():
        whole = next((row for row in of_purpose if row["month"] is _ALL), of_purpose[0])
        months = [row for row in of_purpose if row["month"] is not _ALL]
        found.append(
            ScorecardView(
                whole=whole,
                months=sorted(months, key=lambda row: str(row["month"]), reverse=True),
                target=_target(page, whole["target"]),
                level=level_words(page, whole["level"]),
                diagram=diagram_of(whole["reliability"] or ()),
            )
        )
    return found
