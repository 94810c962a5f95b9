"""Settings of UCDP, each `EWARN_UCDP_<name>`."""

from pydantic import BaseModel, Field, SecretStr


class UcdpOptions(BaseModel):
    """Where UCDP is served, by which account it is asked and where to begin."""

    files_url: str = Field(
        default="https://ucdp.uu.se/downloads", description="where UCDP's files are served"
    )
    since: int = Field(
        default=2015, ge=1989, le=2100, description="first year of UCDP's events that is read"
    )
    token: SecretStr = Field(
        default=SecretStr(""),
        description="token of UCDP's API (free; 5,000 requests a day); without it UCDP's files are "
        "read",
    )
    url: str = Field(
        default="https://ucdpapi.pcr.uu.se/api", description="where UCDP's API is served"
    )
