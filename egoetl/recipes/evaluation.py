"""eval_<benchmark>: a model answers a benchmark's questions about videos, and judges grade what it said."""

from types import MappingProxyType

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.core.recipe import Recipe, RoleBinding
from egoetl.recipes.index import EVALUATION
from egoetl.stages.judge import judge_stage
from egoetl.stages.look import LookParams, look
from egoetl.stages.predict import predict_stage
from egoetl.stages.questions import questions
from egoetl.stages.register import RegisterParams, register

_ANY_LENGTH_MS = 2**31 - 1
"""A cut-off beyond a video's end means its end: a benchmark's times are not measured on our copy of the video."""
_CLIPS_PER_SHARD = 32
"""Questions about a clip are few, and a shard's are asked together."""


def evaluation_recipe(benchmark: Benchmark) -> Recipe:
    """The recipe of a benchmark: an evaluation is a build of it."""
    answering = RoleBinding(temperature=benchmark.temperature, top_p=1.0, max_tokens=benchmark.max_tokens)
    judging = RoleBinding(temperature=0.0, top_p=1.0, max_tokens=512)
    frames = benchmark.frames
    roles = MappingProxyType({"model": answering, "judge": judging})
    recipe = Recipe(
        name=f"{EVALUATION}{benchmark.name}",
        version=benchmark.version,
        stages=(register, look, questions, predict_stage(benchmark), judge_stage(benchmark)),
        roles=roles,
        model_roles=roles,
        params=MappingProxyType(
            {
                "register": RegisterParams(slack_ms=_ANY_LENGTH_MS),
                "look": LookParams(frames_per_second=frames.frames_per_second, max_side=frames.max_side, sound=frames.sound),
            }
        ),
        evaluates=benchmark.name,
        clips_per_shard=_CLIPS_PER_SHARD,
        folds=("score",),
    )
    return recipe.with_settings(benchmark.settings)
