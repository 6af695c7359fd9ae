"""EgoAVU-Bench: whether a model sees and hears what happens in first-person videos, and what belongs together."""

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.egoavu_bench.loading import HOW_TO_GET, TASKS, load
from egoetl.benchmarks.egoavu_bench.measuring import measures, rubric
from egoetl.benchmarks.egoavu_bench.parsing import parse
from egoetl.benchmarks.measuring import group_of
from egoetl.benchmarks.prompt_files import prompts_beside
from egoetl.core.evaluation import FrameLimits, Question

_ASKED_BY = {"ssa": "sound_sources", "avdn": "narration", "avsn": "narration", "avh": "yes_no"}


def _dialogue(question: Question) -> tuple[str, ...]:
    """One turn: by the task, and for TR by whether it has options."""
    return (_ASKED_BY.get(group_of(question), "choice" if question.options else "open"),)


EGOAVU_BENCH = Benchmark(
    name="egoavu_bench",
    version=1,
    title="EgoAVU-Bench",
    licence="CC-BY-NC-4.0 (FAIR noncommercial); videos under the Ego4D licence",
    how_to_get=HOW_TO_GET,
    frames=FrameLimits(frames_per_second=1.0, max_frames=300, max_side=256, sound=True),
    load=load,
    prompts=prompts_beside(__file__, "egoavu_bench"),
    dialogue=_dialogue,
    parse=parse,
    measures=measures,
    rubric=rubric,
    tasks=TASKS,
    max_tokens=1024,
)
