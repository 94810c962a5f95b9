"""Settings of sources: a field `<source>_<argument>` becomes that argument of the source."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, field_validator

LEAST_SECRET = 16  # characters


class SourceSettings(BaseModel):
    """One block for each source."""

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
    kobo_url: str = Field(
        default="https://kf.kobotoolbox.org", description="server of the KoboToolbox account"
    )
    kobo_token: SecretStr = Field(
        default=SecretStr(""), description="API token of an account that may view the form's data"
    )
    kobo_asset: str = Field(default="", description="uid of the form")
    kobo_form: Path | None = Field(
        default=None, description="YAML file that says which question of the form is which"
    )
    kobo_push_secret: SecretStr = Field(
        default=SecretStr(""),
        description="secret that the form's REST service sends along, at least 16 characters",
    )

    @field_validator("kobo_push_secret")
    @classmethod
    def _is_not_guessed(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < LEAST_SECRET:
            raise ValueError(f"a secret has at least {LEAST_SECRET} characters")
        return value
