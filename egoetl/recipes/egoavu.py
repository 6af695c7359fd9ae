"""EgoAVU: captions, context graphs and narrations of 10-second segments, and question-answer pairs made from them."""

from egoetl.core.recipe import Recipe, RoleBinding
from egoetl.qa.index import TASKS
from egoetl.stages.av_narration import av_narration
from egoetl.stages.caption import caption
from egoetl.stages.diversity import diversity
from egoetl.stages.frames import frames
from egoetl.stages.mcg import mcg
from egoetl.stages.narrations import narrations
from egoetl.stages.qa import qa_stage
from egoetl.stages.register import register
from egoetl.stages.split import split
from egoetl.stages.verify import verify

# 1024 tokens: at EgoAVU's 512 the JSON of a busy segment is cut off.
_MEASURED = RoleBinding(engine="measured", max_tokens=1024)

EGOAVU = Recipe(
    name="egoavu",
    version=1,
    stages=(
        register,
        split,
        frames,
        caption,
        narrations,
        mcg,
        av_narration,
        diversity,
        qa_stage(TASKS["avsn"]),
        qa_stage(TASKS["avh_sound"]),
        qa_stage(TASKS["tr_before_after"]),
        verify,
    ),
    roles={"omni": _MEASURED, "vision": _MEASURED, "text": _MEASURED},
    dataset="egoavu",
)
