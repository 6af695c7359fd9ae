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
    assert application_name(where) == "egoetl build_egoavu/r/caption[1]#2"
    assert application_name(where.model_copy(update={"task_id": "plan", "map_index": -1})) == "egoetl build_egoavu/r/plan#2"
    assert application_name(None).startswith("egoetl ")


def test_a_long_name_is_cut_where_it_says_least():
    night = AirflowTry(
        dag_id="build_egoavu", run_id="scheduled__2026-01-19T00:00:00+00:00", task_id="shard.caption", map_index=12, try_number=1
    )
    assert application_name(night) == "egoetl build_egoavu/ed__2026-01-19T00:00:00+00:00/caption[12]#1"
    long = night.model_copy(update={"dag_id": "d" * 200, "run_id": "r" * 150 + "é1", "task_id": "shard." + "t" * 200, "map_index": 1023})
    assert application_name(long) == f"egoetl {'d' * 17}~/rr?1/{'t' * 23}~[1023]#1"
    assert len(application_name(long).encode()) == 63
