"""Sources by name: add one line here, and the contract tests run on it.

Each is made of the `Web` it asks through and of its options: `EWARN_GDELT_URL` becomes the
argument `url` of `gdelt`. None needs an argument. A source is imported when it is first made, so
that settings can be read without its parser.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from ewarn.ports import Source

GROUP = "ewarn.sources"  # of the entry points by which other packages bring sources
_CLASSES = {
    "acled": "ingest.acled.source:AcledSource",
    "calendar": "ingest.calendar.source:CalendarSource",
    "chronicle": "ingest.chronicle.source:ChronicleSource",
    "exchange": "ingest.exchange.source:ExchangeFolder",
    "gdelt": "ingest.gdelt.source:GdeltSource",
    "hapi": "ingest.hapi.source:HapiSource",
    "kobo": "ingest.kobo.source:KoboSource",
    "mass-mobilization": "ingest.mass_mobilization.source:MassMobilizationSource",
    "polecat": "ingest.polecat.source:PolecatSource",
    "ucdp": "ingest.ucdp.source:UcdpSource",
}
ENTRIES = tuple(EntryPoint(name, value, GROUP) for name, value in _CLASSES.items())


def _make(entry: EntryPoint, *given: Any, **options: Any) -> "Source":
    made: Source = entry.load()(*given, **options)
    return made


SOURCES: dict[str, Callable[..., "Source"]] = {
    entry.name: partial(_make, entry) for entry in ENTRIES
}


def options_of(entry: EntryPoint) -> type[BaseModel] | None:
    """The options of a source: the one model in the module `options` beside that of its class.

    None where there is no such module: it has no settings.
    """
    package = entry.module.rpartition(".")[0]
    if not package or find_spec(f"{package}.options") is None:
        return None
    module = import_module(f"{package}.options")
    (model,) = (
        found
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, BaseModel)
        and found.__module__ == module.__name__
    )
    return model
