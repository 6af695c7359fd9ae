"""ST-Evidence's generation part: which option is right, in which seconds that shows, and on which things in the picture."""

from types import MappingProxyType

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.prompt_files import prompts_beside
from egoetl.benchmarks.st_evidence_gen.loading import HOW_TO_GET, NAME, load
from egoetl.benchmarks.st_evidence_gen.measuring import measures
from egoetl.benchmarks.st_evidence_gen.parsing import parse
from egoetl.core.evaluation import FrameLimits

SINGLE_TURN = ("single_turn",)
MULTI_TURN = ("answer", "segments", "expressions")

ST_EVIDENCE_GEN = Benchmark(
    name=NAME,
    version=1,
    title="ST-Evidence, generation",
    licence="CC-BY-NC-4.0",
    how_to_get=HOW_TO_GET,
    frames=FrameLimits(frames_per_second=1.0, max_frames=128, max_side=512, sound=False),
    load=load,
    prompts=prompts_beside(__file__, NAME),
    dialogue=lambda _: SINGLE_TURN,
    dialogues=MappingProxyType({"single_turn": lambda _: SINGLE_TURN, "multi_turn": lambda _: MULTI_TURN}),
    parse=parse,
    measures=measures,
    rubric=lambda _: None,
)
