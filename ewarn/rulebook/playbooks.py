"""Playbooks from their YAML text."""

from ewarn.domain.playbook import Playbook
from ewarn.rulebook.located import read


def read_playbooks(text: str, file: str = "playbooks.yaml") -> dict[str, Playbook]:
    """The playbooks of a YAML list by id; raises SettingsError with file and line."""
    playbooks: dict[str, Playbook] = {}
    for item in read(text, file).items():
        fields = item.fields(
            ("id", "name", "suggestion"), ("team", "length_weeks", "preconditions")
        )
        spoken = fields.values["suggestion"].fields(("en",), ("fr",))
        identity = fields.text("id")
        if identity in playbooks:
            raise item.wrong(f"a playbook called {identity!r} stands above already")
        playbooks[identity] = Playbook(
            id=identity,
            name=fields.text("name"),
            suggestion={language: spoken.text(language) for language in spoken.values},
            team=fields.texts("team"),
            length_weeks=(
                fields.whole("length_weeks", least=1) if "length_weeks" in fields.values else None
            ),
            preconditions=fields.texts("preconditions"),
        )
    return playbooks
