"""Find for each source in the registry what the contracts need to test it.

`tests/ingest/<name>/sample.py` has `sample()`, a payload with the number of its records. It also
has either `SPEAKING`, how the fault tests read its provider (`tests/speaking.py`), or `NOT_ASKED`,
why there is no provider to ask.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from ewarn.domain.source import Payload
from ingest.registry import ENTRIES
from tests.speaking import Speaking

HOME = {entry.name: entry.module.rpartition(".")[0] for entry in ENTRIES}


def payload_of(name: str) -> tuple[Payload, int]:
    """A payload of a source and the number of its records."""
    make: Callable[[], tuple[Payload, int]] = brought(name).sample
    return make()


def speaking_of(name: str) -> dict[str, Speaking]:
    """The ways in which the provider of a source is tried, by name; none where nobody is asked."""
    module = brought(name)
    if hasattr(module, "NOT_ASKED"):
        return {}
    ways: dict[str, Speaking] = module.SPEAKING
    return ways


def brought(name: str, home: str | None = None) -> ModuleType:
    """The module that holds the sample of a source; LookupError says which file is missing."""
    module = f"tests.{home or HOME[name]}.sample"
    if find_spec(module) is None:
        raise LookupError(f"the source {name!r} has no sample: write {module.replace('.', '/')}.py")
    return import_module(module)
