"""Settings of GDELT, each `EWARN_GDELT_<name>`."""

from pydantic import BaseModel, Field


class GdeltOptions(BaseModel):
    """The addresses of GDELT, and which of its news is read."""

    url: str = Field(
        default="http://data.gdeltproject.org/gdeltv2",
        description="address of GDELT's 15-minute files",
    )
    history_url: str = Field(
        default="http://data.gdeltproject.org/events",
        description="address of GDELT 1.0, which has the days before 2015-02-19",
    )
    translated: bool = Field(
        default=False,
        description="`true`: read also the news that GDELT translates from 65 languages. A quarter "
        "of an hour then counts as read when both of its files were read",
    )
