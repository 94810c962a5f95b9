"""Playbooks from their YAML text."""

from ewarn.domain.playbook import Playbook
from ewarn.domain.target import Band, Target
from ewarn.files.located import Fields, Located, read

OPEN_ENDED = "open-ended"
_LONGEST = 1040  # weeks
_REQUIRED = ("id", "name", "suggestion")
_OPTIONAL = (
    "targets",
    "level",
    "team",
    "length_weeks",
    "consent_of",
    "preconditions",
    "owner",
    "review_weeks",
)
_OF_A_TEAM = ("length_weeks", "consent_of", "owner", "review_weeks")


def read_playbooks(text: str, file: str = "playbooks.yaml") -> dict[str, Playbook]:
    """The playbooks of a YAML list by id; raises SettingsError with file and line.

    One with a team says how long it stays, whose consent is asked, who owns the follow-up, and
    when it is looked at again.
    """
    playbooks: dict[str, Playbook] = {}
    for item in read(text, file).items():
        playbook = _playbook(item, item.fields(_REQUIRED, _OPTIONAL))
        if playbook.id in playbooks:
            raise item.wrong(f"a playbook called {playbook.id!r} stands above already")
        playbooks[playbook.id] = playbook
    return playbooks


def _playbook(item: Located, fields: Fields) -> Playbook:
    spoken = fields.values["suggestion"].fields(("en",), ("fr",))
    team = fields.roles("team")
    for name in _OF_A_TEAM:
        if team and name not in fields.values:
            raise item.wrong(f"a playbook that sends a team needs the field {name!r}")
        if not team and name in fields.values:
            raise fields.values[name].wrong(f"{name!r} means nothing without a team")
    return Playbook(
        id=fields.text("id"),
        name=fields.text("name"),
        suggestion={language: spoken.text(language) for language in spoken.values},
        team=team,
        length_weeks=_length(fields),
        preconditions=fields.texts("preconditions"),
        targets=tuple(_target(entry) for entry in _entries(fields, "targets")),
        level=_level(fields),
        consent_of=fields.role("consent_of", ""),
        owner=fields.role("owner", ""),
        review_weeks=_review_weeks(fields),
    )


def _entries(fields: Fields, name: str) -> list[Located]:
    return list(fields.values[name].items()) if name in fields.values else []


def _length(fields: Fields) -> int | None:
    stated = fields.values.get("length_weeks")
    if stated is None or stated.value == OPEN_ENDED:
        return None
    return fields.whole("length_weeks", least=1)


def _target(entry: Located) -> Target:
    if entry.value not in list(Target):
        raise entry.wrong(f"{entry.value!r} is no target; they are {', '.join(Target)}")
    return Target(entry.value)


def _level(fields: Fields) -> Band:
    stated = fields.values.get("level")
    if stated is None:
        return Band.LOW
    known = [band for band in Band if band is not Band.UNCALIBRATED]
    if stated.value not in known:
        raise stated.wrong(f"{stated.value!r} is no level; they are {', '.join(known)}")
    return Band(stated.value)


def _review_weeks(fields: Fields) -> tuple[int, ...]:
    weeks: list[int] = []
    for entry in _entries(fields, "review_weeks"):
        week = entry.whole
        if week is None or not (weeks[-1] if weeks else 0) < week <= _LONGEST:
            raise entry.wrong(
                f"'review_weeks' must be whole numbers that rise, from 1 to {_LONGEST}"
            )
        weeks.append(week)
    return tuple(weeks)
