"""Settings of the service's own field reports, each `EWARN_REPORTS_<name>`."""

from pydantic import BaseModel, Field


class ReportsOptions(BaseModel):
    """The office to which the reports belong."""

    office: str = Field(
        default="",
        description="id of the office to which the field reports belong: its keys verify them, and "
        "they count for this office, see [field reports](reports.md)",
    )
