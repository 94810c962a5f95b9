"""Places, numbers and questions in the language of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from api.serving.state import ApiState
from ewarn.domain.alert import AlertState
from ewarn.domain.score import Driver
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Target
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import number_words
from ewarn.notify.messages.labels import band_words, driver_words, health_words, kind_words
from ewarn.response.labels import state_words


@dataclass(frozen=True, slots=True)
class PageWording:
    """What a page says about places and numbers, in one language."""

    state: ApiState
    language: str

    def place(self, region: str, *, short: bool = False) -> str:
        """Return the name of a region, with its country unless `short`."""
        found = self.state.places.get(region)
        name = found.name_in(self.language)
        if short or found.parent is None:
            return name
        return f"{name}, {self.state.places.get(found.parent).name_in(self.language)}"

    def points(self, change: float | None) -> str:
        """Return a change of a probability in percentage points."""
        if change is None:
            return "–"
        return _points(round(change * 100, 1), self.language)

    def count(self, value: float | None) -> str:
        """Return a number of events with one decimal, or a dash."""
        if value is None:
            return "–"
        return _number(round(value, 1), self.language)

    def driver(self, driver: Mapping[str, Any]) -> str:
        """Return the record of a driver as a short phrase."""
        known = {each.name: driver[each.name] for each in fields(Driver) if each.name in driver}
        weeks = {name: date.fromisoformat(driver[name]) for name in ("first_week", "last_week")}
        return driver_words(Driver(**(known | weeks)), self.language)

    def kind(self, signal: str) -> str:
        """Return what a signal, or a kind of events, is in words."""
        return kind_words(signal if ":" in signal else f":{signal}", self.language)

    def band(self, name: str) -> str:
        """Return the name of a level."""
        return band_words(Band(name), self.language)

    def health(self, value: str) -> str:
        """Return the health of a source in words."""
        return health_words(Health(value), self.language)

    def alert_state(self, value: str) -> str:
        """Return the state of an alert in words."""
        return state_words(AlertState(value), self.language)

    def chart(self) -> dict[str, str]:
        """Return the words of the legend of a chart."""
        gettext = translation(self.language).gettext
        return {
            "week": gettext("Week"),
            "probability": gettext("Probability"),
            "low": gettext("lower end"),
            "high": gettext("upper end"),
            "observed": gettext("observed"),
            "expected": gettext("expected"),
            "bound": gettext("bound"),
        }

    def question(self, target: Target) -> str:
        """Return the question that a score of a target answers."""
        gettext = translation(self.language).gettext
        return {
            Target.FORCE: gettext(
                "How likely is lethal force against demonstrators within four weeks?"
            ),
            Target.ESCALATION: gettext(
                "How likely is an escalation of repression within four weeks?"
            ),
            Target.KILLINGS: gettext(
                "How likely is a killing of civilians by forces of a state within four weeks?"
            ),
        }[target]


# A long table asks for the same few texts, so they are kept.
@lru_cache(maxsize=20_000)
def _number(value: float, language: str) -> str:
    return number_words(Decimal(f"{value:.1f}"), language)


@lru_cache(maxsize=20_000)
def _points(change: float, language: str) -> str:
    gettext = translation(language).gettext
    if not change:
        return gettext("no change")
    sign = "▲\u00a0+" if change > 0 else "▼\u00a0−"
    return f"{sign}{_number(abs(change), language)} {gettext('points')}"
