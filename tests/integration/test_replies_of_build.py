"""Raw replies of builds: kept with bad ones, found in one command, reconciled with attempts, and gone with what they speak of."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from zstandard import ZstdDecompressor

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.ledger import Build
from egoetl.core.ports import Engine
from egoetl.core.recipe import Recipe
from egoetl.core.settings import Settings
from egoetl.lineage.postgres_ledger import PostgresLedger
from egoetl.runner.build import run_build
from egoetl.runner.collect import collect_garbage
from egoetl.runner.plan import Order, plan_build
from egoetl.runner.purging import purge_video, survey_video
from egoetl.runner.shard import run_stage, silent
from egoetl.runner.tools import Tools
from egoetl.testing.installation import Installation
from egoetl.testing.scripted import ScriptedEngine, Spoil, saying, with_status

pytestmark = pytest.mark.slow
Script = Mapping[tuple[str, str], tuple[Spoil, ...]]
OTHER = "another/model"


class ScriptedTools(Tools):
    """The adapters of an installation, with a scripted model in every role."""

    def __init__(self, installation: Installation, script: Script | None = None) -> None:
        url, store = SecretStr(installation.database_url), installation.store.as_uri()
        super().__init__(Settings(database_url=url, store_url=store, commit_seconds=0.05, concurrency=2))
        self.engine = ScriptedEngine(script or {})

    def engines(self, recipe: Recipe) -> Mapping[str, Engine]:
        return dict.fromkeys(recipe.roles, self.engine)


@pytest.fixture
def tools_of(tiny: Installation) -> Iterator[Callable[..., ScriptedTools]]:
    opened: list[ScriptedTools] = []

    def make(script: Script | None = None) -> ScriptedTools:
        opened.append(ScriptedTools(tiny, script))
        return opened[-1]

    yield make
    for tools in opened:
        tools.ledger.close()


def plan(tools: Tools, tiny: Installation, name: str, last: str | None = None, **settings: str) -> Build:
    wanted = {"floor": "0", **settings}
    order = Order(recipe="egoavu", manifest=tiny.footage.manifest, videos=tiny.footage.folder, name=name, settings=wanted, last_stage=last)
    return plan_build(tools, order)


def run(tools: Tools, tiny: Installation, name: str, last: str | None = None) -> Build:
    build = plan(tools, tiny, name, last)
    asyncio.run(run_build(tools, build, silent))
    return build


def prefix(tiny: Installation, video: str) -> str:
    """What the ids of a video's clips and segments begin with."""
    return sha256_of_file(tiny.footage.folder / f"{video}.mp4")[:16]


def texts(tiny: Installation, folder: str) -> str:
    """All bytes below a folder of the store, unpacked, as one text."""
    files = [file for file in sorted((tiny.store / folder).rglob("*")) if file.is_file()]
    return "\n".join(
        (ZstdDecompressor().decompress(file.read_bytes()) if file.suffix == ".zst" else file.read_bytes()).decode("utf-8", "replace")
        for file in files
    )


@pytest.fixture
def script(tiny: Installation) -> Script:
    """What goes wrong: each kind of bad reply once."""
    attic, cellar = prefix(tiny, "attic"), prefix(tiny, "cellar")
    return {
        ("mcg", f"{attic}_0_11000.0_"): (saying('PLANTED ```json\n{"sounds": []}```'),),
        ("mcg", f"{attic}_0_11000.10000_"): (with_status("refused", "PLANTED: I will not look at this."),),
        ("caption.sound_description", cellar): (with_status("truncated", '{"description": "PLANTED', finish_reason="length"),),
        ("caption.video_description", cellar): (saying("  \n"),),
        ("av_narration", cellar): (with_status("server_error", prompt_tokens=None, completion_tokens=None),),
        ("qa.ssa", cellar): (with_status("other_model", '{"PLANTED": 1}', model=OTHER),) * 2,
    }


