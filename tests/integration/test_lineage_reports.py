"""What lineage tells: of builds, of pairs back to their source, and of the accepted set over builds."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from egoetl.core.content_key import sha256_of
from egoetl.core.errors import CallerError
from egoetl.core.ids import clip_id, qa_id
from egoetl.core.ledger import AirflowTry, Outcome
from egoetl.core.records import Captions, Clip, ClipSound, SplitClip, Verdict
from egoetl.lineage.open import open_ledger
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.lineage.reports import Reports
from egoetl.testing.outcomes import (
    a_spec,
    blocked,
    commit,
    done,
    dropped,
    failed,
    key_of,
    pairs_of,
    refused_row,
    reused,
    shard_row,
)
from egoetl.testing.samples import a_clip, a_segment

KITCHEN = a_clip(0, 20_000)
FIRST, SECOND = (a_segment(KITCHEN, index).segment_id for index in range(2))
CAPTIONS = Captions(video_description="A table.", sound_description="Silence.", object_description="A mug.")
AIRFLOW = AirflowTry(dag_id="build_egoavu", run_id="manual__1", task_id="caption", map_index=3, try_number=2)
VERSION = {"dataset": "egoavu", "path": "versions/egoavu/x", "counts": {"train": {"avsn": 1}}}


@pytest.fixture
def ledger(database_url: str) -> Iterator[PostgresLedger]:
    opened = open_ledger(database_url, patience_seconds=5, airflow=AIRFLOW)
    yield opened
    opened.close()


@pytest.fixture
def reports(ledger: PostgresLedger) -> Reports:
    return Reports(ledger)


def new_build(ledger: PostgresLedger, name: str, **spec: Any) -> int:
    return ledger.create_build(a_spec(name, **spec), [shard_row(2, 0)], [refused_row(3)]).seq


def run_to_qa(ledger: PostgresLedger, seq: int, *questions: str, prompt: str = "describe") -> list[str]:
    """Register, split, caption and draft pairs for one clip; returns the pairs' ids."""
    segments = tuple(a_segment(KITCHEN, index) for index in range(2))
    registered = done("register", "2", KITCHEN, kind="row")
    silent = ClipSound(sound=None, rate_hz=16_000, samples=0)
    split = done("split", KITCHEN.clip_id, SplitClip(sound=silent, segments=segments), kind="clip", inputs=(registered.key or "",))
    captions = [done("caption", each.segment_id, CAPTIONS, inputs=(split.key or "",)) for each in segments]
    inputs = tuple(each.key or "" for each in captions)
    key = key_of("qa_avsn", KITCHEN.clip_id, inputs, prompt)
    pairs = pairs_of(key, KITCHEN, "avsn", *questions)
    for stage, made in (("register", [registered]), ("split", [split]), ("caption", captions)):
        commit(ledger, seq, stage, 0, made)
    commit(ledger, seq, "qa_avsn", 0, [done("qa_avsn", KITCHEN.clip_id, pairs, kind="clip", inputs=inputs, prompt=prompt)], prompt=prompt)
    return [each.qa_id for each in pairs.pairs]


def verdict(pair: str, *, passes: bool = True) -> Outcome:
    made = done("verify", pair, Verdict(passed=("answer_in_options",)), kind="qa", clip_id=KITCHEN.clip_id)
    return made if passes else made.model_copy(update={"state": "dropped", "reason": "answer_leaks", "payload": None})


