"""Words for deployments and recommendations in the language of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from api.pages.response.course import Course
from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.playbook import Playbook
from ewarn.domain.recommendation import Body, RecommendationAct, Status, Theme
from ewarn.domain.time import week_of
from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.languages.formats import number_words
from ewarn.response.labels import (
    body_words,
    precondition_words,
    role_words,
    stage_words,
    status_words,
    step_words,
    team_words,
    theme_words,
    verdict_words,
)


@dataclass(frozen=True, slots=True)
class ResponseWording:
    """What a page says about deployments and recommendations, in one language."""

    language: str

    def stage(self, value: str) -> str:
        """Return how far a deployment has come."""
        return stage_words(Stage(value), self.language)

    def step(self, value: str) -> str:
        """Return what was done to a deployment."""
        return step_words(StepKind(value), self.language)

    def team(self, roles: Sequence[str]) -> str:
        """Return a team: how many of each role."""
        return team_words(tuple(roles), self.language)

    def role(self, text: str) -> str:
        """Return a role, an office or a party."""
        return role_words(text, self.language)

    def precondition(self, text: str) -> str:
        """Return what must be settled before anybody leaves."""
        return precondition_words(text, self.language)

    def length(self, weeks: int | None) -> str:
        """Return how long a deployment is planned to last."""
        if weeks is None:
            return translation(self.language).gettext("open-ended")
        return self._weeks(weeks)

    def verdict(self, value: str) -> str:
        """Return the effect of a deployment."""
        return verdict_words(Verdict(value), self.language)

    def ratio(self, value: float) -> str:
        """Return how many times as many events there were."""
        return number_words(Decimal(f"{value:.2f}"), self.language)

    def course(self, course: Course, stay: tuple[date, date] | None) -> str:
        """Return how many events there were before, in and after the time of a deployment."""
        gettext = translation(self.language).gettext
        if stay is None:
            return gettext("%(events)s in %(weeks)s.") % self._counted(course)
        arrival = week_of(stay[0])
        parts = [
            (gettext("Before the deployment: %(events)s in %(weeks)s."), date.min, arrival),
            (gettext("During it: %(events)s in %(weeks)s."), arrival, stay[1]),
            (gettext("After it: %(events)s in %(weeks)s."), stay[1], date.max),
        ]
        counted = [(words, self._counted(course, first, end)) for words, first, end in parts]
        return " ".join(words % values for words, values in counted if values["weeks"])

    def _counted(
        self, course: Course, first: date = date.min, end: date = date.max
    ) -> dict[str, str]:
        ngettext = translation(self.language).ngettext
        number, weeks = course.events(first, end)
        events = ngettext("%(count)s event", "%(count)s events", number) % {"count": number}
        return {"events": events, "weeks": self._weeks(weeks) if weeks else ""}

    def _weeks(self, number: int) -> str:
        ngettext = translation(self.language).ngettext
        return ngettext("%(count)s week", "%(count)s weeks", number) % {"count": number}

    def method(self, name: str) -> str:
        """Return the name of a method of evaluation; unchanged if it is not known."""
        gettext = translation(self.language).gettext
        known = {
            "interrupted time series": gettext("interrupted time series"),
            "synthetic control": gettext("synthetic control"),
        }
        return known.get(name, name)

    def body(self, value: str) -> str:
        """Return who recommends."""
        return body_words(Body(value), self.language)

    def theme(self, value: str) -> str:
        """Return what a recommendation is about."""
        return theme_words(Theme(value), self.language)

    def status(self, value: str) -> str:
        """Return how far a recommendation has come."""
        return status_words(Status(value), self.language)

    def act(self, value: str) -> str:
        """Return what was done to a recommendation."""
        pgettext = translation(self.language).pgettext
        return {
            RecommendationAct.ADDED: pgettext("recommendation", "added"),
            RecommendationAct.AMENDED: pgettext("recommendation", "amended"),
            RecommendationAct.STATUS: pgettext("recommendation", "new status"),
        }[RecommendationAct(value)]

    def reason(self, change: Mapping[str, Any]) -> str:
        """Return why a recommendation was changed; empty if it says no more than the act."""
        text: str = change["reason"]
        if text == "imported":
            return translation(self.language).gettext("from a file")
        return "" if text == change["act"] else text

    def suggestion(self, playbook: Playbook) -> str:
        """Return what a playbook suggests, in English if it is not in the language."""
        known = playbook.suggestion
        return known.get(self.language, known.get(ENGLISH, playbook.name))

    def step_title(self, kind: StepKind) -> str:
        """Return the heading of the form for a step."""
        gettext = translation(self.language).gettext
        return {
            StepKind.CONSENT_REQUESTED: gettext("Consent was requested"),
            StepKind.CONSENTED: gettext("Consent was given"),
            StepKind.REFUSED: gettext("Consent was refused"),
            StepKind.DEPLOYED: gettext("The team has arrived"),
            StepKind.ENDED: gettext("The deployment has ended"),
            StepKind.WITHDRAWN: gettext("Withdraw the proposal"),
            StepKind.REVIEWED: gettext("A review was held"),
        }[kind]

    def step_help(self, kind: StepKind, deployment: Mapping[str, Any]) -> str:
        """Return what a person should know before they record a step."""
        gettext = translation(self.language).gettext
        party = {"party": self.role(deployment["consent_of"])}
        final = gettext("Then nobody goes, and no other step can follow.")
        return {
            StepKind.CONSENT_REQUESTED: gettext("Whose consent is needed: %(party)s.") % party,
            StepKind.CONSENTED: gettext(
                "Whose consent it is: %(party)s. Say how it was given. Nobody goes without it."
            )
            % party,
            StepKind.REFUSED: final,
            StepKind.DEPLOYED: gettext("The reviews and the planned end are counted from its day."),
            StepKind.ENDED: gettext(
                "Its day is the first on which nobody is there any more. The effect is evaluated "
                "at once, as far as the data allow it."
            ),
            StepKind.WITHDRAWN: final,
            StepKind.REVIEWED: gettext("Say what the review found, and what follows from it."),
        }[kind]
