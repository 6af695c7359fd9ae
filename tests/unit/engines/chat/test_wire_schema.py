"""A schema as it goes over the wire admits nothing that the reply's own schema refuses."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from pydantic import BaseModel, Field

from egoetl.core import replies
from egoetl.core.records import Record
from egoetl.engines.chat.wire_schema import wire_schema
from egoetl.qa.index import TASKS

SCHEMAS = [each for each in vars(replies).values() if isinstance(each, type) and issubclass(each, Record) and each is not Record]
QA_SCHEMAS = [task.schema for task in TASKS.values()]


class Cat(Record):
    kind: Literal["cat"]
    lives: Annotated[int, Field(ge=1, le=9)] = 9


class Dog(Record):
    kind: Literal["dog"]
    title: str = "Sir"


class Home(Record):
    """A reply whose properties are called as keywords are."""

    default: Annotated[str, Field(max_length=5)]
    properties: tuple[Annotated[Cat | Dog, Field(discriminator="kind")], ...] = ()
    description: str | None = Field(default=None, description="words", examples=["x"])


def _nodes(node: Any, *, named: bool = False) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if not named:
            yield node
        for key, value in node.items():
            yield from _nodes(value, named=not named and key in ("properties", "$defs"))
    elif isinstance(node, list):
        for each in node:
            yield from _nodes(each)


@pytest.mark.parametrize("bounds", [True, False])
@pytest.mark.parametrize("schema", [*SCHEMAS, *QA_SCHEMAS, Home])
def test_every_object_is_closed_and_whole(schema: type[BaseModel], bounds: bool) -> None:
    wire = wire_schema(schema, bounds=bounds)
    jsonschema.Draft202012Validator.check_schema(wire)
    allowed = {"type", "properties", "required", "additionalProperties", "items", "anyOf", "$ref", "$defs", "enum", "const"}
    allowed |= {"minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "pattern"} if bounds else set()
    for node in _nodes(wire):
        assert set(node) <= allowed
        assert "$ref" not in node or set(node) == {"$ref"}
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])


def test_properties_that_are_called_like_keywords_stay() -> None:
    wire = wire_schema(Home, bounds=False)
    assert set(wire["properties"]) == {"default", "properties", "description"}
    assert set(wire["$defs"]["Dog"]["properties"]) == {"kind", "title"}
    assert wire["properties"]["properties"]["items"] == {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}


@pytest.mark.parametrize(
    ("said", "admitted"),
    [
        ({"default": "a", "properties": [{"kind": "cat", "lives": 3}], "description": None}, True),
        ({"default": "too long", "properties": [], "description": None}, False),
        ({"default": "a", "properties": [{"kind": "cat", "lives": 10}], "description": None}, False),
        ({"default": "a", "properties": []}, False),
        ({"default": "a", "properties": [], "description": None, "more": 1}, False),
    ],
)
def test_what_the_wire_admits_the_reply_does_too(said: dict[str, Any], admitted: bool) -> None:
    assert jsonschema.Draft202012Validator(wire_schema(Home, bounds=True)).is_valid(said) == admitted
    if admitted:
        Home.model_validate_json(json.dumps(said))
