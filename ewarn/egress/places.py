"""Regions and offices, and the weekly series of a region."""

from datetime import date, datetime

from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level
from ewarn.egress.shapes import Shape, shown


class RegionRecord(Shape):
    """A country or a first-level subdivision; the point (degrees) lies inside it."""

    id: str = shown("TG-M")
    level: Level = shown("admin1")
    name: str = shown("Maritime")
    names: dict[str, str] = shown({"fr": "Maritime"})
    parent: str | None = shown("TGO")
    codes: dict[str, str] = shown({"fips": "TO25"})
    latitude: float = shown(6.5)
    longitude: float = shown(1.3)
    ended_on: date | None = shown(None)


class OfficeRecord(Shape):
    """An office; `*` among its countries stands for all."""

    id: str = shown("dakar")
    name: str = shown("Dakar")
    language: str = shown("fr")
    countries: list[str] = shown(["SEN", "TGO"])


class SeriesRecord(Shape):
    """Events a week of one signal. Where `observed` is false the count is null, not zero."""

    signal: str = shown("invented:force:lethal")
    source: str = shown("invented")
    kind: EventKind = shown("force")
    flag: str | None = shown("lethal")
    words: str = shown("lethal force against demonstrators")
    counts: list[int | None] = shown([0, None])
    observed: list[bool] = shown([True, False])


class SeriesOfRegion(Shape):
    """The weekly series of a region; `weeks` are Mondays, one for each count."""

    region: str = shown("TG-M")
    as_of: datetime = shown("2020-01-13T00:00:00+00:00")
    weeks: list[date] = shown(["2019-12-30", "2020-01-06"])
    series: list[SeriesRecord]


class SlowingRecord(Shape):
    """Whether a signal swings more widely (`spread`) and recovers more slowly (`memory`).

    Trends are Kendall's tau from -1 to 1; `p` is the share of series without a trend that rise as
    much. All are null where two years hold fewer than 30 events or too few weeks were observed.
    """

    signal: str = shown("invented:protest")
    source: str = shown("invented")
    words: str = shown("demonstrations")
    spread_trend: float | None = shown(0.41)
    spread_p: float | None = shown(0.07)
    memory_trend: float | None = shown(None)
    memory_p: float | None = shown(None)


class SlowingOfRegion(Shape):
    """Signs of critical slowing down in a region's last two years: context, no part of a score."""

    region: str = shown("TG-M")
    as_of: datetime = shown("2020-01-13T00:00:00+00:00")
    first_week: date = shown("2018-01-15")
    last_week: date = shown("2020-01-06")
    notice: str = shown("Context only: no score, band or alert reads this.")
    signals: list[SlowingRecord]
