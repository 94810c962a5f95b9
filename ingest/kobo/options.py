"""Settings of field reports, each `EWARN_KOBO_<name>`."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, SecretStr

LEAST_SECRET = 16  # characters


def _is_not_guessed(value: SecretStr) -> SecretStr:
    if 0 < len(value.get_secret_value()) < LEAST_SECRET:
        raise ValueError(f"a secret has at least {LEAST_SECRET} characters")
    return value


class KoboOptions(BaseModel):
    """The form, the account that reads it, and the office to which the reports belong."""

    asset: str = Field(default="", description="uid of the form")
    form: Path | None = Field(
        default=None,
        description="YAML file that names the question of the form for each field; without it the "
        "questions are named `kind`, `day`, `country`, `admin1`, `participants`, `injured`, "
        "`arrests`, `fatalities`",
    )
    office: str = Field(
        default="",
        description="id of the office to which the reports belong: they count for this office "
        "only, and for nobody if it is not set, see [restricted sources](#restricted-sources)",
    )
    push_secret: Annotated[SecretStr, AfterValidator(_is_not_guessed)] = Field(
        default=SecretStr(""),
        description="secret that the form's REST service sends with each message, at least 16 "
        "characters; without it no messages are accepted",
    )
    token: SecretStr = Field(
        default=SecretStr(""), description="API token of an account that may view the form's data"
    )
    url: str = Field(
        default="https://kf.kobotoolbox.org",
        description="server of the KoboToolbox account (`https://eu.kobotoolbox.org` for Europe)",
    )
