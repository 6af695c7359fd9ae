"""A task of a build that has nothing to compute starts light: a build has dozens of them."""

import json
import os
import subprocess
import sys

from egoetl.testing.installation import Installation

HEAVY = {"alembic", "av", "boto3", "cv2", "jinja2", "numpy", "psutil", "pyarrow", "rich", "scipy", "simplejpeg"}
RUN = """
import atexit, json, sys
from egoetl.cli.main import main
atexit.register(lambda: print(json.dumps(sorted(set(sys.modules)))))
main()
"""


def modules_of(installation: Installation, *arguments: str) -> set[str]:
    """What `egoetl ...` has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments], env={**os.environ, **installation.environment}, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_stage_without_units_loads_neither_perception_nor_templates_nor_bars(tiny: Installation) -> None:
    tiny.run("build", "plan", *tiny.order("night"))
    loaded = modules_of(tiny, "stage", "run", "--build", "night", "--stages", "caption", "--shard", "0")
    assert "sqlalchemy" in loaded
    assert not HEAVY & loaded
