"""The lock files hold all that an install needs, for old versions of pip too."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parents[1]
SERVICE, BUILD, DEVELOPMENT = (f"requirements{part}.txt" for part in ("", "-build", "-dev"))
LOCKS = (SERVICE, BUILD, DEVELOPMENT)


def locked(lock: str) -> dict[str, Requirement]:
    """The pinned distributions of a lock file by name."""
    lines = (TOP / lock).read_text(encoding="utf-8").splitlines()
    pins = [
        Requirement(line.removesuffix("\\").strip())
        for line in lines
        if line and not line.startswith((" ", "#"))
    ]
    return {canonicalize_name(pin.name): pin for pin in pins}


def demands(pin: Requirement) -> Iterator[Requirement]:
    """What an installed distribution asks for on this machine, with the extras that are locked."""
    try:
        declared = requires(pin.name) or []
    except PackageNotFoundError:
        return  # a pin for another platform
    for requirement in map(Requirement, declared):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": e}) for e in ("", *pin.extras)):
            yield requirement


def missing_extras(pins: dict[str, Requirement]) -> list[str]:
    """Extras that one locked distribution asks of another and the lock does not name."""
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
    """Before version 23.3, pip takes `coverage[toml]` for another package than `coverage`, finds no
    pin for it and refuses to install, or looks for its newest release.
    """
    assert missing_extras(locked(lock)) == []


def test_a_lock_without_its_extras_is_found_out() -> None:
    pins = locked(DEVELOPMENT)
    pins["coverage"] = Requirement(f"coverage{pins['coverage'].specifier}")
    assert [text.split(" asks")[0] for text in missing_extras(pins)] == ["pytest-cov"]


def test_the_service_is_installed_without_what_builds_it() -> None:
    tools = {"hatchling", "editables", "setuptools", "pip", "wheel", "uv"}
    assert tools & locked(SERVICE).keys() == set()
    assert {"hatchling", "editables"} <= locked(BUILD).keys()


@pytest.mark.parametrize("lock", [SERVICE, BUILD])
def test_the_locks_agree(lock: str) -> None:
    """All are installed into one environment where the project is developed."""
    pins, development = locked(lock), locked(DEVELOPMENT)
    shared = pins.keys() & development.keys()
    assert [n for n in shared if pins[n].specifier != development[n].specifier] == []
    assert lock == BUILD or shared == pins.keys()
