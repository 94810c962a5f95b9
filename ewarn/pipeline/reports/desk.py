"""The desk of field reports: what it needs before it accepts a report, and who works at it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from ewarn.errors import UsageError
from ewarn.pipeline.service import Service
from ewarn.ports import Sealer, Source

SOURCE = "reports"


class ReportsDisabled(UsageError):
    """Field reports are not accepted. The text says what is to be set."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of an office.

    Attributes:
        source: Turns verified reports into events.
        sealer: Seals the data keys of reports.
        licence: What a key needs, beside its scope, to read reports.
        retention: How long the text of a report is stored.
        controller: Who answers for the data: a name and an address.
    """

    source: Source
    sealer: Sealer
    licence: str
    retention: timedelta
    controller: str


@dataclass(frozen=True, slots=True)
class Officer:
    """Who verifies: the name of the key, its countries (empty: all) and its licences."""

    name: str
    countries: tuple[str, ...]
    licences: Collection[str]


def desk_of(service: Service) -> Desk:
    """Return the desk of field reports.

    Raises:
        ReportsDisabled: Not everything is set that protects reports.
    """
    source = service.sources.get(SOURCE)
    if source is None:
        raise ReportsDisabled("field reports are switched off: add `reports` to EWARN_SOURCES")
    if source.obstacle is not None:
        raise ReportsDisabled(source.obstacle)
    if service.sealer is None:
        raise ReportsDisabled("field reports are accepted only once EWARN_PROTECTION_KEY is set")
    return Desk(source, service.sealer, source.terms.readers, source.retention, service.controller)
