"""Rendered prompts and reply schemas as they go to a model.

A difference here means other content keys and other results. When it is meant, run
`EGOETL_UPDATE_GOLDEN=1 pytest tests/golden` and read the change in git.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from egoetl.benchmarks.benchmark import RubricName
from egoetl.benchmarks.rubrics.index import RUBRICS
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, HumanNarration
from egoetl.core.stage import Stage
from egoetl.qa.index import TASKS
from egoetl.qa.known import known_of
from egoetl.qa.scope import scope_of
from egoetl.recipes.index import load
from egoetl.testing.samples import a_kitchen_clip, a_workshop_clip

HERE = Path(__file__).parent
EGOAVU = load("egoavu")
CLIP = a_kitchen_clip()
WRITTEN = (HumanNarration(at_ms=61_000, text="the camera wearer puts a red mug on the table", wearer=True),)
TOLD = ("video_description", "sound_description", "object_description", "mcg")
"""Prompts that may show what people wrote about the segment."""
JUDGED = {
    "question": '"What can be heard, and why?"',
    "options": ('"a lid"', '"a bell"'),
    "answers": (
        {"whose": "Answer of the model", "text": '"A bell."'},
        {"whose": "Reference answer", "text": '"A bell, because the door opens [cut]"'},
    ),
    "cut": '" [cut]"',
}
"""What a judge may be shown: everything that can be, in the order that is not the usual one."""


def agrees(file: Path, text: str) -> None:
    if os.environ.get("EGOETL_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), f"{file.name} is new: run EGOETL_UPDATE_GOLDEN=1 pytest tests/golden"
    assert text == file.read_text(encoding="utf-8")


def prompts() -> Iterator[tuple[str, Stage, Prompt]]:
    """Each prompt, as every stage fills it that is on by default: those of a QA task by the stage's name."""
    for stage in EGOAVU.stages:
        if not stage.params().off:
            yield from ((stage.name if stage.name.startswith("qa_") else prompt.name, stage, prompt) for prompt in stage.prompts)


def schemas() -> list[type[BaseModel]]:
    of_judges = {each.schema for each in RUBRICS.values()}
    return sorted({schema for stage in EGOAVU.stages for schema in stage.schemas} | of_judges, key=lambda each: each.__name__)


def values_for(stage: Stage) -> dict[str, Any]:
    clip = a_workshop_clip() if stage.name.startswith("qa_tr_") else CLIP
    item = clip if stage.unit == "clip" else clip.segments[0]
    task = next((each for each in TASKS.values() if each.prompt in stage.prompts), None)
    if task is None:
        return {"item": item, "narrations": ()}
    scope = scope_of(item)
    needed = task.prepare(scope, stage.params())
    assert not isinstance(needed, Drop)
    return {"item": item, "scope": scope, "known": known_of(scope), **needed}


@pytest.mark.parametrize(("name", "stage", "prompt"), [pytest.param(*each, id=each[0]) for each in prompts()])
def test_rendered_prompt(name: str, stage: Stage, prompt: Prompt) -> None:
    agrees(HERE / "prompts" / f"{name}.txt", f"system: {prompt.system}\n\n{prompt.render(**values_for(stage))}\n")


@pytest.mark.parametrize("name", TOLD)
def test_rendered_prompt_with_what_people_wrote(name: str) -> None:
    stage, prompt = next((stage, prompt) for each, stage, prompt in prompts() if each == name)
    values = values_for(stage) | {"narrations": WRITTEN}
    agrees(HERE / "prompts" / f"{name}_told.txt", f"system: {prompt.system}\n\n{prompt.render(**values)}\n")


@pytest.mark.parametrize("name", RUBRICS)
def test_rendered_prompt_of_a_judge(name: RubricName) -> None:
    prompt = RUBRICS[name].prompt
    agrees(HERE / "prompts" / f"judge_{name}.txt", f"system: {prompt.system}\n\n{prompt.render(**JUDGED)}\n")


@pytest.mark.parametrize("name", RUBRICS)
def test_the_example_of_a_judges_prompt_is_of_its_schema(name: RubricName) -> None:
    rendered = RUBRICS[name].prompt.render(**JUDGED).partition("\nExample")[2]
    (example,) = [line for line in rendered.splitlines() if line.startswith("{")]
    assert RUBRICS[name].schema.model_validate_json(example, strict=True).model_dump(mode="json") == json.loads(example)


@pytest.mark.parametrize("schema", schemas(), ids=lambda each: each.__name__)
def test_reply_schema(schema: type[BaseModel]) -> None:
    agrees(HERE / "schemas" / f"{schema.__name__}.json", json.dumps(schema.model_json_schema(), indent=2, sort_keys=True) + "\n")


def test_no_golden_file_is_left_over() -> None:
    expected = (
        {f"{name}.txt" for name, _, _ in prompts()}
        | {f"{name}_told.txt" for name in TOLD}
        | {f"judge_{name}.txt" for name in RUBRICS}
        | {f"{schema.__name__}.json" for schema in schemas()}
    )
    assert {file.name for folder in ("prompts", "schemas") for file in (HERE / folder).iterdir()} == expected


@pytest.mark.parametrize("schema", schemas(), ids=lambda each: each.__name__)
def test_every_string_list_and_number_of_a_reply_is_bounded(schema: type[BaseModel]) -> None:
    assert list(_unbounded(schema.model_json_schema())) == []


@pytest.mark.parametrize("schema", schemas(), ids=lambda each: each.__name__)
def test_a_reply_asks_nothing_of_a_server_that_strict_structured_output_refuses(schema: type[BaseModel]) -> None:
    assert list(_unusual(schema.model_json_schema())) == []


BOUNDS = {"string": {"maxLength"}, "array": {"maxItems"}, "number": {"minimum", "maximum"}, "integer": {"minimum", "maximum"}}
KEYWORDS = {
    *("type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "$ref", "$defs", "title", "description"),
    *("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"),
}
"""What the guidance backend of vLLM and vendors' strict modes both take; the bounds, which some refuse, are left out for those."""


def _unusual(node: dict[str, Any], where: str = "") -> Iterator[str]:
    """Unusual keywords, open objects, and properties that are not required."""
    yield from (f"{where}: {name}" for name in node.keys() - KEYWORDS)
    if node.get("type") == "object":
        closed = node.get("additionalProperties") is False and node.get("required") == list(node["properties"])
        yield from () if closed else (f"{where}: open",)
    for named in ("properties", "$defs"):
        for name, each in node.get(named, {}).items():
            yield from _unusual(each, f"{where}/{name}")
    for each in (*node.get("anyOf", ()), *([node["items"]] if "items" in node else ())):
        yield from _unusual(each, f"{where}/")


def _unbounded(node: Any, where: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        if not {"enum", "const"} & node.keys() and not BOUNDS.get(str(node.get("type")), set()) <= node.keys():
            yield where
        for name, value in node.items():
            yield from _unbounded(value, f"{where}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _unbounded(value, f"{where}/{index}")
