"""Settings of sources: a field `<source>_<argument>` becomes that argument of the source."""

from pydantic import BaseModel, Field


class SourceSettings(BaseModel):
    """One block for each source."""

    gdelt_url: str = Field(
        default="http://data.gdeltproject.org/gdeltv2",
        description="where GDELT's 15-minute files are served",
    )
