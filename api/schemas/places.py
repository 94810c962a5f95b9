"""Wire shapes of regions, offices and the weekly series of a region."""

from datetime import date, datetime

from pydantic import BaseModel

from api.schemas.polled import Listed, example
from ewarn.domain.kinds import EventKind
from ewarn.domain.region import Level


class RegionRecord(BaseModel):
    """A country or a first-level subdivision; the point (degrees) lies inside it."""

    model_config = example(
        id="TG-M",
        level="admin1",
        name="Maritime",
        names={"fr": "Maritime"},
        parent="TGO",
        codes={"fips": "TO25"},
        latitude=6.5,
        longitude=1.3,
        ended_on=None,
    )

    id: str
    level: Level
    name: str
    names: dict[str, str]
    parent: str | None
    codes: dict[str, str]
    latitude: float
    longitude: float
    ended_on: date | None


class RegionList(Listed):
    """Regions."""

    items: list[RegionRecord]


class OfficeRecord(BaseModel):
    """An office; `*` among its countries stands for all."""

    model_config = example(id="dakar", name="Dakar", language="fr", countries=["SEN", "TGO"])

    id: str
    name: str
    language: str
    countries: list[str]


class OfficeList(Listed):
    """Offices."""

    items: list[OfficeRecord]


class SeriesRecord(BaseModel):
    """Events a week of one signal. Where `observed` is false the count is null, not zero."""

    model_config = example(
        signal="invented:force:lethal",
        source="invented",
        kind="force",
        flag="lethal",
        words="lethal force against demonstrators",
        counts=[0, None],
        observed=[True, False],
    )

    signal: str
    source: str
    kind: EventKind
    flag: str | None
    words: str
    counts: list[int | None]
    observed: list[bool]


class SeriesOfRegion(BaseModel):
    """The weekly series of a region; `weeks` are Mondays, one for each count."""

    model_config = example(
        region="TG-M",
        as_of="2020-01-13T00:00:00+00:00",
        weeks=["2019-12-30", "2020-01-06"],
        series=[],
    )

    region: str
    as_of: datetime
    weeks: list[date]
    series: list[SeriesRecord]


class SlowingRecord(BaseModel):
    """Whether a signal swings more widely (`spread`) and recovers more slowly (`memory`).

    Trends are Kendall's tau from -1 to 1; `p` is the share of series without a trend that rise as
    much. All are null where two years hold fewer than 30 events or too few weeks were observed.
    """

    model_config = example(
        signal="invented:protest",
        source="invented",
        words="demonstrations",
        spread_trend=0.41,
        spread_p=0.07,
        memory_trend=None,
        memory_p=None,
    )

    signal: str
    source: str
    words: str
    spread_trend: float | None
    spread_p: float | None
    memory_trend: float | None
    memory_p: float | None


class SlowingOfRegion(BaseModel):
    """Signs of critical slowing down in a region's last two years: context, no part of a score."""

    model_config = example(
        region="TG-M",
        as_of="2020-01-13T00:00:00+00:00",
        first_week="2018-01-15",
        last_week="2020-01-06",
        notice="Context only: no score, band or alert reads this.",
        signals=[],
    )

    region: str
    as_of: datetime
    first_week: date
    last_week: date
    notice: str
    signals: list[SlowingRecord]
