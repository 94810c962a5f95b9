"""Tests that documents agree with the code."""

import inspect
import os
import re
from importlib.metadata import EntryPoint
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from ewarn.domain.target import Target
from ewarn.run.settings import Settings
from ewarn.run.source_options import PREFIX, prefix_of
from ingest.registry import ENTRIES, SOURCES, options_of

TOP = Path(__file__).resolve().parents[1]


def text(name: str) -> str:
    return (TOP / name).read_text(encoding="utf-8")


def test_every_target_and_source_has_its_paragraph_on_misuse() -> None:
    misuse = text("docs/misuse.md")
    for name in [*(target.value for target in Target), *SOURCES, "exchange", "mass-mobilization"]:
        assert f"**`{name}`**" in misuse, name


def described_sources() -> str:
    """Return docs/sources.md as the sources' docstrings give it. `RENEW_SOURCES=1` writes it."""
    head = text("docs/sources.md").split("\n## ")[0].rstrip() + "\n"
    sections = [
        f"\n## `{name}`\n\n{inspect.getdoc(type(SOURCES[name]()))}\n" for name in sorted(SOURCES)
    ]
    return head + "".join(sections)


def test_sources_are_described_as_their_classes_say() -> None:
    if os.environ.get("RENEW_SOURCES"):
        (TOP / "docs" / "sources.md").write_text(described_sources(), encoding="utf-8")
    assert text("docs/sources.md") == described_sources(), "run it with RENEW_SOURCES=1"


def test_every_setting_is_documented() -> None:
    configure = text("docs/configure.md")
    for name in Settings.model_fields:
        assert f"`{PREFIX}{name.upper()}`" in configure, name


OPTIONS = "### Settings of sources\n"


def row_of(name: str, field: FieldInfo) -> str:
    """Return the row of the table that describes a setting of a source."""
    kept = "; a secret" if field.annotation is SecretStr else ""
    default = field.default.get_secret_value() if kept else field.default
    default = str(default).lower() if isinstance(default, bool) else default
    shown = "none" if default in (None, "") else f"`{default}`"
    return f"| `{name}` | {field.description}{kept} | {shown} |\n"


def described_options() -> str:
    """Return docs/configure.md with the table of the sources' options as the code gives it."""
    head, _, rest = text("docs/configure.md").partition(OPTIONS)
    rows = [
        row_of(f"{prefix_of(entry.name)}{name.upper()}", field)
        for entry in ENTRIES
        for name, field in sorted(fields_of(entry).items())
    ]
    table = "| setting | meaning | default |\n|---|---|---|\n" + "".join(rows)
    return f"{head}{OPTIONS}\n{table}\n## {rest.partition(chr(10) + '## ')[2]}"


def fields_of(entry: EntryPoint) -> dict[str, FieldInfo]:
    options = options_of(entry)
    return {} if options is None else options.model_fields


def test_options_of_sources_are_described_as_these_say() -> None:
    if os.environ.get("RENEW_SOURCES"):
        (TOP / "docs" / "configure.md").write_text(described_options(), encoding="utf-8")
    assert text("docs/configure.md") == described_options(), "run it with RENEW_SOURCES=1"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (TOP / "docs" / "decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_links_in_documents_lead_somewhere() -> None:
    broken = [
        f"{path.name}: {target}"
        for path in [TOP / "README.md", *(TOP / "docs").rglob("*.md")]
        for target, heading in re.findall(
            r"\]\(([^)#:]*)(?:#([^)]*))?\)", path.read_text(encoding="utf-8")
        )
        if not leads_somewhere(path, target, heading)
    ]
    assert broken == []


def leads_somewhere(page: Path, target: str, heading: str) -> bool:
    """Return whether the file of a link exists, with the heading that the link names, if any."""
    file = page.parent / target if target else page
    if not file.exists() or not heading or file.suffix != ".md":
        return file.exists()
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.M)
    return heading in {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
