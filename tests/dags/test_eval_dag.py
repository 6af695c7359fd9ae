"""The DAGs of evaluations: their shape, and the command lines that their forms make."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import small_benchmark
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

from egoetl.benchmarks import index
from egoetl.core.errors import ConfigError
from egoetl.recipes.evaluation import evaluation_recipe
from egoetl_airflow.eval_dag import eval_dag, suite_dag
from egoetl_airflow.eval_params import eval_arguments, eval_params, suite_params, suite_runs
from egoetl_airflow.role_tasks import role_tasks

RECIPE = evaluation_recipe(small_benchmark.SMALL)


@pytest.fixture(scope="module")
def small() -> DAG:
    return eval_dag(RECIPE)


def answered(form: dict[str, object], **answers: object) -> dict[str, object]:
    """A form with these answers, as a task sees it."""
    return {**{name: each.value for name, each in form.items()}, **answers}


def test_an_evaluation_has_a_task_a_stage_and_ends_with_its_score(small: DAG) -> None:
    assert {task.task_id for task in small.tasks} == {
        "plan", "shard.register", "shard.look", "shard.questions", "shard.predict", "shard.judge", "score",
    }  # fmt: skip
    upstream = {task.task_id: task.upstream_task_ids - {"plan"} for task in small.tasks}
    assert upstream["shard.look"] == upstream["shard.questions"] == {"shard.register"}
    assert upstream["shard.predict"] == {"shard.look", "shard.questions"}
    assert upstream["shard.judge"] == {"shard.predict"}
    assert [task.task_id for task in small.leaves] == ["score"]
    pools = {task.task_id: task.pool for task in small.tasks}
    assert (pools["shard.look"], pools["shard.predict"], pools["shard.judge"]) == ("egoetl_decode", "egoetl_model", "egoetl_model")


def test_a_model_that_is_served_by_the_task_takes_its_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "models.toml"
    file.write_text('[roles]\nmodel = "qwen2.5-omni-7b"\n')
    monkeypatch.setenv("EGOETL_MODELS", str(file))
    assert {each.name: each.gpus for each in role_tasks(RECIPE)} == {
        "register": None, "look": None, "questions": None, "predict": 1, "judge": None,
    }  # fmt: skip
    file.write_text('[roles]\nmodel = "qwen2.5-omni-7b"\njudge = "qwen2.5-omni-7b"\n')
    assert [(each.name, each.gpus) for each in role_tasks(RECIPE)][-1] == ("predict_to_judge", 1)


def test_the_built_in_judge_asks_for_no_gpus_where_nobody_has_named_it() -> None:
    assert {each.gpus for each in role_tasks(RECIPE)} == {None}


def test_a_form_becomes_one_command_line() -> None:
    form = answered(
        eval_params(RECIPE), data="s3://b/d", videos="/v", model="m", judge="default", limit=3, trained_on="egoavu@2", clips_per_shard=5,
        settings=["predict.max_frames=8"],
    )  # fmt: skip
    assert " ".join(eval_arguments("egotempo", "run-1", form)) == (
        "eval plan egotempo --name run-1 --data s3://b/d --videos /v --model m --judge default --limit 3 --trained-on egoavu@2"
        " --set clips_per_shard=5 --set predict.max_frames=8 --json"
    )
    with pytest.raises(ConfigError, match="no data"):
        eval_arguments("egotempo", "run-1", answered(eval_params(RECIPE)))


def test_a_suite_starts_a_run_of_each_benchmark_that_is_chosen() -> None:
    form = answered(suite_params(["a", "b", "c"]), benchmarks=["a", "c"], data="/data/", model="m")
    runs = suite_runs("manual__1", form)
    assert [(each["trigger_dag_id"], each["conf"]["data"], each["conf"]["videos"], each["conf"]["model"]) for each in runs] == [
        ("eval_a", "/data/a", None, "m"),
        ("eval_c", "/data/c", None, "m"),
    ]
    assert {each["trigger_run_id"] for each in runs} == {"suite__manual__1"}
    with pytest.raises(ConfigError, match="no data"):
        suite_runs("manual__1", answered(suite_params(["a"])))


def test_the_suite_waits_for_the_benchmarks_that_its_form_offers() -> None:
    suite = suite_dag(index.names())
    evaluate = suite.get_task("evaluate")
    assert evaluate.upstream_task_ids == {"plan"}
    form = answered(suite_params(index.names()), data="/data", benchmarks=["egotempo"])
    one = evaluate.unmap(suite_runs("manual__1", form)[0])
    assert (one.trigger_dag_id, one.trigger_run_id, one.wait_for_completion, one.reset_dag_run) == (
        "eval_egotempo", "suite__manual__1", True, True,
    )  # fmt: skip
    assert one.conf["data"] == "/data/egotempo"
    assert suite.params.get_param("benchmarks").value == list(index.names())


# Plans one shard, writes every call down, and fails where FAIL says so.
PROGRAM = """
import json, os, pathlib, sys
arguments = sys.argv[1:]
with pathlib.Path(os.environ["CALLS"]).open("a") as calls:
    calls.write(json.dumps(arguments) + "\\n")
if arguments[-1] == os.environ["FAIL"]:
    print("Coverage 0.5 is below the floor 1.", file=sys.stderr)
    sys.exit(65)
if arguments[1] == "plan":
    print(json.dumps({"build": "x", "shards": [{"shard": 0, "label": "shard 000 (2 clips)"}]}))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("fail", "state"), [("", "success"), ("score", "failed")])
def test_a_run_plans_works_its_shards_and_scores(
    airflow_database: None, fake_egoetl: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fail: str, state: str
) -> None:
    calls = tmp_path / "calls.jsonl"
    for name, value in {"CALLS": calls, "FAIL": fail}.items():
        monkeypatch.setenv(name, str(value))
    fake_egoetl(PROGRAM)
    dag = DagBag(dag_folder=Path(__file__).parent / "small").dags["eval_egotempo"]
    ended = dag.test(run_conf={"data": "/data", "model": "m"})
    assert str(ended.state) == state
    asked = [json.loads(line) for line in calls.read_text().splitlines()]
    name = asked[0][asked[0].index("--name") + 1]
    assert name.startswith("eval_egotempo-")
    assert asked[-1] == ["stage", "run", "--build", name, "--stages", "score"]
    assert {call[5] for call in asked[1:-1]} == {"register", "look", "questions", "predict", "judge"}
