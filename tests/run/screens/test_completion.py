"""Tests of the completion of shells, and of the version."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from typer import _completion_shared, completion

from tests.run.conftest import Command

SHELLS = ("bash", "zsh", "fish")


def complete(ewarn: Command, monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """Return what bash offers at the end of a line."""
    monkeypatch.setenv("_EWARN_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
    ran = ewarn()
    monkeypatch.delenv("_EWARN_COMPLETE")
    assert ran.code == 0
    return ran.out.split()


def test_the_version(ewarn: Command) -> None:
    ran = ewarn("--version")
    assert (ran.code, ran.out) == (0, f"ewarn {version('ewarn')}\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, shell: str
) -> None:
    monkeypatch.setattr(completion, "_get_shell_name", lambda: shell)
    shown = ewarn("--show-completion")
    monkeypatch.setenv("_EWARN_COMPLETE", f"source_{shell}")
    named = ewarn()
    for ran in (shown, named):
        assert ran.code == 0
        assert f"_EWARN_COMPLETE=complete_{shell}" in ran.out
        assert "ewarn" in ran.out


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_installed_for_the_person(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(_completion_shared, "_get_shell_name", lambda: shell)
    ran = ewarn("--install-completion")
    assert ran.code == 0, ran.err
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any("complete_" + shell in path.read_text() for path in written)


def test_the_script_of_bash_is_bash(ewarn: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_EWARN_COMPLETE", "source_bash")
    script = ewarn().out
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("ewarn al", {"alert", "alerts"}),
        ("ewarn alerts s", {"show"}),
        ("ewarn alerts --st", {"--state"}),
        ("ewarn alerts --state ", {"open", "acknowledged", "closed"}),
        ("ewarn alerts --country TG", {"TGO"}),
        ("ewarn watch --country TG", {"TGO"}),
        ("ewarn scores BE", {"BEL", "BEN", "BES"}),
        ("ewarn scores TG-", {"TG-C", "TG-K", "TG-M", "TG-P", "TG-S"}),
        ("ewarn alerts --language ", {"en", "fr"}),
        ("ewarn keys create desk --country SE", {"SEN"}),
        ("ewarn deployments list --country TG", {"TGO"}),
    ],
)
def test_commands_options_and_values_are_completed(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, line: str, offered: set[str]
) -> None:
    assert set(complete(ewarn, monkeypatch, line)) == offered
