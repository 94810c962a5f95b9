"""The names of stages, bodies, themes and states of the response, in each language."""

from collections.abc import Mapping
from functools import cache

from ewarn.domain.alert import AlertState, Assessment
from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.languages.catalogues import translation


def stage_words(stage: Stage, language: str = "en") -> str:
    """Return how far a deployment has come."""
    return _steps(language)[StepKind(stage.value)]


def step_words(kind: StepKind, language: str = "en") -> str:
    """Return what was done to a deployment."""
    return _steps(language)[kind]


@cache
def _steps(language: str) -> Mapping[StepKind, str]:
    pgettext = translation(language).pgettext
    return {
        StepKind.PROPOSED: pgettext("deployment", "proposed"),
        StepKind.CONSENT_REQUESTED: pgettext("deployment", "consent requested"),
        StepKind.CONSENTED: pgettext("deployment", "consented"),
        StepKind.REFUSED: pgettext("deployment", "refused"),
        StepKind.DEPLOYED: pgettext("deployment", "deployed"),
        StepKind.ENDED: pgettext("deployment", "ended"),
        StepKind.WITHDRAWN: pgettext("deployment", "withdrawn"),
        StepKind.REVIEWED: pgettext("deployment", "reviewed"),
        StepKind.JUDGED: pgettext("deployment", "judged"),
    }


def body_words(body: Body, language: str = "en") -> str:
    """Return who recommends."""
    gettext = translation(language).gettext
    return {
        Body.MISSION: gettext("mission"),
        Body.UPR: gettext("Universal Periodic Review"),
        Body.TREATY_BODY: gettext("treaty body"),
        Body.SPECIAL_PROCEDURE: gettext("special procedure"),
    }[body]


def theme_words(theme: Theme, language: str = "en") -> str:
    """Return what a recommendation is about."""
    return _themes(language)[theme]


@cache
def _themes(language: str) -> Mapping[Theme, str]:
    pgettext = translation(language).pgettext
    return {
        Theme.ASSEMBLY: pgettext("theme", "assembly"),
        Theme.EXPRESSION: pgettext("theme", "expression"),
        Theme.FORCE: pgettext("theme", "use of force"),
        Theme.DETENTION: pgettext("theme", "detention"),
        Theme.TORTURE: pgettext("theme", "torture"),
        Theme.JUSTICE: pgettext("theme", "justice"),
        Theme.ELECTIONS: pgettext("theme", "elections"),
        Theme.INSTITUTIONS: pgettext("theme", "institutions"),
        Theme.OTHER: pgettext("theme", "other"),
    }


def status_words(status: Status, language: str = "en") -> str:
    """Return how far a recommendation has come."""
    pgettext = translation(language).pgettext
    return {
        Status.OPEN: pgettext("recommendation", "open"),
        Status.UNDER_WAY: pgettext("recommendation", "under way"),
        Status.PARTLY_DONE: pgettext("recommendation", "partly done"),
        Status.DONE: pgettext("recommendation", "done"),
        Status.DROPPED: pgettext("recommendation", "dropped"),
    }[status]


def state_words(state: AlertState, language: str = "en") -> str:
    """Return the state of an alert."""
    pgettext = translation(language).pgettext
    return {
        AlertState.PENDING: pgettext("alert", "pending"),
        AlertState.OPEN: pgettext("alert", "open"),
        AlertState.ACKNOWLEDGED: pgettext("alert", "acknowledged"),
        AlertState.CLOSED: pgettext("alert", "closed"),
    }[state]


def assessment_words(finding: Assessment, language: str = "en") -> str:
    """Return what a person found an alert to be."""
    pgettext = translation(language).pgettext
    return {
        Assessment.TRUE_ALARM: pgettext("alert", "true alarm"),
        Assessment.FALSE_ALARM: pgettext("alert", "false alarm"),
        Assessment.UNCLEAR: pgettext("alert", "unclear"),
    }[finding]


def verdict_words(verdict: Verdict, language: str = "en") -> str:
    """Return the effect of a deployment."""
    pgettext = translation(language).pgettext
    return {
        Verdict.NOT_IDENTIFIABLE: pgettext("effect", "not identifiable from these data"),
        Verdict.CHANCE: pgettext("effect", "not distinguishable from chance"),
        Verdict.FEWER: pgettext("effect", "fewer"),
        Verdict.MORE: pgettext("effect", "more"),
    }[verdict]


def role_words(text: str, language: str = "en") -> str:
    """Return a role or a party of the packaged playbooks in a language; other text unchanged."""
    gettext = translation(language).gettext
    packaged = {
        "human-rights officer": gettext("human-rights officer"),
        "constitutional expert": gettext("constitutional expert"),
        "human-rights adviser": gettext("human-rights adviser"),
        "regional office": gettext("regional office"),
        "the Government": gettext("the Government"),
    }
    return packaged.get(text, text)


def precondition_words(text: str, language: str = "en") -> str:
    """Return a precondition of the packaged playbooks in a language; other text unchanged."""
    gettext = translation(language).gettext
    packaged = {
        "the Government's approval": gettext("the Government's approval"),
        "a follow-up owner in the regional office": gettext(
            "a follow-up owner in the regional office"
        ),
        "a counterpart named by the ministry concerned": gettext(
            "a counterpart named by the ministry concerned"
        ),
    }
    return packaged.get(text, text)


def team_words(team: tuple[str, ...], language: str = "en") -> str:
    """Return a team in words: how many of each role, in the order in which they were named."""
    counts = {role: team.count(role) for role in team}
    many = {role: f"{number} × " if number > 1 else "" for role, number in counts.items()}
    return ", ".join(f"{many[role]}{role_words(role, language)}" for role in counts)
