"""Sources by name: add one here, and the contract tests run on it.

Each is made of the `Web` it asks through and of the settings named after it: `EWARN_GDELT_URL`
becomes the argument `url` of `gdelt`. None needs an argument.
"""

from collections.abc import Callable

from ewarn.ports import Source, polled_every
from ingest.acled.source import AcledSource
from ingest.calendar.source import CalendarSource
from ingest.chronicle.source import ChronicleSource
from ingest.exchange.source import ExchangeFolder
from ingest.gdelt.source import GdeltSource
from ingest.hapi.source import HapiSource
from ingest.kobo.source import KoboSource
from ingest.mass_mobilization.source import MassMobilizationSource
from ingest.polecat.source import PolecatSource
from ingest.ucdp.source import UcdpSource

SOURCES: dict[str, Callable[..., Source]] = {
    "acled": AcledSource,
    "calendar": CalendarSource,
    "chronicle": ChronicleSource,
    "exchange": ExchangeFolder,
    "gdelt": GdeltSource,
    "hapi": HapiSource,
    "kobo": KoboSource,
    "mass-mobilization": MassMobilizationSource,
    "polecat": PolecatSource,
    "ucdp": UcdpSource,
}


# Those that are polled speak for themselves: a file may bring events of theirs, no coverage.
POLLED = frozenset(name for name, maker in SOURCES.items() if polled_every(maker()) is not None)
