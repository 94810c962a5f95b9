"""The words of the response, in the languages that are complete: English and French."""

from ewarn.domain.alert import AlertState
from ewarn.domain.deployment import Stage, StepKind
from ewarn.domain.effect import Verdict
from ewarn.domain.recommendation import Body, Status, Theme

COMPLETE = ("en", "fr")

_STAGES = {
    Stage.PROPOSED: "proposé",
    Stage.CONSENT_REQUESTED: "accord demandé",
    Stage.CONSENTED: "accord donné",
    Stage.REFUSED: "refusé",
    Stage.DEPLOYED: "sur place",
    Stage.ENDED: "terminé",
    Stage.WITHDRAWN: "retiré",
}
_STEPS = {
    StepKind.REVIEWED: "réexaminé",
    StepKind.JUDGED: "effet évalué",
} | {StepKind(stage.value): words for stage, words in _STAGES.items()}
_BODIES = {
    "en": {
        Body.MISSION: "mission",
        Body.UPR: "Universal Periodic Review",
        Body.TREATY_BODY: "treaty body",
        Body.SPECIAL_PROCEDURE: "special procedure",
    },
    "fr": {
        Body.MISSION: "mission",
        Body.UPR: "Examen périodique universel",
        Body.TREATY_BODY: "organe conventionnel",
        Body.SPECIAL_PROCEDURE: "procédure spéciale",
    },
}
_THEMES = {
    "en": {theme: theme.value for theme in Theme} | {Theme.FORCE: "use of force"},
    "fr": {
        Theme.ASSEMBLY: "réunion pacifique",
        Theme.EXPRESSION: "expression",
        Theme.FORCE: "usage de la force",
        Theme.DETENTION: "détention",
        Theme.TORTURE: "torture",
        Theme.JUSTICE: "justice",
        Theme.ELECTIONS: "élections",
        Theme.INSTITUTIONS: "institutions",
        Theme.OTHER: "autre",
    },
}
_STATUSES = {
    Status.OPEN: "ouverte",
    Status.UNDER_WAY: "en cours",
    Status.PARTLY_DONE: "partiellement mise en œuvre",
    Status.DONE: "mise en œuvre",
    Status.DROPPED: "abandonnée",
}
_STATES = {
    AlertState.PENDING: "en attente",
    AlertState.OPEN: "ouverte",
    AlertState.ACKNOWLEDGED: "prise en charge",
    AlertState.CLOSED: "close",
}
_VERDICTS = {
    Verdict.NOT_IDENTIFIABLE: "non identifiable à partir de ces données",
    Verdict.CHANCE: "impossible à distinguer du hasard",
    Verdict.FEWER: "moins d'événements",
    Verdict.MORE: "plus d'événements",
}
# Roles and parties of the packaged playbooks. What an office writes itself stays as written.
_PHRASES = {
    "human-rights officer": "spécialiste des droits de l'homme",
    "constitutional expert": "expert constitutionnel",
    "human-rights adviser": "conseiller aux droits de l'homme",
    "regional office": "bureau régional",
    "the Government": "le Gouvernement",
}


def _spoken(value: str) -> str:
    return value.replace("_", " ")


def stage_words(stage: Stage, language: str = "en") -> str:
    """How far a deployment has come."""
    return _STAGES[stage] if language == "fr" else _spoken(stage)


def step_words(kind: StepKind, language: str = "en") -> str:
    """What was done to a deployment."""
    return _STEPS[kind] if language == "fr" else _spoken(kind)


def body_words(body: Body, language: str = "en") -> str:
    """Who recommends."""
    return _BODIES["fr" if language == "fr" else "en"][body]


def theme_words(theme: Theme, language: str = "en") -> str:
    """What a recommendation is about."""
    return _THEMES["fr" if language == "fr" else "en"][theme]


def status_words(status: Status, language: str = "en") -> str:
    """How far a recommendation has come."""
    return _STATUSES[status] if language == "fr" else _spoken(status)


def state_words(state: AlertState, language: str = "en") -> str:
    """Where an alert stands."""
    return _STATES[state] if language == "fr" else state.value


def verdict_words(verdict: Verdict, language: str = "en") -> str:
    """What came of a deployment."""
    return _VERDICTS[verdict] if language == "fr" else verdict.value


def phrase(text: str, language: str = "en") -> str:
    """A role or a party of the packaged playbooks in a language; anything else as written."""
    return _PHRASES.get(text, text) if language == "fr" else text


def team_words(team: tuple[str, ...], language: str = "en") -> str:
    """A team in words: how many of which role, in the order they were named."""
    counts = {role: team.count(role) for role in team}
    many = {role: f"{number} × " if number > 1 else "" for role, number in counts.items()}
    return ", ".join(f"{many[role]}{phrase(role, language)}" for role in counts)
