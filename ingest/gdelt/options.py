"""Settings of GDELT, each `EWARN_GDELT_<name>`."""

from pydantic import BaseModel, Field


class GdeltOptions(BaseModel):
    """Where GDELT is served, and what of it is read."""

    url: str = Field(
        default="http://data.gdeltproject.org/gdeltv2",
        description="where GDELT's 15-minute files are served",
    )
    history_url: str = Field(
        default="http://data.gdeltproject.org/events",
        description="where GDELT 1.0 is served: the days before 2015-02-19",
    )
    translated: bool = Field(
        default=False,
        description="`true`: read also the news that GDELT translates from 65 languages. A quarter "
        "of an hour then counts as read when both files of it were",
    )
