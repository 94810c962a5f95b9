"""Classifier of stories that software coded: is a story an event that the service should count?

It is a logistic regression on the subjects of the words in the web address, on the kind, on the
roles of both actors and on the tone. If no word of an address is known (it is a number, in another
language, or missing), the roles alone decide. The coefficients are in `data/relevance.json` with
their card; labels, guide and figures are in `docs/relevance.md`. Each story is classified by
itself, so that counts do not depend on how rows are distributed over files.
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
MOST_WORDS = 2  # words of one group that count: a third one adds no information
TONE = 5.0  # GDELT's tone is mostly within 5 points of 0

# For each family of kinds: the groups of words for the act, and those for the people concerned.
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
# Groups of words that point to another subject for any kind, and groups that support any kind.
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
    """The data of some stories that the classifier uses.

    `kind` are positions in `KINDS`, int (stories,). `spoken` counts the words of each group, int
    (stories, groups). `roles` are those of the actors, float (stories, ROLES). `tone` is float
    (stories,).
    """

    kind: IntArray
    spoken: IntArray
    roles: FloatArray
    tone: FloatArray


@lru_cache(maxsize=100_000)
def roles_of(actor_1: str, actor_2: str) -> tuple[float, ...]:
    """Return the roles of two actors by their CAMEO codes, 0 or 1 in the order of `ROLES`."""
    one, two = _roles(actor_1), _roles(actor_2)
    roles = one | two
    kinds = [float(not roles.isdisjoint(some)) for some in (STATE, CIVIL, ARMED, CRIME)]
    countries = {code[:3] for code in (actor_1, actor_2) if code and code[:3] not in _NO_COUNTRY}
    return (*kinds, float(bool(actor_1 and actor_2)), float(len(countries) > 1))


def is_state_against_civilians(actor_1: str, actor_2: str) -> bool:
    """Return whether the CAMEO codes show an actor of the state and then a civilian."""
    return not _roles(actor_1).isdisjoint(STATE) and not _roles(actor_2).isdisjoint(CIVIL)


_NO_COUNTRY = STATE | CIVIL | ARMED | CRIME | {"IGO", "MNC", "NGM", "BUS", "ELI"}


def _roles(code: str) -> set[str]:
    """Return the groups of three letters that form a code; the country is one of them."""
    return {code[at : at + 3] for at in range(0, len(code), 3)}


def is_silent(stories: Stories) -> BoolArray:
    """Return whether no word of the address is known, bool (stories,)."""
    return np.asarray(stories.spoken.sum(axis=1) == 0)


def is_between_roles(stories: Stories) -> BoolArray:
    """Return whether both a state or armed actor and a civilian take part, bool (stories,)."""
    state, civil, armed = (
        stories.roles[:, ROLES.index(r)] > 0 for r in ("state", "civil", "armed")
    )
    return np.asarray((state | armed) & civil)


def features(stories: Stories) -> dict[str, FloatArray]:
    """Return the features of the regression by name, float (stories,) each."""
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
    """The regression: a weight for each feature, an intercept, and a threshold.

    A story counts if its probability is at least the threshold.
    """

    weights: dict[str, float]
    intercept: float
    threshold: float

    def probability(self, stories: Stories) -> FloatArray:
        """Return the probability that a story is an event that counts, float (stories,)."""
        columns = features(stories)
        logit = self.intercept + sum(
            (weight * columns[name] for name, weight in self.weights.items()),
            start=np.zeros(len(stories.kind)),
        )
        return np.asarray(1 / (1 + np.exp(-logit)))

    def counts(self, stories: Stories) -> BoolArray:
        """Return whether a story counts, bool (stories,)."""
        likely = self.probability(stories) >= self.threshold
        return np.where(is_silent(stories), is_between_roles(stories), likely)


@lru_cache(maxsize=1)
def load_relevance() -> Relevance:
    """Return the packaged regression."""
    text = files("ingest").joinpath("data", "relevance.json").read_text(encoding="utf-8")
    held = json.loads(text)
    return Relevance(held["weights"], held["intercept"], held["threshold"])
