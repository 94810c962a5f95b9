"""Settings of POLECAT, each `EWARN_POLECAT_<name>`."""

from pydantic import BaseModel, Field, SecretStr

from ewarn.domain.source import Statement


class PolecatOptions(BaseModel):
    """The account, the licence and the address at which POLECAT is published."""

    key: SecretStr = Field(
        default=SecretStr(""),
        description="API token of an account at the Dataverse that publishes POLECAT; without it "
        "`polecat` is disabled",
    )
    licence: Statement = Field(
        default="",
        description="`own-desk` states that your use of POLECAT covers detectors of your own desk; "
        "results are shown to holders of the licence `polecat` only. Without it there are no "
        "results",
    )
    url: str = Field(
        default="https://dataverse.harvard.edu", description="Dataverse that publishes POLECAT"
    )
