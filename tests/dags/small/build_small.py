"""A recipe with every shape that the factory meets: a chain, two QA stages side by side, one stage after both."""

from types import MappingProxyType

from egoetl.core.items import (
    CaptionedSegment,
    ClipItem,
    DraftedPair,
    GraphedSegment,
    Item,
    NarratedClip,
    NarratedSegment,
    RowItem,
    SampledSegment,
    SplitClipItem,
)
from egoetl.core.ports import StageIO
from egoetl.core.recipe import Recipe, RoleBinding
from egoetl.core.records import Captions, Clip, ContextGraph, Narration, QAPairs, Record, SampledClip, SplitClip, Verdict
from egoetl.core.stage import Params, Stage
from egoetl_airflow.dag_factory import build_dag


async def never_run(item: Item, params: Params, io: StageIO) -> Record:
    """Airflow runs command lines, never a stage's function."""
    raise AssertionError(f"{item} {params} {io}")


def never_asked(item: Item, io: StageIO) -> str:
    """Airflow opens no files either."""
    raise AssertionError(f"{item} {io}")


def small_stage(name: str, item: type[Item], output: type[Record], *roles: str, decodes: bool = False) -> Stage:
    fingerprint = never_asked if item is RowItem else None
    return Stage(name, 1, never_run, item, Params, output, roles, (), (), decodes, name, fingerprint)


small = Recipe(
    name="small",
    version=1,
    stages=(
        small_stage("register", RowItem, Clip),
        small_stage("split", ClipItem, SplitClip),
        small_stage("frames", SplitClipItem, SampledClip, decodes=True),
        small_stage("caption", SampledSegment, Captions, "omni"),
        small_stage("mcg", CaptionedSegment, ContextGraph, "text"),
        small_stage("av_narration", GraphedSegment, Narration, "text"),
        small_stage("qa_one", NarratedSegment, QAPairs, "text"),
        small_stage("qa_two", NarratedClip, QAPairs, "text"),
        small_stage("verify", DraftedPair, Verdict),
    ),
    roles=MappingProxyType({"omni": RoleBinding(), "text": RoleBinding()}),
    dataset="small-set",
)

dag = build_dag(small)
