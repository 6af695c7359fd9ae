"""Which pool a task waits in. The pools themselves are in a file of the format of `airflow pools import`."""

from pathlib import Path

from egoetl_airflow.role_tasks import RoleTask

FILE = Path(__file__).with_name("pools.json")
DEFAULT_POOL = "default_pool"
DECODE_POOL = "egoetl_decode"
MODEL_POOL = "egoetl_model"
SERVER_POOL = "egoetl_server"


def pool_of(task: RoleTask) -> str:
    """The pool whose slots bound how many shards are in this task at once."""
    if task.gpus is not None:
        return SERVER_POOL
    if task.stages[0].roles:
        return MODEL_POOL
    return DECODE_POOL if task.stages[0].decodes else DEFAULT_POOL
