"""A process is known to be gone only from its own machine."""

import subprocess
import sys

from egoetl.core.ledger import AirflowTry
from egoetl.lineage.process import Process, application_name, this_process


def test_a_living_process_is_not_gone():
    assert not this_process().is_gone()


def test_a_later_process_of_the_same_number_is_another_one():
    me = this_process()
    assert me.model_copy(update={"pid_started": me.pid_started - 1}).is_gone()


def test_of_another_machine_or_container_nothing_is_known():
    me = this_process()
    assert not me.model_copy(update={"machine": "another boot/4026531836", "pid_started": 0}).is_gone()


def test_a_process_that_ended_is_gone_before_anybody_collects_it():
    tell = "from egoetl.lineage.process import this_process; print(this_process().model_dump_json(), flush=True)"
    child = subprocess.Popen([sys.executable, "-c", tell], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    process = Process.model_validate_json(child.stdout.readline())
    child.stdout.read()
    child.stdout.close()
    assert process.pid == child.pid
    while not process.is_gone():
        assert child.returncode is None
    child.wait()


def test_the_connection_is_named_after_the_airflow_task():
    where = AirflowTry(dag_id="build_egoavu", run_id="r", task_id="caption", map_index=1, try_number=2)
    assert application_name(where) == "egoetl build_egoavu/r/caption"
    assert application_name(None).startswith("egoetl ")
