"""Which pool a stage's tasks wait in. The pools themselves are in pools.json, in the format of `airflow pools import`."""

from egoetl.core.stage import Stage

DEFAULT_POOL = "default_pool"
DECODE_POOL = "egoetl_decode"
MODEL_POOL = "egoetl_model"


def pool_of(stage: Stage) -> str:
    """The pool whose slots bound how many shards are in this stage at once."""
    if stage.roles:
        return MODEL_POOL
    return DECODE_POOL if stage.decodes else DEFAULT_POOL
