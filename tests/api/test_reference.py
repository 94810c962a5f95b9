"""Tests that docs/api-reference.md says what the OpenAPI document says."""

from tests.api.reference import PAGE, reference
from tests.api.test_contract import agreed


def test_the_reference_is_made_from_the_document() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(agreed()), (
        "renew it, with the document: RENEW_OPENAPI=1 python -m pytest tests/api/test_openapi.py"
    )


def test_it_names_every_operation_with_its_scope_and_parameters() -> None:
    page = reference(agreed())
    sections = dict(part.split("`\n", 1) for part in page.split("\n### `")[1:])
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in agreed()["paths"].items()
        for method, operation in methods.items()
    }
    assert sections.keys() == operations.keys()
    for where, operation in operations.items():
        said = sections[where]
        assert all(f"| `{each['name']}`" in said for each in operation.get("parameters", ())), where
        for each in operation.get("security", ()):
            assert all(f"`{scope}`" in said for scopes in each.values() for scope in scopes), where
