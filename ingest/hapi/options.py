"""Settings of HDX HAPI, each `EWARN_HAPI_<name>`."""

from pydantic import BaseModel, Field


class HapiOptions(BaseModel):
    """Where HDX HAPI is served, and who asks it."""

    app_name: str = Field(default="ewarn", description="name this service gives to HDX HAPI")
    email: str = Field(
        default="",
        description="address HDX HAPI may write to; it asks everybody for one, and it is sent in "
        "a header only",
    )
    url: str = Field(
        default="https://hapi.humdata.org/api/v2", description="where HDX HAPI is served"
    )
