"""A reply's schema as servers take it in their strict modes."""

from functools import cache
from typing import Any, cast

from pydantic import BaseModel

_NAMED = ("properties", "$defs")
"""Keywords whose keys are names, not keywords."""
_BOUNDS = frozenset({
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minItems", "maxItems", "uniqueItems",
})  # fmt: skip
_UNSAID = frozenset({"title", "description", "default", "examples", "discriminator"})
"""Nothing that limits a reply: what a model is told stands in its prompt, and strict modes refuse `default` and what is beside a `$ref`."""


@cache
def wire_schema(schema: type[BaseModel], *, bounds: bool) -> dict[str, Any]:
    """The JSON schema of a reply for `response_format`: objects are closed, and every property of theirs is required.

    Whatever it admits, `schema` admits too, apart from the `bounds` of strings, numbers and lists, which some servers refuse: with
    them a server that draws under a grammar cannot ramble until the limit, without them only the validation afterwards holds them.
    """
    return _strict(schema.model_json_schema(), bounds=bounds)


def _strict(node: dict[str, Any], *, bounds: bool) -> dict[str, Any]:
    unsaid = _UNSAID if bounds else _UNSAID | _BOUNDS
    strict = {_keyword(key): _value(key, value, bounds=bounds) for key, value in node.items() if key not in unsaid}
    if "properties" in strict:
        strict |= {"required": list(strict["properties"]), "additionalProperties": False}
    return strict


def _keyword(key: str) -> str:
    """Strict modes know no `oneOf`; where branches exclude each other, as pydantic's do, `anyOf` says the same."""
    return "anyOf" if key == "oneOf" else key


def _value(key: str, value: Any, *, bounds: bool) -> Any:
    if key in _NAMED:
        return {name: _strict(each, bounds=bounds) for name, each in cast("dict[str, dict[str, Any]]", value).items()}
    if isinstance(value, dict):
        return _strict(cast("dict[str, Any]", value), bounds=bounds)
    if isinstance(value, list):
        return [
            _strict(cast("dict[str, Any]", each), bounds=bounds) if isinstance(each, dict) else each for each in cast("list[Any]", value)
        ]
    return value
