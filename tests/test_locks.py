"""Tests that the lock files contain everything that an installation needs, also with old pip."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parents[1]
SERVICE, BUILD, DEVELOPMENT, MUTANTS = (
    f"requirements{part}.txt" for part in ("", "-build", "-dev", "-mutants")
)
LOCKS = (SERVICE, BUILD, DEVELOPMENT, MUTANTS)


def locked(lock: str) -> dict[str, Requirement]:
    """Return the pinned distributions of a lock file by name."""
    lines = (TOP / lock).read_text(encoding="utf-8").splitlines()
    pins = [
        Requirement(line.removesuffix("\\").strip())
        for line in lines
        if line and not line.startswith((" ", "#"))
    ]
    return {canonicalize_name(pin.name): pin for pin in pins}


def demands(pin: Requirement) -> Iterator[Requirement]:
    """Yield what an installed distribution requires on this machine, with its locked extras."""
    try:
        declared = requires(pin.name) or []
    except PackageNotFoundError:
        return  # a pin for another platform
    for requirement in map(Requirement, declared):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *pin.extras)):
            yield requirement


def missing_extras(pins: dict[str, Requirement]) -> list[str]:
    """Return the extras that one locked distribution requires of another, missing in the lock."""
    return [
        f"{pin.name} asks for {requirement}"
        for pin in pins.values()
        for requirement in demands(pin)
        if not requirement.extras <= pins[canonicalize_name(requirement.name)].extras
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_registry_address_is_in_a_lock(lock: str) -> None:
    text = (TOP / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") > len(locked(lock)) > 5


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact(lock: str) -> None:
    loose = [str(pin) for pin in locked(lock).values() if not str(pin.specifier).startswith("==")]
    assert loose == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_every_extra_that_is_asked_of_it(lock: str) -> None:
    """Before version 23.3, pip takes `psycopg[binary]` for another package than `psycopg`, finds no
    pin for it and refuses to install, or looks for its newest release.
    """
    assert missing_extras(locked(lock)) == []


def test_a_lock_without_its_extras_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    declared = {"service": ["driver[binary]>=1"], "other": ["driver"]}
    monkeypatch.setitem(globals(), "requires", declared.get)
    pins = {name: Requirement(f"{name}==1") for name in ("service", "other", "driver")}
    assert missing_extras(pins) == ["service asks for driver[binary]>=1"]


def test_the_service_is_installed_without_what_builds_it() -> None:
    tools = {"hatchling", "editables", "setuptools", "pip", "wheel", "uv"}
    assert tools & locked(SERVICE).keys() == set()
    assert {"hatchling", "editables"} <= locked(BUILD).keys()


@pytest.mark.parametrize("lock", [SERVICE, BUILD, MUTANTS])
def test_the_locks_agree(lock: str) -> None:
    """For development, all of them are installed into one environment."""
    pins, development = locked(lock), locked(DEVELOPMENT)
    shared = pins.keys() & development.keys()
    assert [n for n in shared if pins[n].specifier != development[n].specifier] == []
    assert lock != SERVICE or shared == pins.keys()
