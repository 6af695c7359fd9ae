"""What the order of a prompt saves: prompt tokens that a server computes for one clip's QA and for one segment, by its own counters.

Requests about one clip or one segment begin alike: system message, pictures and sound, everything known; what is asked comes last.
The anchors are a server without prefix caching, which computes every token it is asked, and the same requests with the task first,
as prompts are mostly written. The servers are vLLM with tiny checkpoints of the real architectures, whose tokens are shorter than a
large model's; the requests are one after another, as the stages of a build come.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import httpx
from prefix_clip import long_clip, qa_requests, segment_requests
from ratio_table import Row, report

from egoetl.core.models import FramePolicy, Launch, ModelSpec
from egoetl.core.ports import Message, Request
from egoetl.engines.chat.engine import ChatEngine
from egoetl.engines.vllm_server.server import VllmServer
from egoetl.testing.scene import ArrayMedia, Scene, Thing

ROOT = Path(__file__).parents[1]
ASKED, CACHED = "vllm:prefix_cache_queries_total", "vllm:prefix_cache_hits_total"
"""vLLM's counters of prompt tokens."""
CONTEXT = 65_536
LOOK = FramePolicy(fps=2.0, max_frames=32, max_pixels=200_704, pictures="container", sound="interleaved", processor="qwen2.5-omni")


class Tokens(NamedTuple):
    """Prompt tokens that a server was asked, and those of them that it had computed before."""

    asked: float
    cached: float

    @property
    def computed(self) -> float:
        """The others."""
        return self.asked - self.cached


def measure(arguments: argparse.Namespace) -> Sequence[Row]:
    """Prompt tokens computed for one clip's QA and for one segment's captions."""
    return asyncio.run(_measured(arguments.python, arguments.checkpoints))


async def _measured(python: Path, checkpoints: Path) -> list[Row]:
    clip = long_clip()
    async with VllmServer(_spec(checkpoints / "llama", None), python=python) as server:
        rows = await _rows("the clip's QA", server, await qa_requests(clip), 0.4)
        rows += await _rows("mcg, av_narration", server, await segment_requests(clip, "mcg", "av_narration"), 1.0)
    captions = await segment_requests(clip, "caption")
    async with VllmServer(_spec(checkpoints / "omni", LOOK), python=python) as server:
        return rows + await _rows("the captions", server, captions, 0.6, media=_media())


def _spec(checkpoint: Path, look: FramePolicy | None) -> ModelSpec:
    longer = ("--hf-overrides", f'{{"max_position_embeddings": {CONTEXT}}}') if look is None else ()
    launch = Launch(gpus=0, max_model_len=CONTEXT if look is None else None, max_num_seqs=8, extra=longer)
    return ModelSpec(name=checkpoint.name, model=checkpoint.name, revision="tiny", checkpoint=str(checkpoint), launch=launch, look=look)


def _media() -> list[ArrayMedia]:
    """Two segments: before one is counted, the other shows that the server looks and listens, which the engine makes sure of."""
    made = [Scene([Thing(rgb, "ball", lambda t: (40 * t, 0.0))]).media() for rgb in ((40, 40, 200), (200, 40, 40))]
    for index, each in enumerate(made):
        each.name = f"scene {index}"
    return made


async def _rows(
    name: str, server: VllmServer, requests: Sequence[Request], target: float, *, media: Sequence[ArrayMedia] = ()
) -> list[Row]:
    engine = ChatEngine(server.spec, endpoint=server.endpoint, secret=server.secret)
    for each in media:
        for request in requests:
            request.media = each
        if each is not media[-1]:
            await engine.ask(requests[0])
    ours, task_first = await _counted(server, engine, requests), await _counted(server, engine, _task_first(requests))
    await engine.close()
    print(f"{name}: {len(requests)} requests, {ours.asked:,.0f} tokens, {ours.cached / ours.asked:.0%} cached", file=sys.stderr)
    print(f"  with the task first {task_first.asked:,.0f} tokens, {task_first.cached / task_first.asked:.0%} cached", file=sys.stderr)
    unit = "prompt tokens computed"
    return [
        Row(name, ours.computed, ours.asked, unit, "no prefix caching", target),
        Row(name, ours.computed, task_first.computed, unit, "the task first", target),
    ]


async def _counted(server: VllmServer, engine: ChatEngine, requests: Sequence[Request]) -> Tokens:
    """What the server counts for these requests, one after another."""
    before = await asyncio.to_thread(_counters, server)
    for request in requests:
        reply = await engine.ask(request)
        assert reply.prompt_tokens, f"{request.task}: {reply.status} {reply.detail}"
        print(f"  {request.task:<26} {reply.prompt_tokens:>7,} tokens, {reply.cached_tokens or 0:>7,} cached", file=sys.stderr)
    after = await asyncio.to_thread(_counters, server)
    return Tokens(after.asked - before.asked, after.cached - before.cached)


def _counters(server: VllmServer) -> Tokens:
    text = httpx.get(server.endpoint.removesuffix("/v1") + "/metrics").text
    return Tokens(*(sum(map(float, re.findall(rf"^{name}\{{.*\}} (\S+)$", text, re.MULTILINE))) for name in (ASKED, CACHED)))


def _task_first(requests: Sequence[Request]) -> list[Request]:
    """The same words in the order in which each task comes first, with a system message of its own."""
    said = [each.messages[1].content for each in requests]
    alike = takewhile(lambda characters: len(set(characters)) == 1, zip(*said, strict=False))
    shared = "".join(character for character, *_ in alike)
    return [_reordered(each, shared) for each in requests]


def _reordered(request: Request, shared: str) -> Request:
    system, user = request.messages
    messages = (
        Message(role="system", content=f"{request.task}. {system.content}"),
        Message(role="user", content=f"{user.content.removeprefix(shared)}\n\n{shared}"),
    )
    return Request(request.task, request.item, messages, request.media, request.schema, request.sampling)


if __name__ == "__main__":
    made = sorted((ROOT / ".venv-models").glob("checkpoints-*"), key=lambda each: each.stat().st_mtime)
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-models" / "bin" / "python", help="of an environment with vLLM")
    parser.add_argument("--checkpoints", type=Path, default=made[-1] if made else ROOT, help="the folder of llama and omni")
    report("prefix", measure, parser)
