"""Settings of sources: a field `<source>_<argument>` becomes that argument of the source."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr, field_validator

Statement = Literal["", "own-desk"]
LEAST_SECRET = 16  # characters


class SourceSettings(BaseModel):
    """One block for each source."""

    acled_licence: Statement = Field(
        default="",
        description="`own-desk` states that your ACLED licence covers detectors of your own desk, "
        "also over HAPI's counts; what comes of them goes to holders of the licence `acled` only",
    )
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
    calendar_folder: Path | None = Field(
        default=None, description="folder whose calendars (CSV, iCalendar) are read as they appear"
    )
    exchange_folder: Path | None = Field(
        default=None, description="folder whose exchange files are imported as they appear"
    )
    gdelt_url: str = Field(
        default="http://data.gdeltproject.org/gdeltv2",
        description="where GDELT's 15-minute files are served",
    )
    gdelt_history_url: str = Field(
        default="http://data.gdeltproject.org/events",
        description="where GDELT 1.0 is served: the days before 2015-02-19",
    )
    gdelt_translated: bool = Field(
        default=False,
        description="whether news that GDELT translates from 65 languages is read too",
    )
    hapi_app_name: str = Field(default="ewarn", description="name this service gives to HDX HAPI")
    hapi_email: str = Field(
        default="", description="address HDX HAPI may write to; it asks everybody for one"
    )
    hapi_url: str = Field(
        default="https://hapi.humdata.org/api/v2", description="where HDX HAPI is served"
    )
    kobo_url: str = Field(
        default="https://kf.kobotoolbox.org", description="server of the KoboToolbox account"
    )
    kobo_token: SecretStr = Field(
        default=SecretStr(""), description="API token of an account that may view the form's data"
    )
    kobo_asset: str = Field(default="", description="uid of the form")
    kobo_office: str = Field(
        default="",
        description="id of the office whose reports they are: they count for it alone, and while "
        "it is not set for nobody",
    )
    kobo_form: Path | None = Field(
        default=None, description="YAML file that says which question of the form is which"
    )
    kobo_push_secret: SecretStr = Field(
        default=SecretStr(""),
        description="secret that the form's REST service sends along, at least 16 characters",
    )
    mass_mobilization_url: str = Field(
        default="https://dataverse.harvard.edu",
        description="Dataverse that publishes Mass Mobilization",
    )
    polecat_licence: Statement = Field(
        default="",
        description="`own-desk` states that your use of POLECAT covers detectors of your own desk; "
        "what comes of them goes to holders of the licence `polecat` only",
    )
    polecat_key: SecretStr = Field(
        default=SecretStr(""), description="API token of the Dataverse that publishes POLECAT"
    )
    polecat_url: str = Field(
        default="https://dataverse.harvard.edu", description="Dataverse that publishes POLECAT"
    )
    ucdp_token: SecretStr = Field(
        default=SecretStr(""), description="token of UCDP's API; without it its files are read"
    )
    ucdp_since: int = Field(
        default=2015, ge=1989, le=2100, description="first year of UCDP's events that is read"
    )
    ucdp_url: str = Field(
        default="https://ucdpapi.pcr.uu.se/api", description="where UCDP's API is served"
    )
    ucdp_files_url: str = Field(
        default="https://ucdp.uu.se/downloads", description="where UCDP's files are served"
    )

    @field_validator("kobo_push_secret")
    @classmethod
    def _is_not_guessed(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"a secret has at least {LEAST_SECRET} characters")
        return value
