"""Settings of exchange files, each `EWARN_EXCHANGE_<name>`."""

from pathlib import Path

from pydantic import BaseModel, Field


class ExchangeOptions(BaseModel):
    """Where exchange files lie."""

    folder: Path | None = Field(
        default=None, description="folder whose exchange files are imported as they appear"
    )
