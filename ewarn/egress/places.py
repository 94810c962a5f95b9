"""Regions, offices, and the weekly series of a region."""

from datetime import date, datetime

from pydantic import Field

from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level
from ewarn.egress.definition.shapes import Shape, shown
from ewarn.egress.definition.shared_fields import COUNTRY


class RegionRecord(Shape):
    """A country or a first-level subdivision; the point (degrees) lies inside it."""

    id: str = shown(
        "TG-M",
        "ISO 3166-1 alpha-3 or ISO 3166-2 code. A subdivision without such a code "
        "has one of this service, with a tilde.",
        hxl="#loc+code",
    )
    level: Level = shown("admin1")
    name: str = shown("Maritime", hxl="#loc+name")
    names: dict[str, str] = shown(
        {"fr": "Maritime"}, "Names in other languages, by ISO 639-1 code."
    )
    parent: str | None = shown(
        "TGO",
        "The country of a subdivision, as ISO 3166-1 alpha-3 code.",
        hxl="#country+code",
        null="for a country",
        pattern=COUNTRY,
    )
    codes: dict[str, str] = shown(
        {"fips": "TO25"}, "Codes of other schemes, such as FIPS 10-4 (`fips`), by scheme."
    )
    latitude: float = shown(6.5, hxl="#geo+lat")
    longitude: float = shown(1.3, hxl="#geo+lon")
    ended_on: date | None = shown(
        None, "The last day of a country of the past.", null="if it exists today"
    )


class OfficeRecord(Shape):
    """An office; `*` among its countries means all."""

    id: str = shown("dakar")
    name: str = shown("Dakar")
    language: str = shown("fr")
    countries: list[str] = shown(
        ["SEN", "TGO"],
        "Countries that it watches, by ISO 3166-1 alpha-3 codes; `*` stands for all.",
    )


class SeriesRecord(Shape):
    """Weekly events of one signal. Where `observed` is false the count is null, not zero."""

    signal: str = shown("gdelt:force:lethal")
    source: str = shown("gdelt")
    kind: EventKind = shown("force")
    flag: str | None = shown(
        "lethal",
        "Flag of the events counted, such as `lethal`.",
        null="if all events of the kind are counted",
    )
    words: str = shown("lethal force against demonstrators")
    counts: list[int | None] = shown([0, None])
    observed: list[bool] = shown(
        [True, False], "Whether the source observed each week. If not, its count is null."
    )


class SeriesOfRegion(Shape):
    """The weekly series of a region; `weeks` are Mondays, one for each count."""

    region: str = shown("TG-M")
    as_of: datetime = shown("2017-08-14T00:00:00+00:00")
    weeks: list[date] = shown(["2017-07-31", "2017-08-07"])
    series: list[SeriesRecord] = Field(description="One series for each signal.")


class SlowingRecord(Shape):
    """Whether a signal varies more widely (`spread`) and recovers more slowly (`memory`).

    Trends are Kendall's tau from -1 to 1. `p` is the share of series without a trend that rise as
    much. All are null if two years hold fewer than 30 events or too few weeks were observed.
    """

    signal: str = shown("gdelt:protest")
    source: str = shown("gdelt")
    words: str = shown("demonstrations")
    spread_trend: float | None = shown(
        0.41,
        "Whether it varies more and more widely: Kendall's tau.",
        null="if two years have fewer than 30 events, or too few weeks were observed",
        ge=-1,
        le=1,
    )
    spread_p: float | None = shown(
        0.07,
        "Share of series without a trend whose spread rises as much.",
        null="as `spread_trend` is",
        ge=0,
        le=1,
    )
    memory_trend: float | None = shown(
        0.3,
        "Whether it recovers more and more slowly: Kendall's tau of the autocorrelation.",
        null="if two years have fewer than 30 events, or too few weeks were observed",
        ge=-1,
        le=1,
    )
    memory_p: float | None = shown(
        0.11,
        "Share of series without a trend whose memory rises as much.",
        null="as `memory_trend` is",
        ge=0,
        le=1,
    )


class SlowingOfRegion(Shape):
    """Signs of critical slowing down in a region's last two years: context, no part of a score."""

    region: str = shown("TG-M")
    as_of: datetime = shown("2017-08-14T00:00:00+00:00")
    first_week: date = shown("2015-08-17")
    last_week: date = shown("2017-08-07")
    notice: str = shown("Context only: no score, band or alert reads this.")
    signals: list[SlowingRecord] = Field(description="One row for each signal.")
