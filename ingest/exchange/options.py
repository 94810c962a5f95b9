"""Settings of exchange files, each `EWARN_EXCHANGE_<name>`."""

from pathlib import Path

from pydantic import BaseModel, Field


class ExchangeOptions(BaseModel):
    """The folder of exchange files."""

    folder: Path | None = Field(
        default=None, description="folder whose exchange files are imported as they appear"
    )
