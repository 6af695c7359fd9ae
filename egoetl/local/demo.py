"""The demo: sample footage, the installation, and one run of DAG `build_egoavu` from trigger to end."""

import shlex
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from egoetl.core.errors import CallerError
from egoetl.core.model_file import MEASURED
from egoetl.core.recipe import REPLAY
from egoetl.core.settings import Settings
from egoetl.engines.replay.recording import SAMPLE
from egoetl.local.airflow_api import AirflowApi
from egoetl.local.installation import Installation
from egoetl.local.progress import Steps
from egoetl.recipes.index import load
from egoetl.runner.tools import Tools

if TYPE_CHECKING:
    from egoetl.footage.score import Comparison

RECIPE = "egoavu"
DAG = f"build_{RECIPE}"
PREFIX = "demo-"
CLIPS_PER_SHARD = 5
"""Two shards of about the same size."""
OVER = ("success", "failed")
QUERIES = {
    "What became of the units of each stage?": "SELECT stage, total, done, dropped, failed, blocked, computed, reused "
    "FROM lineage.build_progress WHERE build = {build} ORDER BY position",
    "How many pairs has each task, and in how many clips?": "SELECT task, count(*) AS pairs, count(DISTINCT clip_id) AS clips "
    "FROM lineage.build_pairs WHERE build = {build} GROUP BY task ORDER BY task",
    "From which results, by which models and from which source file was one pair made?": "SELECT hop, stage, unit_id, models, "
    "round(seconds::numeric, 3) AS seconds FROM lineage.qa_lineage "
    "WHERE qa_id = (SELECT min(qa_id) FROM lineage.build_pairs WHERE build = {build}) ORDER BY hop NULLS LAST, unit_id",
}
Look = Callable[[list[dict[str, Any]]], None]
"""Shown the counts of each stage, again and again."""


class Demo:
    """Runs of the demo in an installation, with one engine: `replay` plays a build of footage back that ships with egoetl."""

    def __init__(self, installation: Installation, engine: str = MEASURED) -> None:
        self.installation = installation
        self.engine = engine
        self.folder = SAMPLE if engine == REPLAY else installation.footage

    @cached_property
    def api(self) -> AirflowApi:
        """Airflow, once it is up."""
        return self.installation.airflow.api()

    @cached_property
    def tools(self) -> Tools:
        """The adapters of the installation, once it is up."""
        settings = self.installation.settings()
        database = SecretStr(settings["EGOETL_DATABASE_URL"])
        return Tools(Settings(database_url=database, store_url=settings["EGOETL_STORE_URL"], home=self.installation.home.root))

    @cached_property
    def stages(self) -> list[str]:
        """Names of the recipe's stages, in order, without those that are off."""
        recipe = load(RECIPE)
        return [stage.name for stage in recipe.stages if not recipe.params_of(stage).off]

    def prepare(self, steps: Steps) -> None:
        """Make the footage, unless it ships with the recording, bring the installation up, and wait until Airflow can run the DAG."""
        from egoetl.footage.maker import make

        if self.folder != SAMPLE:
            with steps.counted("Sample footage") as tell:
                make(self.folder, tell)
        airflow = self.installation.airflow
        was_up = airflow.is_up()
        self.installation.up(steps)
        with steps.step(f"DAG {DAG}"):
            airflow.wait_for_dag(DAG)
            self.api.unpause(DAG)
        if not was_up:
            self._give_up_stale_runs()

    def trigger(self, limit: int | None) -> str:
        """Start a run, or return the one that an interrupted demo has left running. Returns the run's id."""
        if running := self._running():
            return running[-1]
        footage = {"manifest": str(self.folder / "manifest.csv"), "videos": str(self.folder)}
        conf = {**footage, "engine": self.engine, "limit": limit, "clips_per_shard": CLIPS_PER_SHARD}
        return self.api.trigger(DAG, conf, run_id=PREFIX + datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))

    def follow(self, run_id: str, look: Look, *, pause: float = 1.0) -> str:
        """Watch a run until it is over; returns its state."""
        while (state := str(self.api.run(DAG, run_id)["state"])) not in OVER:
            if (seq := self._build_seq(run_id)) is not None:
                look(self.tools.reports.funnel(seq))
            time.sleep(pause)
        return state

    def build_of(self, run_id: str) -> str:
        """The name of a run's build."""
        return f"{RECIPE}-{run_id}"

    def is_planned(self, run_id: str) -> bool:
        """Whether a run has come as far as having a build."""
        return self._build_seq(run_id) is not None

    def comparison(self, build: str) -> "Comparison":
        """What the build found in the videos, against the truth about them and against shuffled truth."""
        from egoetl.footage.score import compare
        from egoetl.footage.truth import FootageTruth
        from egoetl.runner.said import facts_said

        truth = FootageTruth.model_validate_json((self.folder / "truth.json").read_bytes())
        return compare(truth, facts_said(self.tools, build))

    def order_types(self, build: str) -> dict[str, Counter[str]]:
        """By what tr_before_after asks about, how many of the dataset's pairs ask what came before, and what after."""
        known = self.tools.ledger.build(build)
        types: dict[str, Counter[str]] = {}
        for each in self.tools.reports.accepted_pairs(known.spec.dataset, known.seq):
            if each.pair.task == "tr_before_after" and each.pair.variant:
                kind, _, relation = each.pair.variant.partition(" ")
                types.setdefault(kind, Counter())[relation] += 1
        return dict(sorted(types.items()))

    def queries(self, build: str) -> list[tuple[str, str]]:
        """Questions to the lineage database, each with a command line that answers it when pasted."""
        psql = self.installation.home.root / "psql"
        if psql.is_relative_to(Path.cwd()):
            psql = psql.relative_to(Path.cwd())
        return [(question, f'{shlex.quote(str(psql))} -c "{sql.format(build=repr(build))}"') for question, sql in QUERIES.items()]

    def _running(self) -> list[str]:
        return [run for run in self.api.running(DAG) if run.startswith(PREFIX)]

    def _give_up_stale_runs(self) -> None:
        """Fail runs whose tasks ended with the Airflow that they ran in; a new run takes over what they committed."""
        for run in self._running():
            self.api.fail(DAG, run)

    def _build_seq(self, run_id: str) -> int | None:
        try:
            return self.tools.ledger.build(self.build_of(run_id)).seq
        except CallerError:
            return None
