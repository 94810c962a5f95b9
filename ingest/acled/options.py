"""Settings of ACLED, each `EWARN_ACLED_<name>`."""

from datetime import date

from pydantic import BaseModel, Field, SecretStr

from ewarn.domain.source import Statement


class AcledOptions(BaseModel):
    """The account, the licence and the first day."""

    licence: Statement = Field(
        default="",
        description="`own-desk` states that your ACLED licence covers detectors of your own desk, "
        "also over HAPI's counts; results are shown to holders of the licence `acled` only, "
        "see [restricted sources](#restricted-sources). Without it there are no results",
    )
    password: SecretStr = Field(
        default=SecretStr(""), description="password of the myACLED account"
    )
    since: date | None = Field(
        default=None,
        description="first day read from ACLED, `YYYY-MM-DD`; default two years before the first "
        "reading, because accounts without access to the newest twelve months find nothing in "
        "less. If you later set an earlier day, the days before the old one are not read",
    )
    url: str = Field(default="https://acleddata.com", description="address of ACLED's API")
    username: str = Field(default="", description="e-mail address of the myACLED account")
