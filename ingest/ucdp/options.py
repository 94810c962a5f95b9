"""Settings of UCDP, each `EWARN_UCDP_<name>`."""

from pydantic import BaseModel, Field, SecretStr


class UcdpOptions(BaseModel):
    """The addresses of UCDP, the account and the first year."""

    files_url: str = Field(
        default="https://ucdp.uu.se/downloads", description="address of UCDP's files"
    )
    since: int = Field(
        default=2015, ge=1989, le=2100, description="first year of UCDP's events that is read"
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="token of UCDP's API (free; 5,000 requests a day); without it UCDP's files are "
        "read",
    )
    url: str = Field(default="https://ucdpapi.pcr.uu.se/api", description="address of UCDP's API")
