from dataclasses import replace

import pytest

from egoetl.core.errors import CallerError, ConfigError
from egoetl.core.recipe import Recipe
from egoetl.core.records import Gate
from egoetl.qa.index import TASKS
from egoetl.recipes import index

EGOAVU = index.load("egoavu")
SEGMENTS = ["caption", "mcg", "av_narration"]
OFF = [
    "qa_avdn_segment",
    "qa_avh_action_segment",
    "qa_avh_object_segment",
    "qa_avh_sound_segment",
    "qa_ssa_segment",
    "qa_tr_before_after_segment",
    "qa_tr_event_ordering_segment",
]
QA = ["qa_avdn", OFF[0], "qa_avsn", "qa_avsn_clip", *(each for name in OFF[1:] for each in (name.removesuffix("_segment"), name))]
BEFORE_QA = ["register", "split", "frames", "narrations", "caption", "mcg", "av_narration", "diversity"]
STAGES = [*BEFORE_QA, *QA, "verify"]


def without(name: str) -> Recipe:
    return replace(EGOAVU, stages=tuple(each for each in EGOAVU.stages if each.name != name))


def test_the_stages_in_their_order() -> None:
    assert [each.name for each in EGOAVU.stages] == STAGES
    units = {each.name: each.unit for each in EGOAVU.stages}
    assert {name for name, unit in units.items() if unit == "segment"} == {*SEGMENTS, *OFF, "qa_avsn"}
    assert (units["register"], units["verify"]) == ("row", "qa")


def test_questions_about_segments_are_off_until_a_build_asks_for_them() -> None:
    assert [each.name for each in EGOAVU.stages if EGOAVU.params_of(each).off] == OFF
    asked = EGOAVU.with_settings({"qa_ssa_segment.pairs": "1", "qa_ssa.pairs": "0"})
    assert [each.name for each in EGOAVU.stages if asked.params_of(each).off] == [
        "qa_ssa" if each == "qa_ssa_segment" else each for each in OFF
    ]


def test_the_stages_of_a_qa_task_are_one_airflow_task() -> None:
    tasks = {stages[0].name: [stage.name for stage in stages] for stages in EGOAVU.tasks()}
    assert list(tasks) == [*BEFORE_QA, *(f"qa_{name}" for name in TASKS), "verify"]
    assert tasks["qa_avsn"] == ["qa_avsn", "qa_avsn_clip"]
    assert tasks["caption"] == ["caption"]


@pytest.mark.parametrize("joint", [[("qa_avdn", "qa_avsn")], [("qa_ssa", "qa_ssa_segment"), ("qa_ssa_segment", "qa_tr_before_after")]])
def test_only_stages_that_follow_each_other_are_one_task_and_each_in_one(joint: list[tuple[str, ...]]) -> None:
    with pytest.raises(ConfigError) as raised:
        replace(EGOAVU, joint_tasks=tuple(joint))
    assert raised.value.reason == "recipe_task_torn"


def test_every_role_is_answered_by_the_measured_engine() -> None:
    assert {role: binding.engine for role, binding in EGOAVU.roles.items()} == dict.fromkeys(("omni", "vision", "text"), "measured")


def test_each_stage_depends_on_the_stages_before_it() -> None:
    upstream = {each.name: EGOAVU.upstream(each) for each in EGOAVU.stages}
    assert upstream["register"] == set()
    assert upstream["frames"] == {"register", "split"}
    assert upstream["qa_avh_sound"] == upstream["qa_avsn"] == set(BEFORE_QA)
    assert upstream["verify"] == set(STAGES[:-1])


@pytest.mark.parametrize(
    ("stage", "nearest"),
    [
        ("split", {"register"}),
        ("frames", {"split"}),
        ("caption", {"frames"}),
        ("mcg", {"caption", "narrations"}),
        ("av_narration", {"mcg"}),
        ("qa_avsn", {"av_narration"}),
        ("qa_avh_sound", {"av_narration"}),
        ("verify", set(QA)),
    ],
)
def test_the_results_that_enter_a_content_key(stage: str, nearest: set[str]) -> None:
    passed = [source for source in EGOAVU.sources(EGOAVU.stage(stage)) if not issubclass(source.record, Gate)]
    assert EGOAVU.nearest({name for source in passed for name in source.stages}) == nearest


def test_how_fields_are_found() -> None:
    def relations(stage: str) -> dict[str, str]:
        return {source.field: source.relation for source in EGOAVU.sources(EGOAVU.stage(stage))}

    assert relations("caption") == {"clip": "clip", "segment": "own", "sampled": "clip"}
    assert relations("qa_avh_sound") == {"clip": "own", "segments": "gather", "diversity": "own"}
    assert relations("verify") == {"clip": "clip", "pair": "own", "segments": "gather"}


