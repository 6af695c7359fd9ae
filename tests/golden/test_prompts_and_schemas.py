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

from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, HumanNarration
from egoetl.core.stage import Stage
from egoetl.qa.index import TASKS
from egoetl.qa.scope import scope_of
from egoetl.recipes.index import load
from egoetl.testing.samples import a_kitchen_clip, a_workshop_clip

HERE = Path(__file__).parent
EGOAVU = load("egoavu")
CLIP = a_kitchen_clip()


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
    return sorted({schema for stage in EGOAVU.stages for schema in stage.schemas}, key=lambda each: each.__name__)


def values_for(stage: Stage) -> dict[str, Any]:
    clip = a_workshop_clip() if stage.name.startswith("qa_tr_") else CLIP
    item = clip if stage.unit == "clip" else clip.segments[0]
    task = next((each for each in TASKS.values() if each.prompt in stage.prompts), None)
    if task is None:
        return {
            "item": item,
            "narrations": (HumanNarration(at_ms=61_000, text="the camera wearer puts a red mug on the table", wearer=True),),
        }
    scope = scope_of(item)
    needed = task.prepare(scope, stage.params())
    assert not isinstance(needed, Drop)
    return {"item": item, "scope": scope, **needed}


@pytest.mark.parametrize(("name", "stage", "prompt"), [pytest.param(*each, id=each[0]) for each in prompts()])
def test_rendered_prompt(name: str, stage: Stage, prompt: Prompt) -> None:
    agrees(HERE / "prompts" / f"{name}.txt", f"system: {prompt.system}\n\n{prompt.render(**values_for(stage))}\n")


@pytest.mark.parametrize("schema", schemas(), ids=lambda each: each.__name__)
def test_reply_schema(schema: type[BaseModel]) -> None:
    agrees(HERE / "schemas" / f"{schema.__name__}.json", json.dumps(schema.model_json_schema(), indent=2, sort_keys=True) + "\n")


def test_no_golden_file_is_left_over() -> None:
    expected = {f"{name}.txt" for name, _, _ in prompts()} | {f"{schema.__name__}.json" for schema in schemas()}
    assert {file.name for folder in ("prompts", "schemas") for file in (HERE / folder).iterdir()} == expected


@pytest.mark.parametrize("schema", schemas(), ids=lambda each: each.__name__)
def test_every_string_and_list_of_a_reply_is_bounded(schema: type[BaseModel]) -> None:
    assert list(_unbounded(schema.model_json_schema())) == []


def _unbounded(node: Any, where: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "string" and not ({"maxLength", "enum", "const"} & node.keys()):
            yield where
        if node.get("type") == "array" and "maxItems" not in node:
            yield where
        for name, value in node.items():
            yield from _unbounded(value, f"{where}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _unbounded(value, f"{where}/{index}")
