"""The examples in the prompts: right by the reply's schema and by the task's own rules, and caught where a model parrots them."""

import json
import re
from typing import Any, get_args

import pytest

from egoetl.core.items import DiverseClip, DiverseSegment
from egoetl.core.prompt import Prompt
from egoetl.core.records import Drop, HumanNarration
from egoetl.footage.script import Colour, Shape, SoundClass
from egoetl.qa.index import TASKS
from egoetl.qa.known import known_of
from egoetl.qa.scope import ScopeKind, scope_of
from egoetl.recipes.index import load
from egoetl.testing.example_clip import an_example_clip
from egoetl.testing.pairs import broken_rules, drafted
from egoetl.testing.samples import a_workshop_clip

EGOAVU = load("egoavu")
EXAMPLE = an_example_clip()
SEGMENT_STAGES = [EGOAVU.stage(name) for name in ("caption", "mcg", "av_narration")]
WRITTEN = (HumanNarration(at_ms=131_000, text="the camera wearer opens the jar", wearer=True),)
TOO_FEW = {("tr_before_after", "segment"), ("tr_event_ordering", "segment")}
"""One segment of the clips has too few events to be put in order."""
ASKED = [
    pytest.param(name, kind, id=f"{name}-{kind}") for name, task in TASKS.items() for kind in task.asked if (name, kind) not in TOO_FEW
]
FOOTAGE = {*get_args(Colour), *get_args(Shape), *get_args(SoundClass)}
"""What the sample videos show and sound like, in words."""
ABOUT_FIRST_SEGMENT = {"ssa"}
"""Tasks whose answer tells of everything, and whose example is about the first segment only."""


def examples(text: str) -> list[dict[str, Any]]:
    """The replies that a rendered prompt shows: each a line of JSON after the line that begins with `Example`."""
    _, found, after = text.partition("\nExample")
    assert found, "the prompt has no example"
    return [json.loads(line) for line in after.splitlines() if line.startswith("{")]


def filled(prompt: Prompt, written: tuple[HumanNarration, ...]) -> str:
    return prompt.render(item=EXAMPLE.segments[0], narrations=written)


def asked(name: str, kind: ScopeKind, clip: DiverseClip = EXAMPLE) -> str:
    scope = scope_of(clip if kind == "clip" else clip.segments[0])
    task = TASKS[name]
    values = task.prepare(scope, task.asked[kind](pairs=2))
    assert not isinstance(values, Drop)
    return task.prompt.render(item=clip, scope=scope, known=known_of(scope), **values)


def example_item(name: str, kind: ScopeKind) -> DiverseClip | DiverseSegment:
    return EXAMPLE.segments[0] if kind == "segment" or name in ABOUT_FIRST_SEGMENT else EXAMPLE


@pytest.mark.parametrize("written", [(), WRITTEN], ids=["alone", "with what people wrote"])
@pytest.mark.parametrize(
    ("prompt", "schema"),
    [pytest.param(*each, id=each[0].name) for stage in SEGMENT_STAGES for each in zip(stage.prompts, stage.schemas, strict=True)],
)
def test_examples_about_a_segment_are_of_the_replys_schema(prompt: Prompt, schema: Any, written: tuple[HumanNarration, ...]) -> None:
    shown = examples(filled(prompt, written))
    assert shown
    for each in shown:
        assert schema.model_validate_json(json.dumps(each)).model_dump(mode="json") == each


@pytest.mark.parametrize(("name", "kind"), ASKED)
def test_examples_of_a_qa_task_make_pairs_that_its_rules_accept(name: str, kind: ScopeKind) -> None:
    (reply,) = examples(asked(name, kind))
    if kind == "segment" and name == "avdn":
        reply["narrations"][0]["spans"] = reply["narrations"][0]["spans"][:1]  # the example is about the whole clip
    drafts = drafted(name, example_item(name, kind), reply, pairs=2)
    assert drafts
    assert [broken_rules(name, EXAMPLE, each) for each in drafts if not _about_elsewhere(name, kind, each.about)] == [
        [] for each in drafts if not _about_elsewhere(name, kind, each.about)
    ]


def _about_elsewhere(name: str, kind: ScopeKind, about: str | None) -> bool:
    """Whether the example asks about what happens after the first segment, in a prompt about that segment alone."""
    return kind == "segment" and name.startswith("avh_") and about not in ("desk lamp", "steel ruler", "pencil scratching")


@pytest.mark.parametrize(("name", "kind"), [each for each in ASKED if each.values[0] != "avsn"])
def test_a_model_that_repeats_the_example_makes_no_pair(name: str, kind: ScopeKind) -> None:
    workshop = a_workshop_clip()
    item = workshop if kind == "clip" else workshop.segments[0]
    (reply,) = examples(asked(name, kind))
    accepted = [each for each in drafted(name, item, reply, pairs=2) if not broken_rules(name, workshop, each)]
    assert [each.variant for each in accepted] in ([], ["Hallucinated"])


def test_no_prompt_shows_what_the_sample_videos_show() -> None:
    texts = [filled(prompt, WRITTEN) for stage in SEGMENT_STAGES for prompt in stage.prompts]
    texts += [asked(name, "clip") for name in TASKS]
    for text in texts:
        assert FOOTAGE.isdisjoint(re.findall(r"[\w-]+", text.partition("\nExample")[2].casefold()))