def test_a_build_goes_on_past_bad_replies_and_keeps_every_one(
    tools_of: Callable[..., ScriptedTools], tiny: Installation, script: Script, on_tiny: Any
) -> None:
    tools = tools_of(script)
    build = run(tools, tiny, "first")
    attic = prefix(tiny, "attic")
    failures = {(row["stage"], row["reason"]): row for row in tools.reports.failures(build.seq)}
    assert set(failures) == {("mcg", "reply_refused"), ("qa_ssa", "reply_other_model")}
    assert failures["qa_ssa", "reply_other_model"]["error_class"] == "config"
    kept = tiny.rows(
        "SELECT stage, task, attempt, turn, status::text FROM reply_history WHERE status <> 'ok' OR turn > 0 OR attempt > 1 "
        "ORDER BY stage, task, attempt, turn"
    )
    assert kept == [
        ("av_narration", "av_narration", 1, 0, "server_error"),
        ("av_narration", "av_narration", 2, 0, "ok"),
        ("caption", "caption.sound_description", 1, 0, "truncated"),
        ("caption", "caption.sound_description", 1, 1, "ok"),
        ("caption", "caption.video_description", 1, 0, "empty"),
        ("caption", "caption.video_description", 1, 1, "ok"),
        ("mcg", "mcg", 1, 0, "off_schema"),
        ("mcg", "mcg", 1, 0, "refused"),
        ("mcg", "mcg", 1, 1, "repaired"),
        ("qa_ssa", "qa.ssa", 1, 0, "other_model"),
        ("qa_ssa", "qa.ssa", 1, 1, "other_model"),
    ]
    # Attempts and replies tell the same story, and every row of a part is pointed to once.
    differ = """
        SELECT stage, unit_id, number, max(requests), count(reply.ordinal), max(attempt.prompt_tokens), sum(reply.prompt_tokens)
        FROM attempt LEFT JOIN reply USING (build_seq, stage, shard, unit_id, number) GROUP BY stage, unit_id, number
        HAVING max(requests) <> count(reply.ordinal) OR max(attempt.prompt_tokens) IS DISTINCT FROM sum(reply.prompt_tokens)
    """
    assert tiny.rows(differ) == []
    pointed = "SELECT count(*), count(DISTINCT (reply_part_id, part_row)), (SELECT sum(rows) FROM reply_part) FROM reply"
    ((replies, rows, in_parts),) = tiny.rows(pointed)
    assert replies == rows == in_parts > 20

    # Whoever is on duty finds the words in one command.
    shown = on_tiny("replies", "first").out
    assert "reply| PLANTED ```json" in shown
    assert "not strict JSON" in shown
    assert "PLANTED: I will not look at this." in shown
    assert "planted other_model" in shown
    refused = on_tiny("replies", "first", "--status", "refused", "--json").report
    assert (refused["found"], refused["statuses"]["refused"]) == (1, 1)
    assert refused["replies"][0]["exchange"]["text"] == "PLANTED: I will not look at this."
    unit = failures["mcg", "reply_refused"]["unit_id"]
    assert f"egoetl replies first --unit {unit}" in on_tiny("build", "failed", "first").out
    traced = on_tiny("trace", "segment", f"{attic}_0_11000.0_10000").out
    assert "mcg asked of scripted@1: off_schema, repaired" in traced
    assert f"egoetl replies first --unit {attic}_0_11000.0_10000" in traced
    assert "No such reply" in on_tiny("replies", "first", "--unit", "nobody").out

    # What is published, and every result, has nothing of it.
    results = "\n".join(texts(tiny, folder.name) for folder in tiny.store.iterdir() if folder.name != "replies")
    assert "PLANTED" not in results
    assert texts(tiny, "replies").count("PLANTED") == 5

    assert on_tiny("store", "gc", "--older-than-hours", "0", "--json").report["orphans"] == []


def test_lost_words_are_found_and_forgotten_and_those_of_a_dropped_build_are_garbage(
    tools_of: Callable[..., ScriptedTools], tiny: Installation, on_tiny: Any
) -> None:
    tools = tools_of({("caption.sound_description", prefix(tiny, "cellar")): (saying("PLANTED"),)})
    build = run(tools, tiny, "first", "caption")
    other = run(tools_of(), tiny, "second", "caption")
    assert tiny.rows("SELECT DISTINCT build_seq FROM reply") == [(build.seq,)], "a reused result asks for nothing"
    ((path,),) = tiny.rows("SELECT DISTINCT part FROM reply_history WHERE status = 'off_schema'")
    (tiny.store / path).unlink()
    lost = on_tiny("store", "check", "--json")
    assert (lost.code, [each["path"] for each in lost.report["lost"]]) == (65, [path])
    assert "withdrawn with their video, or are lost" in on_tiny("replies", "first").out
    repaired = on_tiny("store", "check", "--repair", "--json").report
    assert repaired["builds"] == [], "no unit is made again for the words of a reply"
    assert on_tiny("store", "check").code == 0
    assert tiny.rows("SELECT count(*) FROM reply WHERE status = 'off_schema' AND reply_part_id IS NULL") == [(1,)]
    left = {path for (path,) in tiny.rows("SELECT path FROM reply_part")}
    assert left
    assert collect_garbage(tools, older_than_seconds=0, delete=True).orphans == ()
    for name in (build, other):
        assert on_tiny("build", "drop", name.spec.name).code == 0
    assert set(collect_garbage(tools, older_than_seconds=0, delete=True).orphans) == left
    assert list(tools.store.paths("replies")) == []
    assert tiny.rows("SELECT (SELECT count(*) FROM reply) + (SELECT count(*) FROM reply_part)") == [(0,)]


