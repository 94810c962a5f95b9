"""Wire shapes of regions, offices and the weekly series of a region."""

from datetime import date, datetime

from pydantic import BaseModel

from api.schemas import Listed, example
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
