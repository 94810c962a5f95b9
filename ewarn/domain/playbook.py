"""Playbooks: what can be proposed when an alert opens, and on what conditions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Playbook:
    """A proposed response. `suggestion` is one phrase by language (`en`, `fr`)."""

    id: str
    name: str
    suggestion: dict[str, str]
    team: tuple[str, ...]
    length_weeks: int | None  # None: open-ended
    preconditions: tuple[str, ...]
