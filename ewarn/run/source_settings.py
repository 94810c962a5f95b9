"""Settings of sources: a field `<source>_<argument>` becomes that argument of the source."""

from pathlib import Path

from pydantic import BaseModel, Field


class SourceSettings(BaseModel):
    """One block for each source."""

    exchange_folder: Path | None = Field(
        default=None, description="folder whose exchange files are imported as they appear"
    )
    gdelt_url: str = Field(
        default="http://data.gdeltproject.org/gdeltv2",
        description="where GDELT's 15-minute files are served",
    )