def test_a_crash_before_the_transaction_leaves_an_orphan_that_gc_finds(tools_of: Callable[..., ScriptedTools], tiny: Installation) -> None:
    class KilledError(BaseException):
        """What a kill is to the code that it hits."""

    class Dying(PostgresLedger):
        def commit(self, lease: Any, outcomes: Any, *more: Any) -> None:
            if any(each.exchanges for each in outcomes):
                raise KilledError
            super().commit(lease, outcomes, *more)

    tools = tools_of()
    build = plan(tools, tiny, "first", "caption")
    dying = tools_of()
    dying.__dict__["ledger"] = Dying(tools.ledger.database, None)  # pyright: ignore[reportAttributeAccessIssue] - PostgreSQL's
    with pytest.raises((KilledError, BaseExceptionGroup)):
        asyncio.run(run_build(dying, build, silent))
    assert tiny.rows("SELECT count(*) FROM reply") == [(0,)]
    orphans = collect_garbage(tools, older_than_seconds=0, delete=True).orphans
    assert [path.split("/")[0] for path in orphans] == ["captions", "replies"]
    asyncio.run(run_build(tools, build, silent))
    assert tiny.rows("SELECT count(*), count(DISTINCT (unit_id, task)) FROM reply") == [(9, 9)]


def test_a_purged_video_takes_what_was_said_of_it_along(tools_of: Callable[..., ScriptedTools], tiny: Installation, on_tiny: Any) -> None:
    attic, cellar = prefix(tiny, "attic"), prefix(tiny, "cellar")
    script = {("caption.sound_description", video): (saying(f"PLANTED {video}"),) for video in (attic, cellar)}
    tools = tools_of(script)
    run(tools, tiny, "first", "caption")
    before = tools.reports.reply_statuses(1)
    survey = survey_video(tools, "attic")
    assert survey.counts["replies"] == 7
    purged = purge_video(tools, "attic", "the wearer asked for it")
    assert (purged.done, purged.counts["replies"]) == (True, 7)
    said = texts(tiny, "replies")
    assert f"PLANTED {cellar}" in said
    assert attic not in said
    rows = "\n".join(row for (row,) in tiny.rows("SELECT reply::text FROM reply UNION ALL SELECT reply_part::text FROM reply_part"))
    assert attic not in rows
    assert tools.reports.reply_statuses(1) == before, "the build still knows how its model did"
    shown = on_tiny("replies", "first", "--json").report["replies"]
    assert {each["exchange"]["text"] if each["exchange"] else None for each in shown} >= {None, f"PLANTED {cellar}"}
    assert on_tiny("store", "check").code == 0
    assert on_tiny("store", "gc", "--older-than-hours", "0", "--json").report["orphans"] == []


def test_two_workers_lose_and_double_nothing(tools_of: Callable[..., ScriptedTools], tiny: Installation) -> None:
    tools = tools_of()
    build = plan(tools, tiny, "first", "mcg", clips_per_shard="1")
    assert len(build.shards) == 2
    tools.ledger.set_state(build.seq, "running")
    workers = {shard: tools_of() for shard in build.shards}

    def work(shard: int) -> None:
        for stage in build.spec.stages:
            if stage not in ("publish", "gate"):
                asyncio.run(run_stage(workers[shard], build, stage, shard, silent))

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, build.shards))
    questions, rows = "count(DISTINCT (stage, unit_id, task))", "count(DISTINCT (reply_part_id, part_row))"
    asked = f"SELECT shard, count(*), {questions}, {rows} FROM reply GROUP BY shard"
    counted = sorted(tiny.rows(asked))
    assert [row[1:] for row in counted] == [(each, each, each) for each in (row[1] for row in counted)]
    assert sum(row[1] for row in counted) == 12
    assert {path.name for path in (tiny.store / "replies").rglob("*.zst")} == {
        Path(path).name for (path,) in tiny.rows("SELECT path FROM reply_part")
    }
