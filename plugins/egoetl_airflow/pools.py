"""Which pool a stage's tasks wait in. The pools themselves are in a file of the format of `airflow pools import`."""

from pathlib import Path

from egoetl.core.stage import Stage

FILE = Path(__file__).with_name("pools.json")
DEFAULT_POOL = "default_pool"
DECODE_POOL = "egoetl_decode"
MODEL_POOL = "egoetl_model"


def pool_of(stage: Stage) -> str:
    """The pool whose slots bound how many shards are in this stage at once."""
    if stage.roles:
        return MODEL_POOL
    return DECODE_POOL if stage.decodes else DEFAULT_POOL
