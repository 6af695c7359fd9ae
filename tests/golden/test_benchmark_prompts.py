"""Benchmarks' prompts as they go to a model, each filled with the first question of its fixture that is asked with it.

A difference here means other content keys and other results. When it is meant, run
`EGOETL_UPDATE_GOLDEN=1 pytest tests/golden` and read the change in git.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from benchmark_fixtures import FIXTURES

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.index import load
from egoetl.core.evaluation import Question
from egoetl.testing.benchmark_data import FolderData

HERE = Path(__file__).parent / "benchmarks"
NAMES = ("egoavu_bench", "egotempo", "egotextvqa", "st_evidence_gen", "st_evidence_mcq")
ALONE = {("egoavu_bench", "open")}
"""Prompts for what no fixture has: filled with a question whose options are taken away."""
LONGEST_MS = 24_500
"""As long as the longer of the videos is: what is asked about a whole video is fitted to it."""


def prompts() -> Iterator[tuple[Benchmark, str]]:
    for benchmark in map(load, NAMES):
        yield from ((benchmark, name) for name in benchmark.prompts)


def a_question(benchmark: Benchmark, prompt: str) -> Question:
    questions = [each.question for each in benchmark.load(FolderData(FIXTURES / benchmark.name)).questions]
    if (benchmark.name, prompt) in ALONE:
        questions = [each.model_copy(update={"options": ()}) for each in questions]
    questions = [each.model_copy(update={"end_ms": min(each.end_ms, LONGEST_MS)}) for each in questions]
    dialogues = (benchmark.dialogue, *benchmark.dialogues.values())
    return next(each for each in questions if any(prompt in dialogue(each) for dialogue in dialogues))


@pytest.mark.parametrize(("benchmark", "name"), [pytest.param(*each, id=f"{each[0].name}-{each[1]}") for each in prompts()])
def test_rendered_prompt(benchmark: Benchmark, name: str) -> None:
    prompt = benchmark.prompts[name]
    assert prompt.markers() == {"question"}
    text = f"system: {prompt.system}\n\n{prompt.render(question=a_question(benchmark, name))}\n"
    file = HERE / f"{prompt.name}.txt"
    if os.environ.get("EGOETL_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.is_file(), f"{file.name} is new: run EGOETL_UPDATE_GOLDEN=1 pytest tests/golden"
    assert text == file.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {file.name for file in HERE.iterdir()} == {f"{benchmark.prompts[name].name}.txt" for benchmark, name in prompts()}