def test_the_funnel_follows_the_recipe_and_reconciles(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo", stages=("caption", "qa_avsn", "verify", "publish"))
    first, second = run_to_qa(ledger, seq, "What?", "Why?")
    commit(ledger, seq, "verify", 0, [verdict(first), verdict(second, passes=False)])
    funnel = reports.funnel(seq)
    assert [row["stage"] for row in funnel] == ["register", "split", "caption", "qa_avsn", "verify"]
    assert funnel[0] == {
        "stage": "register", "total": 2, "done": 1, "dropped": 0, "failed": 1, "blocked": 0, "pending": 0, "computed": 1, "reused": 0,
    }  # fmt: skip
    for row in funnel:
        assert row["total"] == sum(row[state] for state in ("done", "dropped", "failed", "blocked", "pending"))
    assert reports.qa_counts(seq) == {"avsn": 1}
    assert reports.drops(seq) == [{"stage": "verify", "reason": "answer_leaks", "units": 1}]
    assert reports.yield_counts(seq) == {
        "total": 8, "done": 6, "dropped": 1, "failed": 1, "blocked": 0, "pending": 0, "refused": 1,
    }  # fmt: skip


def test_reused_results_are_told_from_computed_ones(ledger: PostgresLedger, reports: Reports):
    run_to_qa(ledger, new_build(ledger, "demo"), "What?")
    seq = new_build(ledger, "next")
    commit(ledger, seq, "caption", 0, [reused(done("caption", FIRST)), done("caption", SECOND, CAPTIONS)])
    row = next(row for row in reports.funnel(seq) if row["stage"] == "caption")
    assert (row["computed"], row["reused"]) == (1, 1)


def test_failures_say_why_and_where(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo")
    commit(
        ledger,
        seq,
        "caption",
        0,
        [failed(FIRST, "server_error", error_class="try_again"), failed(FIRST), done("caption", SECOND, CAPTIONS)],
    )
    commit(ledger, seq, "qa_avsn", 0, [blocked(KITCHEN.clip_id)])
    caption, refused = reports.failures(seq)
    assert (caption["stage"], caption["unit_id"], caption["reason"], caption["attempts"]) == ("caption", FIRST, "reply_truncated", 2)
    assert {name: caption[name] for name in AirflowTry.model_fields} == AIRFLOW.model_dump()
    assert (refused["stage"], refused["unit_id"], refused["reason"], refused["dag_id"]) == ("register", "3", "window_empty", None)
    assert {(row["state"], row["stage"], row["reason"]) for row in reports.reasons(seq)} == {
        ("failed", "caption", "reply_truncated"),
        ("blocked", "qa_avsn", "input_missing"),
        ("failed", "register", "window_empty"),
    }


def test_retry_makes_failed_and_blocked_units_pending_and_keeps_their_attempts(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo")
    commit(ledger, seq, "caption", 0, [failed(FIRST), failed(SECOND, "other")])
    commit(ledger, seq, "mcg", 0, [failed(FIRST)])
    commit(ledger, seq, "qa_avsn", 0, [blocked(KITCHEN.clip_id)])
    assert reports.reset_failed(seq, stage="caption", reason="reply_truncated") == [
        {"stage": "caption", "shard": 0, "units": 1},
        {"stage": "qa_avsn", "shard": 0, "units": 1},
    ]
    standing = {(each.stage, each.unit_id): (each.state, each.attempts) for each in ledger.statuses(seq, 0, ["caption", "mcg", "qa_avsn"])}
    assert standing == {
        ("caption", FIRST): ("pending", 1),
        ("caption", SECOND): ("failed", 1),
        ("mcg", FIRST): ("failed", 1),
        ("qa_avsn", KITCHEN.clip_id): ("pending", 0),
    }
    reports.reset_failed(seq)
    assert [row["reason"] for row in reports.failures(seq)] == ["window_empty"]


def test_a_pair_is_traced_to_the_bytes_of_its_source(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo")
    (pair,) = run_to_qa(ledger, seq, "What?")
    reports.record_version(seq, manifest_sha256="ab" * 32, qa_ids=[pair], **VERSION)
    traced = reports.trace_qa(pair)
    assert [(hop.hop, hop.stage, hop.unit_id) for hop in traced.hops] == [
        (0, "qa_avsn", KITCHEN.clip_id),
        (1, "caption", FIRST),
        (1, "caption", SECOND),
        (2, "split", KITCHEN.clip_id),
        (3, "register", KITCHEN.clip_id),
    ]
    hop = traced.hops[1]
    assert (hop.models, hop.params, hop.prompts, hop.seconds) == (
        {"vision": "measured@1"}, {"rate": 2}, {"describe": sha256_of("describe")}, 0.25,
    )  # fmt: skip
    assert hop.part == f"caption/{seq}/0.jsonl.zst"
    assert traced.source.sha256 == KITCHEN.video.sha256
    assert [(each.video_id, each.uri, each.row_no) for each in traced.source.sightings] == [("kitchen", "kitchen.mp4", 2)]
    assert traced.versions == ("egoavu 1",)
    told = "\n".join(traced.lines())
    for word in (KITCHEN.video.sha256, "measured@1", sha256_of("describe"), "0.250 s", "kitchen.mp4"):
        assert word in told
    view = "SELECT stage, unit_id FROM qa_lineage WHERE qa_id = :qa_id ORDER BY hop NULLS LAST, unit_id"
    rows = ledger.database.transaction(lambda connection: connection.execute(text(view), {"qa_id": pair}).all())
    assert [tuple(row) for row in rows] == [
        *((hop.stage, hop.unit_id) for hop in traced.hops), ("source file", KITCHEN.video.sha256),
    ]  # fmt: skip


def test_a_segment_is_traced_in_its_newest_build(ledger: PostgresLedger, reports: Reports):
    run_to_qa(ledger, new_build(ledger, "demo"), "What?")
    seq = new_build(ledger, "next")
    commit(ledger, seq, "register", 0, [reused(done("register", "2", KITCHEN, kind="row"))])
    split_key = key_of("split", KITCHEN.clip_id, (key_of("register", "2"),))
    commit(ledger, seq, "caption", 0, [reused(done("caption", FIRST, inputs=(split_key,)))])
    commit(ledger, seq, "mcg", 0, [failed(FIRST)])
    traced = reports.trace_segment(FIRST)
    assert traced.build == "next"
    assert [(each.stage, each.state, each.attempts) for each in traced.stages] == [("caption", "done", 0), ("mcg", "failed", 1)]
    assert [hop.stage for hop in traced.hops] == ["caption", "split", "register"]
    assert any("mcg: failed (reply_truncated)" in line for line in traced.lines())
    place = reports.place_of(FIRST)
    assert place is not None
    assert (place.build, place.shard) == ("next", 0)


def test_a_video_is_found_by_its_name_and_by_its_bytes(ledger: PostgresLedger, reports: Reports):
    run_to_qa(ledger, new_build(ledger, "demo"), "What?", "Why?")
    traced = reports.trace_video("kitchen")
    assert traced.sources == reports.trace_video(KITCHEN.video.sha256).sources
    (clip,) = traced.clips
    assert (clip.clip_id, clip.segments, clip.pairs) == (KITCHEN.clip_id, (FIRST, SECOND), {"avsn": 2})
    assert any(FIRST in line for line in traced.lines())


def test_unknown_names_are_the_callers_errors(reports: Reports):
    for call, reason in (
        (lambda: reports.trace_qa("qa_none"), "pair_unknown"),
        (lambda: reports.trace_segment("none.000"), "unit_unknown"),
        (lambda: reports.trace_video("none"), "video_unknown"),
    ):
        with pytest.raises(CallerError) as caught:
            call()
        assert caught.value.reason == reason
    assert reports.place_of("qa_none") is None


def test_the_newest_build_of_a_unit_decides_its_pairs(ledger: PostgresLedger, reports: Reports):
    first = new_build(ledger, "first")
    old = run_to_qa(ledger, first, "What?", "Why?")
    commit(ledger, first, "verify", 0, [verdict(each) for each in old])
    assert [each.pair.qa_id for each in reports.accepted_pairs("egoavu", first)] == sorted(old)
    ledger.set_state(first, "succeeded")

    second = new_build(ledger, "second")
    new = run_to_qa(ledger, second, "Which mug?", "Which cup?", prompt="ask better")
    commit(ledger, second, "verify", 0, [verdict(new[0]), verdict(new[1], passes=False)])
    (accepted,) = reports.accepted_pairs("egoavu", second)
    assert accepted.pair.qa_id == new[0]
    assert accepted.pair.options == ("A red mug.", 'A "blue" cup, chipped.')
    assert (accepted.video_id, accepted.split, accepted.clip_id, accepted.video_sha256) == (
        "kitchen", "train", KITCHEN.clip_id, KITCHEN.video.sha256,
    )  # fmt: skip
    assert reports.accepted_pairs("another", second) == []


def test_a_build_of_other_clips_leaves_the_accepted_ones(ledger: PostgresLedger, reports: Reports):
    first = new_build(ledger, "first")
    (old,) = run_to_qa(ledger, first, "What?")
    commit(ledger, first, "verify", 0, [verdict(old)])
    hall = Clip(**{**KITCHEN.model_dump(), "clip_id": clip_id(KITCHEN.video.sha256, 20_000, 40_000), "start_ms": 20_000, "end_ms": 40_000})
    second = ledger.create_build(
        a_spec("second"), [shard_row(7, 0, start_ms=20_000), shard_row(5, 0, start_ms=20_000, split="test")], []
    ).seq
    commit(ledger, second, "register", 0, [done("register", row, hall, kind="row") for row in ("5", "7")])
    key = key_of("qa_avsn", hall.clip_id)
    commit(ledger, second, "qa_avsn", 0, [done("qa_avsn", hall.clip_id, pairs_of(key, hall, "avsn", "Where?"), kind="clip")])
    commit(ledger, second, "verify", 0, [verdict(qa_id(key, 0))])
    ledger.set_state(first, "succeeded")
    # The newest build names the video's split, and of its two manifest rows there the first.
    assert {each.pair.qa_id: each.split for each in reports.accepted_pairs("egoavu", second)} == {old: "test", qa_id(key, 0): "test"}


def test_equal_bytes_under_two_names_have_the_newest_name_and_its_split(ledger: PostgresLedger, reports: Reports):
    first = new_build(ledger, "first")
    (old,) = run_to_qa(ledger, first, "What?")
    commit(ledger, first, "verify", 0, [verdict(old)])
    ledger.set_state(first, "succeeded")
    part = Clip(**{**KITCHEN.model_dump(), "clip_id": clip_id(KITCHEN.video.sha256, 0, 5_000), "end_ms": 5_000})
    renamed = ledger.create_build(a_spec("second"), [shard_row(5, 0, video_id="copy", split="test")], []).seq
    commit(ledger, renamed, "register", 0, [done("register", "5", part, kind="row")])
    named = {(each.pair.qa_id, each.video_id, each.split) for each in reports.accepted_pairs("egoavu", renamed)}
    assert named == {(old, "copy", "test")}


def test_a_build_that_publishes_nothing_takes_nothing_out_of_a_version(ledger: PostgresLedger, reports: Reports):
    first = new_build(ledger, "first")
    (old,) = run_to_qa(ledger, first, "What?")
    commit(ledger, first, "verify", 0, [verdict(old)])
    ledger.set_state(first, "succeeded")
    spec = a_spec("partial")
    partial = ledger.create_build(spec.model_copy(update={"stages": ("register", "qa_avsn")}), [shard_row(5, 0)], []).seq
    run_to_qa(ledger, partial, "Which mug?", prompt="ask better")
    ledger.set_state(partial, "succeeded")
    third = new_build(ledger, "third")
    assert [each.pair.qa_id for each in reports.accepted_pairs("egoavu", third)] == [old]


def test_a_unit_that_a_newer_build_drops_loses_its_pairs(ledger: PostgresLedger, reports: Reports):
    first = new_build(ledger, "first")
    (old,) = run_to_qa(ledger, first, "What?")
    commit(ledger, first, "verify", 0, [verdict(old)])
    second = new_build(ledger, "second")
    commit(ledger, second, "qa_avsn", 0, [dropped("qa_avsn", KITCHEN.clip_id)])
    ledger.set_state(first, "succeeded")
    assert reports.accepted_pairs("egoavu", second) == []


def test_half_a_build_takes_nothing_out_of_another_ones_version(ledger: PostgresLedger, reports: Reports):
    first = new_build(ledger, "first")
    (old,) = run_to_qa(ledger, first, "What?")
    commit(ledger, first, "verify", 0, [verdict(old)])
    ledger.set_state(first, "succeeded")
    unfinished, third = new_build(ledger, "unfinished"), new_build(ledger, "third")
    run_to_qa(ledger, unfinished, "Which mug?", prompt="ask better")
    assert [each.pair.qa_id for each in reports.accepted_pairs("egoavu", third)] == [old]
    ledger.set_state(unfinished, "failed")
    assert [each.pair.qa_id for each in reports.accepted_pairs("egoavu", third)] == [old]


def test_provenance_lists_each_way_of_making_once(ledger: PostgresLedger, reports: Reports):
    (pair,) = run_to_qa(ledger, new_build(ledger, "demo"), "What?")
    made = reports.provenance([pair])
    assert [(each.stage, each.results) for each in made] == [("register", 1), ("split", 1), ("caption", 2), ("qa_avsn", 1)]
    assert made[2].prompts == {"describe": sha256_of("describe")}
    assert reports.provenance([]) == []


def test_versions_are_cumulative_and_one_is_public(ledger: PostgresLedger, reports: Reports):
    first, second, third = (new_build(ledger, name) for name in ("first", "second", "third"))
    a, b, c = run_to_qa(ledger, first, "What?", "Why?", "Where?")
    assert reports.version_of(first) is None
    assert reports.record_version(first, manifest_sha256="aa" * 32, qa_ids=[a, b], **VERSION) == 1
    assert reports.record_version(first, manifest_sha256="aa" * 32, qa_ids=[a, b], **VERSION) == 1
    reports.publish_version(first)
    assert reports.record_version(second, manifest_sha256="bb" * 32, qa_ids=[b, c], **VERSION) == 2
    latest = reports.latest_published("egoavu")
    assert latest is not None
    assert latest["number"] == 1
    reports.publish_version(second)
    assert [(row["number"], row["state"]) for row in reports.versions("egoavu")] == [(2, "published"), (1, "superseded")]
    # A build that adds nothing publishes the version that is there, and an older build's gate takes nothing back.
    assert reports.record_version(third, manifest_sha256="bb" * 32, qa_ids=[b, c], **VERSION) == 2
    reports.publish_version(third)
    reports.publish_version(first)
    assert [(row["number"], row["state"]) for row in reports.versions("egoavu")] == [(2, "published"), (1, "superseded")]
    version = reports.version_of(third)
    assert version is not None
    assert (version["number"], version["state"], version["path"]) == (2, "published", "versions/egoavu/x")
    held = ledger.database.transaction(lambda connection: connection.execute(text("SELECT number, qa_id FROM version_pairs")).all())
    assert {tuple(row) for row in held} == {(1, a), (1, b), (2, b), (2, c)}


def test_dropping_a_build_keeps_its_results(ledger: PostgresLedger, reports: Reports):
    first, second = new_build(ledger, "first"), new_build(ledger, "second")
    run_to_qa(ledger, first, "What?")
    run_to_qa(ledger, second, "What?")
    reports.drop_build(first)
    assert ledger.build("first").state == "dropped"
    assert (reports.funnel(first), reports.failures(first), ledger.rows(first, 0)) == ([], [], [])
    assert ledger.results([key_of("register", "2")])
    assert reports.funnel(second)
    left = "SELECT relname FROM pg_class WHERE relname LIKE '%\\_b' || :seq"
    assert ledger.database.transaction(lambda connection: connection.execute(text(left), {"seq": first}).all()) == []
    reports.drop_build(first)
    assert new_build(ledger, "first") > second


def test_a_build_with_a_version_or_a_worker_is_not_dropped(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo")
    lease = ledger.acquire(seq, "caption", 0, seconds=30)
    with pytest.raises(CallerError) as caught:
        reports.drop_build(seq)
    assert caught.value.reason == "build_in_use"
    ledger.release(lease)
    reports.record_version(seq, manifest_sha256="aa" * 32, qa_ids=[], **VERSION)
    with pytest.raises(CallerError) as caught:
        reports.drop_build(seq)
    assert caught.value.reason == "build_has_version"
    assert reports.funnel(seq)


def test_an_interrupted_drop_is_finished_by_the_next(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo")
    detach = f"ALTER TABLE build_unit DETACH PARTITION build_unit_b{seq}"
    ledger.database.transaction(lambda connection: connection.execute(text(detach)))
    reports.drop_build(seq)
    assert ledger.build("demo").state == "dropped"


def test_builds_are_listed_newest_first(ledger: PostgresLedger, reports: Reports):
    new_build(ledger, "first")
    ledger.set_state(new_build(ledger, "second"), "succeeded")
    newest, oldest = reports.list_builds()
    assert (newest["name"], newest["state"], newest["units"], newest["failed"]) == ("second", "succeeded", 2, 1)
    assert newest["finished_at"].endswith("Z")
    assert (oldest["name"], oldest["finished_at"]) == ("first", None)


def test_known_paths_are_parts_and_files_that_results_point_to(ledger: PostgresLedger, reports: Reports):
    seq = new_build(ledger, "demo")
    commit(ledger, seq, "caption", 0, [done("caption", FIRST, CAPTIONS)])
    assert reports.known_paths() == {f"caption/{seq}/0.jsonl.zst"}
