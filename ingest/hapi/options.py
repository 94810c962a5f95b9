"""Settings of HDX HAPI, each `EWARN_HAPI_<name>`."""

from pydantic import BaseModel, Field


class HapiOptions(BaseModel):
    """The address of HDX HAPI, and who uses it."""

    app_name: str = Field(default="ewarn", description="name this service gives to HDX HAPI")
    email: str = Field(
        default="",
        description="e-mail address that HDX HAPI may write to; it requires one of every user, and "
        "it is sent in a header only",
    )
    url: str = Field(default="https://hapi.humdata.org/api/v2", description="address of HDX HAPI")
