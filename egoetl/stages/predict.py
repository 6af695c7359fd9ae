"""predict: a model answers one question of a benchmark, seeing and hearing no more than the question's window."""

import asyncio
from bisect import bisect_left
from functools import partial
from typing import Annotated

from pydantic import Field

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.core.evaluation import AskedQuestion, Said
from egoetl.core.ports import StageIO
from egoetl.core.records import Name, Record, SampledClip, Window
from egoetl.core.replies import PlainReply
from egoetl.core.stage import Params, Stage


class PredictParams(Params):
    """How questions are asked; None: as the benchmark says.

    `max_frames`: most pictures of a question's window, spread evenly over it. `dialogue`: which of the benchmark's dialogues.
    """

    max_frames: Annotated[int, Field(ge=1, le=4096)] | None = None
    dialogue: Name | None = None


def predict_stage(benchmark: Benchmark) -> Stage:
    """The stage in which a model answers every question of a benchmark, one text for each turn of its dialogue."""
    return Stage(
        name="predict",
        version=benchmark.version,
        run=partial(_predict, benchmark),
        item=AskedQuestion,
        params=PredictParams,
        output=Said,
        roles=("model",),
        prompts=tuple(benchmark.prompts.values()),
        schemas=(PlainReply,),
        decodes=False,
        store_prefix="predictions",
    )


async def _predict(benchmark: Benchmark, item: AskedQuestion, params: PredictParams, io: StageIO) -> Record:
    question, names = item.question, benchmark.turns(item.question, params.dialogue)
    limits = benchmark.frames.model_copy(
        update={"frames_per_second": item.sampled.frames_per_second, "max_frames": params.max_frames or benchmark.frames.max_frames}
    )
    pictures = tuple([await asyncio.to_thread(io.store.read, path) for path in question.pictures])
    ask = partial(io.ask, "model", schema=PlainReply, item=item, look=shown(question, item.sampled), limits=limits, question=question)
    said: tuple[tuple[str, str], ...] = ()
    for turn, name in enumerate(names, start=1):
        prompt, stills = benchmark.prompts[name], pictures if turn == len(names) else ()
        reply = await ask(f"{benchmark.name}.{name}", prompt=prompt.name, said=said, stills=stills)
        said = (*said, (prompt.render(item=item, question=question), reply.text))
    return Said(turns=tuple(reply for _, reply in said))


def shown(question: Window, sampled: SampledClip) -> Window:
    """The question's window from its first sampled picture on; where none lies in it, from the one that is on screen."""
    times = sampled.frame_ms
    first = bisect_left(times, question.start_ms)
    if first == len(times) or times[first] >= question.end_ms:
        first -= 1
    return Window(start_ms=times[first], end_ms=question.end_ms)
