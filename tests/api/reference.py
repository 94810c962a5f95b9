"""docs/api-reference.md, made from the OpenAPI document."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api-reference.md"
Schema = Mapping[str, Any]
HEAD = """# API reference

Made from the OpenAPI document, which is served at `/openapi.json` and has every record with all
fields, too. [The API](api.md) says how to use all this. A new version may bring new addresses,
parameters, fields and values: pass over what you do not know.
"""
LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "not empty",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
}


def reference(document: Schema) -> str:
    """The page: each operation by subject, with its scope, parameters, body, formats and errors."""
    return HEAD + "".join(_Page(document).lines())


class _Page:
    def __init__(self, document: Schema) -> None:
        self._document = document
        self._schemas: Mapping[str, Schema] = document["components"]["schemas"]

    def lines(self) -> Iterator[str]:
        operations = [
            (f"{method.upper()} {path}", operation)
            for path, methods in self._document["paths"].items()
            for method, operation in methods.items()
        ]
        for tag in self._document["tags"]:
            yield f"\n## {tag['name'].capitalize()}\n\n{tag['description']}\n"
            for where, operation in operations:
                if operation["tags"] == [tag["name"]]:
                    yield from self._operation(where, operation)

    def _operation(self, where: str, operation: Schema) -> Iterator[str]:
        yield f"\n### `{where}`\n\n{operation['description']}\n\n"
        yield f"- Key: {_key(operation.get('security', ()))}\n"
        for status, answer in operation["responses"].items():
            if status.startswith("2"):
                yield f"- Answer {status}: {self._answer(answer)}\n"
        problems = [each for each in operation["responses"] if each.startswith("4")]
        problems += [each for each in operation["responses"] if each.startswith("5")]
        yield f"- Problems: {', '.join(problems)}\n"
        yield from self._parameters(operation.get("parameters", ()))
        if "requestBody" in operation:
            yield from self._body(operation["requestBody"])

    def _answer(self, answer: Schema) -> str:
        kinds = ", ".join(f"`{kind}`" for kind in sorted(answer["content"], key=_json_first))
        names = {_name(content["schema"]) for content in answer["content"].values()} - {""}
        record = "".join(f" (`{name}`)" for name in names)
        return f"{answer['description'].removesuffix('.')}{record}, as {kinds}"

    def _parameters(self, parameters: Sequence[Schema]) -> Iterator[str]:
        if parameters:
            rows = (
                (_named(each["name"], each["required"]), each["description"], each["schema"])
                for each in parameters
            )
            yield from self._table("parameter", rows)

    def _body(self, body: Schema) -> Iterator[str]:
        kinds = ", ".join(f"`{kind}`" for kind in body["content"])
        yield f"\nThe body, as {kinds}: {' '.join(body['description'].split())}\n"
        for name in filter(None, (_name(each["schema"]) for each in body["content"].values())):
            schema = self._schemas[name]
            rows = (
                (_named(field, field in schema.get("required", ())), each["description"], each)
                for field, each in schema["properties"].items()
            )
            yield from self._table("field", rows)

    def _table(self, what: str, rows: Iterable[tuple[str, str, Schema]]) -> Iterator[str]:
        yield f"\n| {what} | what | value |\n|---|---|---|\n"
        for name, text, schema in rows:
            said = text.replace("|", "\\|").replace("\n", " ")
            yield f"| {name} | {said} | {self._value(schema)} |\n"

    def _value(self, schema: Schema) -> str:
        parts = [self._kind(schema)]
        parts += [
            text.format(f"{schema[name]:g}") for name, text in LIMITS.items() if name in schema
        ]
        if schema.get("default") not in (None, "", []):
            parts.append(f"default `{_shown(schema['default'])}`")
        if not schema.get("enum"):
            parts += [f"such as `{_shown(each)}`" for each in schema.get("examples", ())]
        return "; ".join(parts)

    def _kind(self, schema: Schema) -> str:
        """The type of a value in words, or its choices."""
        if name := _name(schema):
            named = self._schemas[name]
            return self._kind(named) if "enum" in named else f"`{name}`"
        if "enum" in schema:
            return ", ".join(f"`{each}`" for each in schema["enum"])
        if "anyOf" in schema:
            return " or ".join(dict.fromkeys(map(self._kind, schema["anyOf"])))
        if schema.get("type") == "array":
            return f"list of {self._kind(schema['items'])}"
        return str(schema.get("format") or schema["type"])


def _named(name: str, required: bool) -> str:
    return f"`{name}` (required)" if required else f"`{name}`"


def _key(security: Sequence[Mapping[str, Sequence[str]]]) -> str:
    """The scopes that a key needs: all of one set."""
    sets = dict.fromkeys(tuple(scopes) for each in security for scopes in each.values())
    if any("PushSecret" in each for each in security):
        return "the push secret of the source"
    return " or ".join(" and ".join(f"`{one}`" for one in scopes) for scopes in sets) or "none"


def _name(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _json_first(kind: str) -> tuple[bool, str]:
    return kind != "application/json", kind


def _shown(example: Any) -> str:
    values = example if isinstance(example, list) else [example]
    return ",".join(str(each).lower() if isinstance(each, bool) else str(each) for each in values)
