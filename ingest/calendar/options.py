"""Settings of calendars, each `EWARN_CALENDAR_<name>`."""

from pathlib import Path

from pydantic import BaseModel, Field


class CalendarOptions(BaseModel):
    """The folder of calendars."""

    folder: Path | None = Field(
        default=None, description="folder whose calendars (CSV, iCalendar) are read as they appear"
    )
