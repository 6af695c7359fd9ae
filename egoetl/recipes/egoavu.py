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
# What EgoAVU samples with. A reply that is cut off at its 512 tokens is asked again with more, by the rules of judging.
_LOOKING = RoleBinding(temperature=0.2, top_p=0.9, max_tokens=512)
_WRITING = RoleBinding(temperature=0.7, top_p=0.9, max_tokens=512)

_QA_TASKS = ("avdn", "avsn", "avh_action", "avh_object", "avh_sound", "ssa", "tr_before_after", "tr_event_ordering")
# All but avsn ask about the clip, and about its segments only where a build sets their `pairs`.
_QA_STAGES = tuple(tuple(qa_stage(TASKS[name], kind) for kind in TASKS[name].asked) for name in _QA_TASKS)

EGOAVU = Recipe(
    name="egoavu",
    version=1,
    stages=(
        register,
        split,
        frames,
        narrations,
        caption,
        mcg,
        av_narration,
        diversity,
        *(stage for task in _QA_STAGES for stage in task),
        verify,
    ),
    roles={"omni": _MEASURED, "vision": _MEASURED, "text": _MEASURED},
    model_roles={"omni": _LOOKING, "vision": _LOOKING, "text": _WRITING},
    dataset="egoavu",
    joint_tasks=tuple(tuple(stage.name for stage in task) for task in _QA_STAGES),
)
