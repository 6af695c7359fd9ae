"""A build that Airflow runs is cancelled from a terminal: its tasks end, and none is tried again."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from egoetl.testing.installation import Installation

RUN = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from egoetl_airflow.dag_bundle import dags_folder
ended = DagBag(dag_folder=dags_folder()).dags["build_egoavu"].test(run_conf=json.loads(sys.argv[1]))
tasks = [[each.task_id, str(each.state), each.try_number] for each in ended.get_task_instances()]
print("\\n" + json.dumps({"state": str(ended.state), "tasks": tasks}))
"""


@pytest.mark.slow
def test_the_tasks_of_a_cancelled_build_end_and_are_not_tried_again(
    airflow_database: None, tiny: Installation, patiently: Callable[..., None]
) -> None:
    bundle = [{"name": "egoetl", "classpath": "egoetl_airflow.dag_bundle.EgoetlDagBundle", "kwargs": {}}]
    environment = {
        **tiny.environment,
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps(bundle),
        "PYTHONPATH": str(Path(__file__).parents[2] / "plugins"),
        "AIRFLOW_HOME": os.environ["AIRFLOW_HOME"],
    }
    form = {"manifest": str(tiny.footage.manifest), "videos": str(tiny.footage.folder)}
    command = [sys.executable, "-c", RUN, json.dumps(form)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as airflow:
        patiently(lambda: tiny.rows("SELECT 1 FROM build_unit WHERE stage = 'split' AND state = 'done'"), seconds=300)
        ((name,),) = tiny.rows("SELECT name FROM build")
        assert tiny.json("build", "cancel", name)["pending"] >= 0
        out, _ = airflow.communicate(timeout=300)
    run = json.loads(out.strip().splitlines()[-1])
    assert run["state"] == "failed"
    states = {task: state for task, state, _ in run["tasks"]}
    assert (states["plan"], states["shard.split"]) == ("success", "success")
    stopped = {task: tries for task, state, tries in run["tasks"] if state == "failed"}
    assert stopped
    assert set(stopped.values()) == {1}
    assert states["gate"] == states["publish"] == "upstream_failed"
    assert tiny.json("build", "show", name)["state"] == "cancelled"
    assert tiny.json("build", "retry", name)["version_state"] == "published"
