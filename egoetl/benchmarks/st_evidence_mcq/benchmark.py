"""ST-Evidence as multiple choice: the answer, the seconds that show it, and the picture that shows what it rests on."""

from types import MappingProxyType

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.prompt_files import prompts_beside
from egoetl.benchmarks.st_evidence_mcq.loading import HOW_TO_GET, NAME, QA, SPATIAL, TIME, load
from egoetl.benchmarks.st_evidence_mcq.measuring import measures
from egoetl.benchmarks.st_evidence_mcq.parsing import parse
from egoetl.core.evaluation import FrameLimits

ST_EVIDENCE_MCQ = Benchmark(
    name=NAME,
    version=1,
    title="ST-Evidence, multiple choice",
    licence="CC-BY-NC-4.0",
    how_to_get=HOW_TO_GET,
    frames=FrameLimits(frames_per_second=1.0, max_frames=128, max_side=512, sound=False),
    load=load,
    prompts=prompts_beside(__file__, NAME),
    dialogue=lambda question: (question.task,),
    parse=parse,
    measures=measures,
    rubric=lambda _: None,
    tasks=MappingProxyType({QA: QA, TIME: TIME, SPATIAL: SPATIAL}),
)
