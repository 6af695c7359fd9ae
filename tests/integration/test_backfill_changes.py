"""Backfills of finished units: what has changed is computed and supersedes, what has not is said beforehand to be reused."""

from typing import Any

import pytest

from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow
SETTING = "qa_ssa.pairs=2"


def test_units_made_with_a_prompt_are_computed_where_a_setting_changes_them_and_the_old_ones_are_superseded(
    on_built: Any, built: Installation
) -> None:
    ((sha,),) = built.rows("SELECT value FROM stage_config, jsonb_each_text(prompts) WHERE stage = 'qa_ssa' LIMIT 1")
    order = ("backfill", "egoavu", "--only", f"prompt={sha[:12]}", "--name", "ssa", "--json")
    unchanged = on_built(*order)
    assert unchanged.code == 64
    assert "nothing that these depend on has changed" in unchanged.err
    dry = on_built(*order, "--set", SETTING, "--dry-run").report["forecast"]
    assert {each["stage"]: each["computed"] for each in dry["stages"] if each["computed"] and each["stage"] != "verify"} == {"qa_ssa": 2}
    assert (dry["unchanged"], dry["versions"]) == (0, [1])
    old_pairs = [qa_id for (qa_id,) in built.rows("SELECT qa_id FROM qa_pair WHERE task = 'ssa' ORDER BY 1")]
    assert dry["pairs"] == len(old_pairs) > 0
    done = on_built(*order, "--set", SETTING).report
    assert done["counts"]["qa_ssa"]["computed"] == 2
    assert (done["version"], done["mends_version"]) == (2, 1)
    superseded = built.rows("SELECT qa_id, superseded_by, new_qa_ids FROM superseded_pairs ORDER BY qa_id")
    assert [row[0] for row in superseded] == old_pairs
    assert {row[1] for row in superseded} == {"ssa"}
    assert all(set(row[2]).isdisjoint(old_pairs) for row in superseded)
    held = built.rows("SELECT qa_id FROM version_pair WHERE dataset = 'egoavu' AND until IS NULL AND qa_id = ANY(%s)", old_pairs)
    assert held == []
    assert built.rows("SELECT count(*) FROM result WHERE key IN (SELECT old FROM superseded_result)")[0][0] > 0  # old bytes stay


def test_what_cannot_be_asked_is_refused_in_one_sentence(on_built: Any) -> None:
    for only, said in {
        ("reason=x", "drop_reason=y"): "give one or the other",
        ("colour=red",): "KEY=VALUE, with a key of build, nights",
        ("build=a", "build=b"): "build is given twice",
        ("nights=monday",): "write a day as 2026-01-18",
        ("prompt=xyz",): "first 8 digits or more",
        ("build=nobody",): "There is no build 'nobody'",
        ("stage=caption",): "No unit that failed and is outstanding",
    }.items():
        ended = on_built("backfill", "egoavu", *(word for each in only for word in ("--only", each)), "--dry-run")
        assert ended.code == 64, ended
        assert said in ended.err, (only, ended.err)


def test_the_answer_for_people_is_at_most_80_columns_wide(on_built: Any, built: Installation) -> None:
    ((model,),) = built.rows("SELECT DISTINCT value FROM stage_config, jsonb_each_text(models)")
    ended = on_built("backfill", "egoavu", "--only", "stage=caption", "--only", f"model={model}", "--set", "seed=7", "--dry-run")
    assert ended.code == 0, ended.err
    lines = ended.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith("Dry run, nothing is written: 3 units of 2 clips selected, ")
