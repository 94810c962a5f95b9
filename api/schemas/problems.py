"""A problem, as it is answered."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class WrongParameter(BaseModel):
    """A parameter and what is wrong with it."""

    parameter: str
    detail: str


class ProblemDocument(BaseModel):
    """A problem (RFC 9457). `type` leads to its explanation."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "/problems#unknown-region",
                "title": "No such region",
                "status": 404,
                "detail": "There is no region 'XX' for this key.",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongParameter] = Field(default_factory=list)
    scope: list[str] = Field(default_factory=list)

    @classmethod
    def schema_for_openapi(cls) -> dict[str, Any]:
        """The shape with its parts inside it, to stand in an OpenAPI document."""
        return cls.model_json_schema(ref_template="#/components/schemas/{model}")