def test_captions_depend_on_what_people_wrote_only_where_the_models_are_told() -> None:
    told = EGOAVU.with_settings({"caption.human_narrations": "true"})
    assert told.upstream(told.stage("caption")) == {*EGOAVU.upstream(EGOAVU.stage("caption")), "narrations"}
    assert {source.field: source.relation for source in told.sources(told.stage("caption"))}["human"] == "clip"


def test_who_brings_units_into_being() -> None:
    assert EGOAVU.emitters("clip") == ("register",)
    assert EGOAVU.emitters("segment") == ("split",)
    assert EGOAVU.emitters("qa") == tuple(QA)


@pytest.mark.parametrize("name", ["register", "split", "frames", "caption", "mcg", "av_narration"])
def test_a_missing_stage_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="put a stage that makes one before it"):
        without(name)


@pytest.mark.parametrize(("one", "other"), [("register", "split"), ("mcg", "caption"), ("av_narration", "qa_avh_sound"), ("frames", "mcg")])
def test_a_wrong_order_is_refused(one: str, other: str) -> None:
    swapped = {one: EGOAVU.stage(other), other: EGOAVU.stage(one)}
    with pytest.raises(ConfigError) as raised:
        replace(EGOAVU, stages=tuple(swapped.get(each.name, each) for each in EGOAVU.stages))
    assert raised.value.reason == "no_maker"


def test_two_stages_that_make_the_same_record_are_refused() -> None:
    stages = list(EGOAVU.stages)
    stages.insert(stages.index(EGOAVU.stage("caption")), replace(EGOAVU.stage("caption"), name="caption_again"))
    with pytest.raises(ConfigError, match="caption_again, caption make one each") as raised:
        replace(EGOAVU, stages=tuple(stages))
    assert raised.value.reason == "two_makers"


def test_an_unbound_role_is_refused() -> None:
    roles = {role: binding for role, binding in EGOAVU.roles.items() if role != "vision"}
    with pytest.raises(ConfigError) as raised:
        replace(EGOAVU, roles=roles)
    assert raised.value.reason == "recipe_role_unbound"
    assert "'vision'" in str(raised.value)


def test_another_prompt_changes_the_key_of_its_stage_alone() -> None:
    models = dict.fromkeys(EGOAVU.roles, "measured@1")
    prompt = EGOAVU.stage("qa_avsn").prompt("qa_avsn")
    changed = EGOAVU.with_prompt("qa_avsn", type(prompt)("qa_avsn", prompt.text + "\nBe brief."))
    differing = [
        each.name
        for each, other in zip(EGOAVU.stages, changed.stages, strict=True)
        if EGOAVU.config(each, models, "pyav-0") != changed.config(other, models, "pyav-0")
    ]
    assert differing == ["qa_avsn"]


@pytest.mark.parametrize(
    ("setting", "value"), [("split.segment_ms", "5000"), ("frames.frames_per_second", "1"), ("frames.max_side", "224")]
)
def test_parameters_can_be_set(setting: str, value: str) -> None:
    stage, name = setting.split(".")
    recipe = EGOAVU.with_settings({setting: value})
    assert getattr(recipe.params_of(recipe.stage(stage)), name) == float(value)


def test_how_a_role_samples_can_be_set_and_is_part_of_its_stages_keys() -> None:
    changed = EGOAVU.with_settings({"text.temperature": "0.7", "text.max_tokens": "256"})
    assert (changed.roles["text"].temperature, changed.roles["text"].max_tokens) == (0.7, 256)
    models = dict.fromkeys(EGOAVU.roles, "measured@2")
    differing = {
        each.name
        for each in EGOAVU.stages
        if EGOAVU.config(each, models, "pyav-0") != changed.config(changed.stage(each.name), models, "pyav-0")
    }
    assert differing == {each.name for each in EGOAVU.stages if "text" in each.roles}


@pytest.mark.parametrize(("setting", "value", "reason"), [("text.model", "x", "setting_unknown"), ("text.top_p", "2", "setting_invalid")])
def test_a_role_has_no_other_settings(setting: str, value: str, reason: str) -> None:
    with pytest.raises(CallerError) as raised:
        EGOAVU.with_settings({setting: value})
    assert raised.value.reason == reason


def test_an_unknown_recipe_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CallerError, match="egoavu") as raised:
        index.load("egoavux")
    assert raised.value.reason == "recipe_unknown"


def test_a_broken_recipe_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_RECIPES", {**index._RECIPES, "broken": ("egoetl.recipes.no_such_module", "BROKEN")})
    assert "broken" in index.names()
    assert index.load("egoavu") is EGOAVU
    with pytest.raises(ModuleNotFoundError):
        index.load("broken")


def test_a_stage_on_rows_says_what_their_files_hold() -> None:
    stages = tuple(replace(each, fingerprint=None) for each in EGOAVU.stages)
    with pytest.raises(ConfigError) as raised:
        replace(EGOAVU, stages=stages)
    assert raised.value.reason == "recipe_fingerprint_missing"
