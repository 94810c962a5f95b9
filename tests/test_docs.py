"""Documents that must keep up with the code."""

import re
from pathlib import Path

from ewarn.domain.target import Target
from ewarn.run.settings import PREFIX, Settings
from ingest.registry import SOURCES

TOP = Path(__file__).resolve().parents[1]


def text(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def test_every_target_and_source_has_its_paragraph_on_misuse() -> None:
    misuse = text("docs/misuse.md")
    for name in [*(target.value for target in Target), *SOURCES, "exchange", "mass-mobilization"]:
        assert f"**`{name}`**" in misuse, name


def test_every_setting_is_documented() -> None:
    operate = text("docs/operate.md")
    for name in Settings.model_fields:
        assert f"`{PREFIX}{name.upper()}`" in operate, name


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (TOP / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_links_in_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [TOP / "README.md", *(TOP / "docs").rglob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        if not (path.parent / target).exists()
    ]
    assert broken == []
