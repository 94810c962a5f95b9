"""Which changes of an OpenAPI document break a client that was written for the one before.

What a client sends must still be accepted; what it gets must be what it was promised. So a schema
of a request may only be widened, and a schema of an answer only be narrowed. New fields of an
answer, and new values of its enums, are expected of a client to be passed over.

The packages on PyPI that compare such documents (seen in November 2026) are young, each by one
author, and know no direction for null, limits and patterns; so this is our own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
STRICTER = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
EXACT = ("pattern", "format", "uniqueItems", "const")


def breaks(old: Schema, new: Schema) -> list[str]:
    """The changes that break a client, each as a sentence with the place of it."""
    return list(_Documents(old, new).breaks())


@dataclass(frozen=True)
class _Documents:
    old: Schema
    new: Schema

    def breaks(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, before in methods.items():
                where = f"{method.upper()} {path}"
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield f"{where} is gone"
                else:
                    yield from self._operation(where, before, after)

    def _operation(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        known, asked = _parameters(before), _parameters(after)
        for (place, name), parameter in asked.items():
            earlier = known.get((place, name))
            if parameter.get("required") and not (earlier or {}).get("required"):
                yield f"{where}: the {place} parameter {name} is required now"
            if earlier is not None:
                schemas = earlier["schema"], parameter["schema"]
                yield from self._schema(f"{where} {name}", *schemas, sent=True)
        for place, name in known.keys() - asked.keys():
            yield f"{where}: the {place} parameter {name} is gone"
        keys = after.get("security", ())
        if keys and any(each not in keys for each in before.get("security", [{}])):
            yield f"{where}: it needs another key"
        yield from self._body(where, before.get("requestBody"), after.get("requestBody"))
        yield from self._answers(where, before["responses"], after["responses"])

    def _body(self, where: str, before: Schema | None, after: Schema | None) -> Iterator[str]:
        if after is not None and after.get("required") and not (before or {}).get("required"):
            yield f"{where}: a body is required now"
        if before is not None:
            yield from self._contents(f"{where} body", before, after or {}, sent=True)

    def _answers(self, where: str, before: Schema, after: Schema) -> Iterator[str]:
        for status in before.keys() | after.keys():
            if status.startswith("2") and (status not in after or status not in before):
                yield f"{where}: the status {status} is {'new' if status in after else 'gone'}"
            if status in before and status in after:
                earlier = _resolved(self.old, before[status])
                later = _resolved(self.new, after[status])
                yield from self._contents(f"{where} {status}", earlier, later, sent=False)

    def _contents(self, where: str, before: Schema, after: Schema, *, sent: bool) -> Iterator[str]:
        kinds = after.get("content", {})
        for kind, content in before.get("content", {}).items():
            if kind not in kinds:
                yield f"{where}: {kind} is gone"
            else:
                yield from self._schema(where, content["schema"], kinds[kind]["schema"], sent=sent)

    def _schema(self, where: str, before: Schema, after: Schema, *, sent: bool) -> Iterator[str]:
        """Compare the alternatives of two schemas: each must fit one of the wider side."""
        if sent and before.get("default") != after.get("default"):
            yield f"{where}: another default"
        earlier, later = _alternatives(self.old, before), _alternatives(self.new, after)
        narrow, wide = (earlier, later) if sent else (later, earlier)
        for each in narrow:
            found = [
                list(self._kind(where, *((each, one) if sent else (one, each)), sent=sent))
                for one in wide
                if _has_type_of(one, each)
            ]
            if not found:
                said = "is not accepted any more" if sent else "is new"
                yield f"{where}: {each.get('type', 'any value')} {said}"
            else:
                yield from min(found, key=len)

    def _kind(self, where: str, before: Schema, after: Schema, *, sent: bool) -> Iterator[str]:
        narrow, wide = (before, after) if sent else (after, before)
        for name in (*LOWER, *UPPER, *EXACT):
            limit = narrow.get(name, narrow.get(STRICTER.get(name, name)))
            if name in wide and not _is_within(name, limit, wide[name]):
                yield f"{where}: {name} {before.get(name)} is {after.get(name)} now"
        if "enum" in wide:
            missing = set(narrow.get("enum", ())) - set(wide["enum"]) if sent else set()
            if "enum" not in narrow or missing:
                yield f"{where}: the enum has other values ({', '.join(sorted(missing))})"
        yield from self._fields(where, before, after, sent=sent)
        for inner in ("items", "additionalProperties"):
            one, other = before.get(inner), after.get(inner)
            if isinstance(one, Mapping) and isinstance(other, Mapping):
                yield from self._schema(f"{where}[]", one, other, sent=sent)

    def _fields(self, where: str, before: Schema, after: Schema, *, sent: bool) -> Iterator[str]:
        fields, later = before.get("properties", {}), after.get("properties", {})
        must, may = set(before.get("required", ())), set(after.get("required", ()))
        for name, field in fields.items():
            if name not in later:
                yield f"{where}.{name} is gone"
            else:
                yield from self._schema(f"{where}.{name}", field, later[name], sent=sent)
        for name in sorted(may - must if sent else (must - may) & later.keys()):
            yield f"{where}.{name} {'is required now' if sent else 'may be missing now'}"


def _parameters(operation: Schema) -> dict[tuple[str, str], Schema]:
    return {(each["in"], each["name"]): each for each in operation.get("parameters", ())}


def _resolved(document: Schema, part: Schema) -> Schema:
    """What a reference stands for, or the part itself."""
    while "$ref" in part:
        _, *names = part["$ref"].split("/")
        part = document
        for name in names:
            part = part[name]
    return part


def _alternatives(document: Schema, schema: Schema) -> Sequence[Schema]:
    """The schemas of which a value must fit one, without references."""
    schema = _resolved(document, schema)
    if "anyOf" not in schema:
        return [schema]
    return [each for one in schema["anyOf"] for each in _alternatives(document, one)]


def _has_type_of(wide: Schema, narrow: Schema) -> bool:
    types = wide.get("type"), narrow.get("type")
    return types[0] in (None, types[1]) or types == ("number", "integer")


def _is_within(name: str, narrow: Any, wide: Any) -> bool:
    """Whether a limit allows no more than a wider one; None is no limit."""
    if narrow is None:
        return False
    if name in LOWER:
        return bool(narrow >= wide)
    return bool(narrow <= wide) if name in UPPER else bool(narrow == wide)
