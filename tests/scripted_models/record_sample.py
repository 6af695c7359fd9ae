"""Record the build that ships with egoetl: `PYTHONPATH=tests .venv/bin/python -m scripted_models.record_sample`.

To be run whenever a prompt, a reply's schema or a stage's version has changed: the recorded requests are others then. The footage is
made once and kept: its bytes begin every content key, and another machine may render them otherwise.
"""

import tempfile
from pathlib import Path

from egoetl.engines.replay.recording import SAMPLE, SAMPLE_RECORDING
from egoetl.footage.maker import make
from egoetl.footage.reel.index import REEL
from egoetl.lineage.migrate import upgrade
from egoetl.local.home import Home
from egoetl.local.postgres import Postgres
from egoetl.testing.installation import Footage, Installation
from scripted_models.endpoint import models_file, scripted_endpoint
from scripted_models.footage import Reel
from scripted_models.writer import Writer

VIDEOS = 2


def main() -> None:
    """Make what is missing of the footage, build it with scripted models, and record that."""
    SAMPLE.mkdir(exist_ok=True)
    make(SAMPLE, lambda *_: None, tuple(sorted(REEL, key=lambda script: script.duration_ms)[:VIDEOS]))
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Home.at(Path(folder) / "home"))
        server.start()
        try:
            server.create_database("sample")
            upgrade(server.url("sample"))
            print(record(Installation(server.url("sample"), Path(folder) / "store", Footage(SAMPLE)), SAMPLE_RECORDING))
        finally:
            server.remove()


def record(installation: Installation, out: Path) -> str:
    """Build the installation's footage with scripted models, as build `sample`, and record that."""
    with scripted_endpoint(Writer(Reel(SAMPLE))) as models:
        installation.extra["EGOETL_MODELS"] = str(models_file(installation.store.parent, models))
        report = installation.json("build", "run", *installation.order("sample"))
        assert report["failures"] == [], report["failures"]
        return installation.run("build", "record", "sample", "--out", str(out)).stdout


if __name__ == "__main__":
    main()
