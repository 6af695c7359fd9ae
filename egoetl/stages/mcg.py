"""mcg: the multimodal context graph of a segment, from its captions and what people wrote about it."""

from egoetl.algorithms.wording import normalised
from egoetl.core.items import AnnotatedSegment
from egoetl.core.ports import StageIO
from egoetl.core.records import ContextGraph, GroundedSound, Interaction, Segment
from egoetl.core.replies import ContextGraphReply, GroundedSoundReply, InteractionReply
from egoetl.core.stage import Params, stage
from egoetl.stages.prompt_files import stage_prompt
from egoetl.stages.segment_time import on_source


@stage("mcg", version=2, roles=("text",), prompts=(stage_prompt("mcg"),), schemas=(ContextGraphReply,))
async def mcg(item: AnnotatedSegment, _params: Params, io: StageIO) -> ContextGraph:
    """Ask for the graph and put it on the source's time line; an object that is acted on is not also a bystander."""
    written = item.human.within(item.segment)
    reply = await io.ask("text", "mcg", "mcg", ContextGraphReply, item, narrations=written)
    interactions = _interactions(reply.interacted_objects, item.segment)
    return ContextGraph(
        interacted_objects=interactions,
        non_interacted_objects=_bystanders(reply.non_interacted_objects, interactions),
        sounds=_sounds(reply.sounds, item.segment),
    )


def _interactions(replies: tuple[InteractionReply, ...], segment: Segment) -> tuple[Interaction, ...]:
    placed = ((each, on_source(each, segment)) for each in replies)
    return tuple(Interaction(object=each.object, action=each.action, actor=each.actor, **dict(window)) for each, window in placed if window)


def _bystanders(names: tuple[str, ...], interactions: tuple[Interaction, ...]) -> tuple[str, ...]:
    """The names, each once, of objects that nothing acts on."""
    known = {normalised(each.object) for each in interactions}
    kept: list[str] = []
    for name in names:
        if normalised(name) not in known:
            known.add(normalised(name))
            kept.append(name)
    return tuple(kept)


def _sounds(replies: tuple[GroundedSoundReply, ...], segment: Segment) -> tuple[GroundedSound, ...]:
    placed = ((each, on_source(each, segment)) for each in replies)
    return tuple(
        GroundedSound(sound=each.sound, category=each.category, source=each.source, grounding=each.grounding, **dict(window))
        for each, window in placed
        if window
    )
