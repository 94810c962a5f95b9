"""What all bodies of requests have in common."""

from pydantic import BaseModel, ConfigDict

from ewarn.egress.definition.shapes import describe


class RequestBody(BaseModel):
    """A body of a request. A field that it does not have is refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=describe)
