"""The form for a new subscription: the body of the API that it stands for, and what is wrong."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from typing import Any
from zoneinfo import available_timezones

from api.pages.forms import field_faults
from api.pages.page import WebPage
from api.serving.problems import Problem
from ewarn.domain.target import SERVED_TARGETS, Band
from ewarn.languages.catalogues import LANGUAGES
from ewarn.languages.formats import own_name
from ewarn.pipeline.delivery.subscribing import OPERATORS

Values = Mapping[str, Sequence[str]]  # what was typed or chosen in each field

_TEXTS = ("channel", "address", "language", "level", "digest", "digest_at", "zone")
_WHOLE_NUMBERS = ("most_a_day", "repeat_days")
_MOST_DIGITS = 9  # of a whole number; JSON cannot hold much longer ones
# The form in which each parameter of the API is asked for, if its name is another one.
_ASKED_AS = {"at_least": "percent"}
# What is chosen before anybody has chosen.
_FIRST = {
    "digest_at": "08:00",
    "zone": "UTC",
    "repeat_days": "56",
}


@dataclass(frozen=True, slots=True)
class SubscriptionForm:
    """The form with what was typed so far.

    Attributes:
        given: What was typed, by field; empty before the first try.
        wrong: What is wrong, by field.
        refusal: What is wrong with all of it; empty if nothing is.
    """

    page: WebPage
    given: Values = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    refusal: str = ""

    @property
    def channels(self) -> Sequence[str]:
        """The channels that are switched on and that a key may use."""
        return sorted(self.page.state.service.notifiers.keys() - OPERATORS)

    @property
    def levels(self) -> Sequence[Band]:
        """The levels that can be the lowest one, `uncalibrated` for every alert."""
        return list(Band)

    @property
    def targets(self) -> Sequence[Any]:
        """The targets that alerts can be about."""
        return SERVED_TARGETS

    @property
    def languages(self) -> Mapping[str, str]:
        """The languages of messages, each by its own name."""
        return {code: own_name(code) for code in LANGUAGES}

    @property
    def zones(self) -> Sequence[str]:
        """The time zones to choose from."""
        return sorted(zone for zone in available_timezones() if _is_a_place(zone))

    def value(self, name: str) -> str:
        """Return what a field holds."""
        if not self.given:
            return self.page.language if name == "language" else _FIRST.get(name, "")
        return _text(self.given, name)

    def holds(self, name: str, value: str) -> bool:
        """Return whether a value of several is chosen."""
        return value in self.given.get(name, ())

    def refused(self, given: Values, problem: Problem) -> "SubscriptionForm":
        """Return the form as it was sent, with what the API finds wrong.

        Raises:
            Problem: Other words in the form would not solve it.
        """
        found = field_faults(problem)
        wrong = {_ASKED_AS.get(name, name): words for name, words in found.items()}
        return SubscriptionForm(self.page, given, wrong, "" if wrong else problem.detail)


def body_of(given: Values) -> dict[str, Any]:
    """Return the body that the API takes. A field that is empty is left out.

    A number that cannot be read stays a text, which the API refuses by its name.
    """
    body: dict[str, Any] = {name: _text(given, name) for name in _TEXTS}
    body |= {name: _whole(_text(given, name)) for name in _WHOLE_NUMBERS}
    body["at_least"] = _share(_text(given, "percent"))
    body["countries"] = list(given.get("countries", ()))
    body["targets"] = list(given.get("targets", ()))
    lines = _text(given, "regions").splitlines()
    body["regions"] = [line.strip() for line in lines if line.strip()]
    quiet = {name: _text(given, f"quiet_{name}") for name in ("begins", "ends")}
    body["quiet"] = {name: clock for name, clock in quiet.items() if clock}
    return {name: value for name, value in body.items() if value not in ("", [], {})}


def _text(given: Values, name: str) -> str:
    return [*given.get(name, ()), ""][0].strip()


def _whole(text: str) -> int | str:
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else text


def _share(text: str) -> float | str:
    """Return a percentage as a share; the text if it is no number that JSON can hold."""
    try:
        share = float(Decimal(text.replace(",", ".").removesuffix("%").strip()) / 100)
    except DecimalException:
        return text
    return share if math.isfinite(share) else text


def _is_a_place(zone: str) -> bool:
    return zone == "UTC" or ("/" in zone and not zone.startswith("Etc/"))
