"""A DAG file is read every half minute: it loads neither what works on video nor what talks to databases."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
HEAVY = {"numpy", "scipy", "cv2", "av", "torch", "boto3", "psycopg2", "alembic", "pyarrow"}
WITHOUT_RECIPE = {"eval_suite", "maintain_ledger", "reap_pods"}
ADAPTERS = {"media", "engines", "storage", "lineage", "runner", "cli", "local", "footage", "testing"}


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted((REPOSITORY / "dags").glob("*.py")), ids=lambda file: file.stem)
def test_a_dag_file_imports_recipes_and_nothing_that_does_the_work(file: Path) -> None:
    program = (
        "import json, runpy, sys\nimport airflow.sdk\nbefore = set(sys.modules)\n"
        f"runpy.run_path({str(file)!r})\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert not HEAVY & {name.partition(".")[0] for name in loaded}
    assert not {f"egoetl.{name}" for name in ADAPTERS} & set(loaded)
    assert file.stem in WITHOUT_RECIPE or "egoetl.recipes.index" in loaded
