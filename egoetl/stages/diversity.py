"""diversity: a clip is asked about only if the words of its narrations are varied enough."""

from typing import Annotated, Literal

from pydantic import Field

from egoetl.algorithms.diversity import moving_average_type_token_ratio
from egoetl.algorithms.wording import words
from egoetl.core.items import NarratedClip
from egoetl.core.ports import StageIO
from egoetl.core.records import Diversity, Drop
from egoetl.core.stage import Params, stage


class DiversityParams(Params):
    """`window`: tokens in a run; `threshold`: the least ratio that passes; `tokenizer`: what a token is."""

    window: Annotated[int, Field(ge=1)] = 100
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.25
    tokenizer: Literal["words", "whitespace"] = "words"


@stage("diversity", version=1)
async def diversity(item: NarratedClip, params: DiversityParams, _io: StageIO) -> Diversity | Drop:
    """Measure the MATTR of the clip's narrations, one after another; below the threshold the clip is dropped."""
    text = " ".join(each.narration.av_narration for each in item.segments)
    tokens = words(text) if params.tokenizer == "words" else tuple(text.casefold().split())
    mattr = moving_average_type_token_ratio(tokens, params.window)
    if mattr < params.threshold:
        return Drop(reason="low_diversity", detail=f"MATTR {mattr:.3f} of {len(tokens)} tokens is below {params.threshold:g}")
    return Diversity(mattr=round(mattr, 6), tokens=len(tokens))
