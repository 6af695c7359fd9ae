"""The stage that all QA tasks share, and verification's order."""

from egoetl.core.ids import qa_id
from egoetl.core.records import Drop, QAPair, QAPairs, Verdict
from egoetl.core.stage import Params
from egoetl.qa.index import TASKS
from egoetl.stages.qa import qa_stage
from egoetl.stages.verify import verify
from egoetl.testing.samples import a_clip, a_drafted_pair, a_kitchen_clip, a_narrated_clip, a_narrated_segment
from egoetl.testing.stage_io import FakeStageIO

REPLY = {
    "factual": [{"about": "dull knock", "question": "Can a dull knock be heard?"}],
    "hallucinated": [{"about": "dog barking", "question": "Can a dog barking be heard?"}],
}


async def test_pairs_get_ids_of_the_result_and_their_place() -> None:
    stage = qa_stage(TASKS["avh_sound"])
    io = FakeStageIO(stage, {"qa.avh_sound": lambda _: REPLY}, key="c" * 64)
    made = await stage.run(a_kitchen_clip(), stage.params(), io)
    assert isinstance(made, QAPairs)
    assert [pair.qa_id for pair in made.pairs] == [qa_id("c" * 64, 0), qa_id("c" * 64, 1)]
    assert {pair.task for pair in made.pairs} == {"avh_sound"}
    assert io.roles == ["text"]


async def test_without_evidence_no_model_is_asked() -> None:
    stage = qa_stage(TASKS["avh_sound"])
    io = FakeStageIO(stage)
    clip = a_clip()
    made = await stage.run(a_narrated_clip(clip, a_narrated_segment(clip)), stage.params(), io)
    assert made == Drop(reason="no_sound", detail=clip.clip_id)
    assert io.requests == []


async def test_verify_names_the_rules_that_a_good_pair_passed() -> None:
    stage = qa_stage(TASKS["avh_sound"])
    made = await stage.run(a_kitchen_clip(), stage.params(), FakeStageIO(stage, {"qa.avh_sound": lambda _: REPLY}))
    assert isinstance(made, QAPairs)
    for pair in made.pairs:
        verdict = await verify.run(a_drafted_pair(a_kitchen_clip(), pair), Params(), FakeStageIO(verify))
        assert verdict == Verdict(passed=tuple(rule.name for rule in TASKS["avh_sound"].rules))


async def test_verify_drops_a_bad_pair_with_the_broken_rule_as_its_reason() -> None:
    pair = QAPair(
        qa_id="qa_x",
        task="avh_sound",
        question="Can rain be heard?",
        answer="Yes",
        variant="Factual",
        about="rain",
        start_ms=60_000,
        end_ms=85_000,
    )
    drop = await verify.run(a_drafted_pair(a_kitchen_clip(), pair), Params(), FakeStageIO(verify))
    assert drop == Drop(reason="factual_sound_absent", detail="Can rain be heard?")
