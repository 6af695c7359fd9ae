"""av_narration: one paragraph that joins what was seen and what was heard in a segment."""

from egoetl.core.items import GraphedSegment
from egoetl.core.ports import StageIO
from egoetl.core.records import Narration
from egoetl.core.replies import NarrationReply
from egoetl.core.stage import Params, stage
from egoetl.stages.prompt_files import stage_prompt


@stage("av_narration", version=1, roles=("text",), prompts=(stage_prompt("av_narration"),), schemas=(NarrationReply,))
async def av_narration(item: GraphedSegment, _params: Params, io: StageIO) -> Narration:
    """Ask for the narration of the segment's captions and graph."""
    reply = await io.ask("text", "av_narration", "av_narration", NarrationReply, item)
    return Narration(av_narration=reply.caption)
