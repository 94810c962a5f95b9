"""Settings of Mass Mobilization, each `EWARN_MASS_MOBILIZATION_<name>`."""

from pydantic import BaseModel, Field


class MassMobilizationOptions(BaseModel):
    """The address at which Mass Mobilization is published."""

    url: str = Field(
        default="https://dataverse.harvard.edu",
        description="Dataverse that publishes Mass Mobilization",
    )
