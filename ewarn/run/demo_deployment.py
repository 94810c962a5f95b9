"""Simulate a historical deployment in the demonstration.

Documented: late in 2017, with the Government's approval, two human-rights officers and a
constitutional expert went to Togo for four months. Invented for illustration: the day of every
step, who took it and in which words, and that an alert of this service was its reason.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from ewarn.alerting.acts import acknowledge
from ewarn.domain.deployment import Deployment, StepKind
from ewarn.domain.target import Target
from ewarn.domain.time import midnight
from ewarn.languages.catalogues import ENGLISH, complete_languages, translation
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.response.deployments import proposal_of, propose_deployment, step
from ewarn.pipeline.service import Service
from ewarn.response.labels import step_words, team_words
from ewarn.run.console import Voice
from ewarn.store.alerts import alerts
from ewarn.store.response import deployments

ID = "deployment-togo-2017"
COUNTRY = "TGO"
OFFICE = "Dakar office"
PLAYBOOK = "deployment"
_OFFICE_OPENS = timedelta(hours=9)
_FIRST = midnight(date(2017, 8, 1))
_ACKNOWLEDGED = date(2017, 8, 22)  # the day after the message of 21 August
_PROPOSED = date(2017, 10, 20)
_LATER: tuple[tuple[date, StepKind, str], ...] = (
    (date(2017, 10, 27), StepKind.CONSENT_REQUESTED, "Note to the Government with the proposal."),
    (date(2017, 11, 20), StepKind.CONSENTED, "The Government approves."),
    (date(2017, 12, 4), StepKind.DEPLOYED, "The two officers and the expert arrive."),
    (date(2017, 12, 29), StepKind.REVIEWED, "Counterparts are named; the plan stands."),
    (date(2018, 2, 2), StepKind.REVIEWED, "Talks are being prepared; the team stays as planned."),
    (date(2018, 4, 2), StepKind.ENDED, "The four months are over; the regional office follows up."),
    (date(2018, 4, 3), StepKind.REVIEWED, "Handed over to the regional office."),
)


def notice(language: str) -> str:
    """Return the notice on what is documented about the deployment, and what is invented."""
    return translation(language).gettext(
        "Illustration. Documented: team, four months, the Government's approval, late 2017. "
        "Invented: the day of each step, who took it, and that an alert of ewarn was its reason."
    )


@dataclass
class Play:
    """Simulates the acts of people that are due. Called with each moment of a replay, in order."""

    service: Service
    played_until: datetime = _FIRST

    def __call__(self, now: datetime) -> None:
        """Simulate everything that happened after the last call and up to `now`."""
        if self._is_due(_ACKNOWLEDGED, now):
            self._acknowledge(midnight(_ACKNOWLEDGED) + _OFFICE_OPENS)
        if self._is_due(_PROPOSED, now):
            self._propose(midnight(_PROPOSED) + _OFFICE_OPENS)
        for day, kind, reason in _LATER:
            if self._is_due(day, now):
                at = midnight(day) + _OFFICE_OPENS
                step(self.service, ID, (), kind, OFFICE, at, reason)
        self.played_until = now

    def _is_due(self, day: date, now: datetime) -> bool:
        return self.played_until < midnight(day) + _OFFICE_OPENS <= now

    def _acknowledge(self, at: datetime) -> None:
        alert_id = self._alert(at)
        if alert_id is None:
            return
        seen = partial(acknowledge, actor=OFFICE, at=at, reason="Calling the country team.")
        act(self.service, alert_id, (), seen, at)

    def _propose(self, at: datetime) -> None:
        made = proposal_of(self.service, PLAYBOOK, COUNTRY, self._alert(at), at)
        made = replace(made, notice={each: notice(each) for each in complete_languages()})
        reason = "Force was used in several towns in October; nobody of ours is in the country."
        propose_deployment(self.service, ID, made, OFFICE, at, reason)

    def _alert(self, at: datetime) -> str | None:
        """Return the id of the country's open alert on lethal force, or None if there is none."""
        wanted = alerts.AlertFilter(regions=(COUNTRY,), targets=(Target.FORCE,))
        with self.service.store.read() as connection:
            found = alerts.find(connection, wanted, at)
        return next((alert.id for alert in found if alert.is_standing), None)


def say(service: Service, moment: datetime, voice: Voice) -> None:
    """Print the deployment step by step, with the notice and the effect."""
    with service.store.read() as connection:
        found = deployments.find(connection, moment, ids=[ID])
        steps = deployments.steps(connection, ID, moment)
    for made in found:
        voice.say("")
        voice.say(f"Togo: a deployment answers the alert ({team_words(made.proposal.team)})")
        voice.say(notice(ENGLISH))
        for each in steps:
            if each.step.kind is not StepKind.JUDGED:
                what = step_words(each.step.kind)
                voice.say(f"{each.step.on}  {what:<17} {each.step.actor}: {each.step.reason}")
        voice.say(f"            effect: {_effect(made)}")


def _effect(made: Deployment) -> str:
    if made.effect is None:
        return "evaluated when it has ended"
    return " ".join((f"{made.effect.verdict}.", *made.effect.reasons))


def result(service: Service, moment: datetime) -> list[dict[str, Any]]:
    """Return the deployments of a replay as values for JSON."""
    with service.store.read() as connection:
        found = deployments.find(connection, moment)
    return [
        {
            "id": made.id,
            "country": made.country,
            "stage": made.stage.value,
            "deployed_on": made.deployed_on,
            "ended_on": made.ended_on,
            "effect": made.effect and made.effect.verdict.value,
            "notice": made.proposal.notice.get("en", ""),
        }
        for made in found
    ]
