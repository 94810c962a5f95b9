"""Tests that YAML is read as it is written, and that no small file becomes a large one."""

import pytest

from ewarn.errors import SettingsError
from ewarn.files.located import Located, read

WRITTEN = ["01", "010", "0x10", "1_0", "no", "NO", "yes", "on", "null", "~", "18:30", "1e3", ".inf"]


def plain(item: Located) -> object:
    if isinstance(item.value, list):
        return [plain(each) for each in item.value]
    if isinstance(item.value, dict):
        return {name: plain(each) for name, each in item.value.items()}
    return item.value


def test_nothing_is_guessed() -> None:
    text = "".join(f"- {word}\n" for word in [*WRITTEN, "2026-01-05", "'quoted'", ""])
    assert plain(read(text, "f")) == [*WRITTEN, "2026-01-05", "quoted", ""]
    assert plain(read("{no: 1, 'NO': 2, 01: 3, 1: 4}", "f")) == {
        "no": "1",
        "NO": "2",
        "01": "3",
        "1": "4",
    }


def test_lines_are_those_of_the_file() -> None:
    found = read("# first\n\na:\n  - x\n  - y\n", "f").at(["a"])
    assert (found.line, [item.line for item in found.items()]) == (4, [4, 5])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", "f, line 3: 'a' is given twice, first on line 1: keep one"),
        ("a: {b: 1, b: 2}", "f, line 1: 'b' is given twice"),
        ("a: &x [1]\nb: *x\n", "f, line 1: anchors and aliases are not read"),
        ("b: *x\n", "f, line 1: anchors and aliases are not read"),
        ("a: !!int 5", "f, line 1: tags such as tag:yaml.org,2002:int are not read"),
        ("a: !!python/object:os.system x", "f, line 1: tags such as"),
        ("? [a]\n: b\n", "f, line 1: a name is expected here"),
        ("a: 1\n---\nb: 2\n", "f holds several documents: keep one"),
        ("a: [\n", "f, line 2: this is not YAML"),
        ("a: b: c", "f, line 1: this is not YAML"),
        ("a: \x00", "f: this is not YAML"),
        ("", "f is empty"),
        ("# nothing\n", "f is empty"),
        ("[" * 30 + "]" * 30, "f, line 1: this is nested more than 20 levels deep"),
        ("x" * 300_000, "f is larger than 256 kB: split it"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(text, "f")
    assert str(caught.value).startswith(says)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        "- " * 100_000,
        "a: " * 60_000,
        "x: &a [y]\n" + "\n".join(f"{n}: &a{n} [*a, *a]" for n in range(99)),
        "? " * 100_000,
    ],
)
def test_no_file_costs_much(text: str) -> None:
    with pytest.raises(SettingsError):
        read(text, "f")
