import pytest
from hypothesis import given
from hypothesis import strategies as st

from egoetl.core.content_key import StageConfig, canonical_json, content_key, sha256_of

CONFIG = StageConfig(
    stage="mcg",
    version=1,
    params={"a": 1},
    prompts={"mcg": "0" * 64},
    schemas={"Reply": "1" * 64},
    models={"text": "llama@abc"},
    sampling={"text": {"temperature": 0.7}},
    seed=42,
    decoder=None,
)


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "caption"},
        {"version": 2},
        {"params": {"a": 2}},
        {"prompts": {"mcg": "2" * 64}},
        {"schemas": {"Reply": "3" * 64}},
        {"models": {"text": "llama@def"}},
        {"sampling": {"text": {"temperature": 0.2}}},
        {"seed": 43},
        {"decoder": "pyav-18.1.0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_configuration_changes_the_key(change: dict[str, object]) -> None:
    changed = CONFIG.model_copy(update=change)
    assert content_key(sha256_of(changed), ["k"]) != content_key(sha256_of(CONFIG), ["k"])


def test_the_key_of_given_parts_never_changes_between_releases() -> None:
    assert content_key("0" * 64, ["b", "a"]) == "f1cc1a2ee438b20127793700a25fae8b514444115476590c606f44bed5e362ce"


@given(st.lists(st.text(max_size=8), max_size=6), st.randoms())
def test_the_order_of_inputs_does_not_matter_but_their_set_does(inputs: list[str], random) -> None:
    shuffled = list(inputs)
    random.shuffle(shuffled)
    assert content_key("c", inputs) == content_key("c", shuffled)
    assert content_key("c", [*inputs, "x"]) != content_key("c", inputs)


def test_a_candidate_has_a_key_of_its_own() -> None:
    assert content_key("c", ["a"], candidate=1) != content_key("c", ["a"])


def test_canonical_json_does_not_depend_on_the_order_of_names() -> None:
    assert canonical_json({"b": 1, "a": "é"}) == canonical_json({"a": "é", "b": 1}) == '{"a":"é","b":1}'


def test_canonical_json_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": float("nan")})
