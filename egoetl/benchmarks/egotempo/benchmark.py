"""EgoTempo: open questions on the temporal understanding of first-person clips."""

from types import MappingProxyType

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.egotempo.loading import HOW_TO_GET, KNOWN, load
from egoetl.benchmarks.egotempo.measuring import measures
from egoetl.benchmarks.egotempo.parsing import parse
from egoetl.benchmarks.judged import RUBRIC
from egoetl.benchmarks.prompt_files import prompts_beside
from egoetl.core.evaluation import FrameLimits

EGOTEMPO = Benchmark(
    name="egotempo",
    version=1,
    title="EgoTempo",
    licence="annotations CC-BY-4.0; videos under the Ego4D licence",
    how_to_get=HOW_TO_GET,
    # Every clip has more than 32 pictures at this rate, so that 32 are spread evenly over it, as the paper shows them.
    frames=FrameLimits(frames_per_second=4.0, max_frames=32, max_side=540, sound=False),
    load=load,
    prompts=prompts_beside(__file__, "egotempo"),
    dialogue=lambda _: ("answer",),
    parse=parse,
    measures=measures,
    rubric=lambda _: RUBRIC,
    tasks=MappingProxyType(dict(KNOWN)),
    max_tokens=1024,
)
