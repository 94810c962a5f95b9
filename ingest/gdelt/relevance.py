"""Whether a story that software coded is an event that the service should count.

A logistic regression on what the words of the address speak of, on the kind, on the roles of both
actors and on the tone. Where no word of an address is known (it is a number, in another language,
or missing) the roles alone decide. The numbers stand in `data/relevance.json` with their card;
labels, guide and figures are in `docs/relevance.md`. It reads one story at a time: what else a file
holds changes nothing, so that counts do not depend on how rows are spread over files.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.kinds import EventKind
from ewarn.frames.predictions import FloatArray
from ingest.gdelt.story_words import IntArray, load_vocabulary

BoolArray = npt.NDArray[np.bool_]

KINDS = tuple(EventKind)
MOST_WORDS = 2  # of one group that count: a third word says nothing new
TONE = 5.0  # GDELT's tone lies within some 5 points of 0

# Of each family of kinds: the words that say what happened, and those that say to whom.
FAMILIES: dict[str, tuple[tuple[EventKind, ...], tuple[str, ...], tuple[str, ...]]] = {
    "crowd": (
        (EventKind.PROTEST, EventKind.RIOT, EventKind.STRIKE),
        ("crowd",),
        ("work", "voice", "state"),
    ),
    "arrest": ((EventKind.ARREST,), ("arrest",), ("voice", "crowd")),
    "force": ((EventKind.FORCE,), ("force", "violence"), ("crowd", "voice")),
    "violence": ((EventKind.ATTACK, EventKind.CLASH), ("violence",), ("fighters",)),
    "ban": ((EventKind.RESTRICTION,), ("ban",), ("crowd", "voice", "state", "vote")),
    "vote": ((EventKind.ELECTION,), ("vote",), ("tampering",)),
}
# Words that speak of something else whatever the kind, and words that speak for any kind.
ELSE = ("crime", "sport", "culture", "business", "mishap", "opinion", "history", "intent", "local")
FOR = ("world", "crowd", "voice", "violence", "fighters", "state", "arrest")

STATE = frozenset(("GOV", "MIL", "COP", "JUD", "SPY", "LEG"))
CIVIL = frozenset(
    ("CVL", "OPP", "MED", "EDU", "LAB", "NGO", "HRI", "REL", "REF", "PTY", "ACT", "HLH", "AGR")
)
ARMED = frozenset(("REB", "UAF", "INS", "SEP", "RAD", "MIL"))
CRIME = frozenset(("CRM",))
ROLES = ("state", "civil", "armed", "criminal", "both", "foreign")


@dataclass(frozen=True, slots=True)
class Stories:
    """Stories side by side: their kinds as places in `KINDS`, int (stories,), what their words
    speak of, int (stories, groups), the roles of their actors, float (stories, ROLES), and their
    tone, float (stories,)."""

    kind: IntArray
    spoken: IntArray
    roles: FloatArray
    tone: FloatArray


@lru_cache(maxsize=100_000)
def roles_of(actor_1: str, actor_2: str) -> tuple[float, ...]:
    """What the CAMEO codes of two actors say of them, in the order of `ROLES`."""
    one, two = _roles(actor_1), _roles(actor_2)
    roles = one | two
    kinds = [float(not roles.isdisjoint(some)) for some in (STATE, CIVIL, ARMED, CRIME)]
    countries = {code[:3] for code in (actor_1, actor_2) if code and code[:3] not in _NO_COUNTRY}
    return (*kinds, float(bool(actor_1 and actor_2)), float(len(countries) > 1))


def is_state_against_civilians(actor_1: str, actor_2: str) -> bool:
    """Whether the first actor is of the state and the second a civilian, by their CAMEO codes."""
    return not _roles(actor_1).isdisjoint(STATE) and not _roles(actor_2).isdisjoint(CIVIL)


_NO_COUNTRY = STATE | CIVIL | ARMED | CRIME | {"IGO", "MNC", "NGM", "BUS", "ELI"}


def _roles(code: str) -> set[str]:
    """The groups of three letters that make up a code; the country is among them."""
    return {code[at : at + 3] for at in range(0, len(code), 3)}


def is_silent(stories: Stories) -> BoolArray:
    """Whether no word of the address is known, (stories,)."""
    return np.asarray(stories.spoken.sum(axis=1) == 0)


def is_between_roles(stories: Stories) -> BoolArray:
    """Whether a state or an armed group stands on one side and civilians on the other."""
    state, civil, armed = (
        stories.roles[:, ROLES.index(r)] > 0 for r in ("state", "civil", "armed")
    )
    return np.asarray((state | armed) & civil)


def features(stories: Stories) -> dict[str, FloatArray]:
    """The columns of the regression by name, (stories,) each."""
    names = load_vocabulary().groups
    words = np.minimum(stories.spoken, MOST_WORDS).astype(np.float64)
    of = {name: words[:, at] for at, name in enumerate(names)}
    family = {
        name: np.isin(stories.kind, _places(kinds)) for name, (kinds, _, _) in FAMILIES.items()
    }
    act = _by_family(family, {name: _sum(of, groups) for name, (_, groups, _) in FAMILIES.items()})
    towards = _by_family(
        family, {name: _sum(of, groups) for name, (_, _, groups) in FAMILIES.items()}
    )
    both = np.minimum(act, 1) * np.minimum(towards, 1)
    silent = is_silent(stories)
    found = {"act": act, "towards": towards, "act and towards": both}
    found["other words"] = ((act == 0) & ~silent).astype(np.float64)
    found["no words"] = silent.astype(np.float64)
    found |= {f"word of {name}": of[name] for name in (*ELSE, *FOR)}
    found |= {f"kind of {name}": rows.astype(np.float64) for name, rows in family.items()}
    found["arrest of somebody"] = both * family["arrest"]
    found["arrest for crime"] = of["crime"] * family["arrest"]
    found |= {f"actor {name}": stories.roles[:, at] for at, name in enumerate(ROLES)}
    found["state and civilian"] = found["actor state"] * found["actor civil"]
    found["tone"] = stories.tone / TONE
    return found


def _places(kinds: tuple[EventKind, ...]) -> list[int]:
    return [KINDS.index(kind) for kind in kinds]


def _sum(of: dict[str, FloatArray], groups: tuple[str, ...]) -> FloatArray:
    return np.asarray(np.minimum(np.sum([of[name] for name in groups], axis=0), MOST_WORDS))


def _by_family(family: dict[str, Any], values: dict[str, FloatArray]) -> FloatArray:
    return np.asarray(np.sum([family[name] * values[name] for name in family], axis=0))


@dataclass(frozen=True, slots=True)
class Relevance:
    """The regression: a weight for each feature, an intercept, and the probability from which a
    story counts."""

    weights: dict[str, float]
    intercept: float
    threshold: float

    def probability(self, stories: Stories) -> FloatArray:
        """Of being an event that counts, (stories,)."""
        columns = features(stories)
        logit = self.intercept + sum(
            (weight * columns[name] for name, weight in self.weights.items()),
            start=np.zeros(len(stories.kind)),
        )
        return np.asarray(1 / (1 + np.exp(-logit)))

    def counts(self, stories: Stories) -> BoolArray:
        """Whether a story counts, (stories,)."""
        likely = self.probability(stories) >= self.threshold
        return np.where(is_silent(stories), is_between_roles(stories), likely)


@lru_cache(maxsize=1)
def load_relevance() -> Relevance:
    """The numbers that come with the package."""
    text = files("ingest").joinpath("data", "relevance.json").read_text(encoding="utf-8")
    held = json.loads(text)
    return Relevance(held["weights"], held["intercept"], held["threshold"])
