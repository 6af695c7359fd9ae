"""What a build said of its videos, as plain facts that can be held against a truth."""

from collections.abc import Iterator
from typing import Any, cast

from egoetl.core.items import GraphedSegment
from egoetl.runner.inputs import Ready
from egoetl.runner.shard import StageRun, silent
from egoetl.runner.tools import Tools


def facts_said(tools: Tools, build_name: str) -> dict[str, list[dict[str, Any]]]:
    """Facts by the manifest's video id, in the shape of `egoetl.footage.facts.Fact`: from captions and context graphs."""
    build = tools.ledger.build(build_name)
    said: dict[str, list[dict[str, Any]]] = {}
    for shard in build.shards:
        # The narration stage is given exactly what is looked for: each segment's captions and graph.
        inputs, _ = StageRun(tools, build, "av_narration", shard, silent).load()
        names = {sha: row.video_id for sha, row in inputs.videos().items()}
        for each in inputs.joined():
            if isinstance(each, Ready):
                segment = cast("GraphedSegment", each.item)
                said.setdefault(names[segment.clip.video.sha256], []).extend(_facts(segment))
    return said


def _facts(item: GraphedSegment) -> Iterator[dict[str, Any]]:
    whole = {"start_ms": item.segment.start_ms, "end_ms": item.segment.end_ms}
    for name in item.captions.objects:
        yield {"kind": "object", "name": name, **whole}
    for event in item.captions.events:
        yield {"kind": "event", "name": event.object, "action": event.action, "start_ms": event.start_ms, "end_ms": event.end_ms}
    for sound in item.graph.sounds:
        times = {"start_ms": sound.start_ms, "end_ms": sound.end_ms}
        yield {"kind": "sound", "sound": sound.sound, **times}
        if sound.source:
            yield {"kind": "link", "name": sound.source, "sound": sound.sound, **times}
