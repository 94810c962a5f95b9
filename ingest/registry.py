"""Sources by name: a source is added by one line here, and the contract tests then run on it.

A source is created with the `Web` that sends its requests and with its options: `EWARN_GDELT_URL`
becomes the argument `url` of `gdelt`. All arguments are optional. A source is imported when it is
first created, so that settings can be read without its parser.
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

GROUP = "ewarn.sources"  # the entry points with which other packages add sources
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
    "reports": "ingest.reports.source:ReportsSource",
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
    """Return the options of a source: the only model in the module `options` next to its class.

    Return None if there is no such module, which means that the source has no settings.
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
