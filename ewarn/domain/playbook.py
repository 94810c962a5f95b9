"""Playbooks: what can be proposed when an alert opens, and under which conditions."""

from dataclasses import dataclass

from ewarn.domain.target import Band, Target


@dataclass(frozen=True, slots=True)
class Playbook:
    """A proposed response. `suggestion` is one phrase by language, at least in `en`.

    It is for alerts of its `targets` (none named: of any) from `level` on. A playbook with a `team`
    also names whose consent is needed before anybody leaves, which role owns the follow-up, and
    after how many weeks the deployment is reviewed.
    """

    id: str
    name: str
    suggestion: dict[str, str]
    team: tuple[str, ...]
    length_weeks: int | None  # None: open-ended
    preconditions: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    level: Band = Band.LOW
    consent_of: str = ""
    owner: str = ""
    review_weeks: tuple[int, ...] = ()
