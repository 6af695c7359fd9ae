"""EgoTextVQA: questions about scene text, indoors and outdoors, each answered from the video before it was asked."""

from collections.abc import Mapping
from types import MappingProxyType

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.benchmarks.egotextvqa.loading import HOW_TO_GET, SUBSETS, load
from egoetl.benchmarks.egotextvqa.measuring import measures
from egoetl.benchmarks.egotextvqa.parsing import parse
from egoetl.benchmarks.judged import RUBRIC
from egoetl.benchmarks.prompt_files import prompts_beside
from egoetl.benchmarks.rows import spelled
from egoetl.core.evaluation import FrameLimits


def _tasks() -> Mapping[str, str]:
    """Tasks by subset and type, and by the type alone: `others`, which both subsets have, stays without one."""
    types = [(subset, kind) for subset, kinds in SUBSETS.items() for kind in kinds]
    alone = {spelled(kind): f"{subset}/{kind}" for subset, kind in types if kind != "others"} | {"others": "others"}
    return MappingProxyType(alone | {spelled(f"{subset}/{kind}"): f"{subset}/{kind}" for subset, kind in types})


EGOTEXTVQA = Benchmark(
    name="egotextvqa",
    version=1,
    title="EgoTextVQA",
    licence="see the LICENSE of https://github.com/zhousheng97/EgoTextVQA; videos of Ego4D and RoadTextVQA under their own",
    how_to_get=HOW_TO_GET,
    frames=FrameLimits(frames_per_second=2.0, max_frames=64, max_side=960, sound=False),
    load=load,
    prompts=prompts_beside(__file__, "egotextvqa"),
    dialogue=lambda _: ("answer",),
    parse=parse,
    measures=measures,
    rubric=lambda _: RUBRIC,
    tasks=_tasks(),
    max_tokens=1024,
    thinking_tokens=2048,
)
