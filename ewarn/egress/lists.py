"""What every list of records says besides its items."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ewarn.egress.alerts import UnhealthySourceRecord
from ewarn.egress.definition.shapes import describe, shown


class ListFields(BaseModel):
    """The fields that every list has besides its items."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=describe)

    next: str | None = shown(
        "/v1/alerts?country=TGO&cursor=WyIyMDE3LTEwLTAyVDA2OjAwOjAwKzAwOjAwIiwiYTEiXQ",
        "Address of the next page.",
        null="on the last page",
    )
    as_of: datetime | None = shown(
        "2017-10-02T06:00:00+00:00",
        "The moment from which on this answer is valid.",
        null="if nothing it depends on is stored yet",
    )
    notice: str = shown("")


class SourceListFields(ListFields):
    """The fields of every list that depends on sources, even of an empty one."""

    unwell: list[UnhealthySourceRecord]
