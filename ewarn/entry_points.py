"""Parts of ewarn that installed packages bring, found by entry points: a group for each kind.

Each registry adds them to its own parts. Its own part wins over one of the same name.
"""

import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ewarn.errors import SettingsError


def entries(group: str) -> tuple[EntryPoint, ...]:
    """Return the entry points of a group. Nothing is loaded."""
    return _entries(group, tuple(sys.path))


@cache
def _entries(group: str, _path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    # Reading the metadata of all installed packages takes some milliseconds.
    return tuple(entry_points(group=group))


def brought(group: str, is_right: Callable[[Any], bool] = callable) -> dict[str, Any]:
    """Load what installed packages bring in a group, by name.

    Args:
        is_right: Whether a loaded object is of the kind that the group needs.

    Raises:
        SettingsError: An entry point cannot be loaded, is of another kind, or has the name of an
            entry point of another package.
    """
    found: dict[str, Any] = {}
    for entry in entries(group):
        package = f"the package that brings {entry.name!r} in {group}"
        if entry.name in found:
            raise SettingsError(f"{package} is not the only one: uninstall the others")
        try:
            loaded = entry.load()
        except (Exception, SystemExit) as error:  # an import of another package may raise anything
            raise SettingsError(
                f"{package} cannot be loaded ({error}); repair or uninstall it"
            ) from error
        if not is_right(loaded):
            raise SettingsError(
                f"{package} brings something else than the group needs ({entry.value}); repair or "
                "uninstall it"
            )
        found[entry.name] = loaded
    return found
