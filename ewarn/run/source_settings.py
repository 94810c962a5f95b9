"""Settings of sources: a field `<source>_<argument>` becomes that argument of the source."""

from datetime import date

from pydantic import BaseModel, Field, SecretStr


class SourceSettings(BaseModel):
    """One block for each source."""

    acled_password: SecretStr = Field(
        default=SecretStr(""), description="password of the myACLED account"
    )
    acled_since: date | None = Field(
        default=None,
        description="first day read from ACLED; default two years before the first reading, since "
        "some accounts may not read the newest twelve months",
    )
    acled_url: str = Field(
        default="https://acleddata.com", description="where ACLED's API is served"
    )
    acled_username: str = Field(default="", description="e-mail address of the myACLED account")
    gdelt_url: str = Field(
        default="http://data.gdeltproject.org/gdeltv2",
        description="where GDELT's 15-minute files are served",
    )
    hapi_app_name: str = Field(default="ewarn", description="name this service gives to HDX HAPI")
    hapi_email: str = Field(
        default="", description="address HDX HAPI may write to; it asks everybody for one"
    )
    hapi_url: str = Field(
        default="https://hapi.humdata.org/api/v2", description="where HDX HAPI is served"
    )
