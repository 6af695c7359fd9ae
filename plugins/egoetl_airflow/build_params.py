"""The form of a build's DAG, and the `egoetl build plan` command line that an answered form makes."""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from egoetl.core.errors import ConfigError
from egoetl.core.recipe import ENGINES, Recipe

MANIFEST_VARIABLE = "EGOETL_MANIFEST"
VIDEOS_VARIABLE = "EGOETL_VIDEOS"
# One DAG announces one dataset, so the dataset is the one recipe setting that its form leaves alone.
SETTING_PATTERN = r"^(?!dataset=)[a-z][A-Za-z0-9_.]*=.+$"


def build_params(recipe: Recipe) -> dict[str, Param]:
    """The fields of the form. Every field has a default, so that a scheduled night needs no answers."""
    return {
        "manifest": Param(
            None,
            type=["null", "string"],
            title="Manifest",
            description=f"CSV file that lists the clips: id, start_time, end_time, split. Empty: the file that {MANIFEST_VARIABLE} names.",
        ),
        "videos": Param(
            None,
            type=["null", "string"],
            title="Videos",
            description=f"Folder that holds the videos. Empty: the folder that {VIDEOS_VARIABLE} names.",
        ),
        "engine": Param(
            "measured",
            type="string",
            enum=list(ENGINES),
            title="Engine",
            description="Who answers for every model role. `measured` needs no model: it says what it measures on pixels and sound.",
        ),
        "limit": Param(
            None, type=["null", "integer"], minimum=1, title="Limit", description="Build only so many rows of the manifest. Empty: all."
        ),
        "clips_per_shard": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Clips per shard",
            description=f"How many clips one column of tasks works on. Empty: {recipe.clips_per_shard}.",
        ),
        "settings": Param(
            [],
            type="array",
            items={"type": "string", "pattern": SETTING_PATTERN},
            title="Settings",
            description="Recipe settings, one a line: STAGE.PARAMETER=VALUE, or SETTING=VALUE for the recipe's own (all but dataset).",
        ),
    }


def plan_arguments(recipe: str, build: str, params: Mapping[str, Any], night: str | None, environment: Mapping[str, str]) -> list[str]:
    """The arguments of `egoetl` that plan the build. Raises ConfigError where neither form nor environment has an answer."""
    arguments = ["build", "plan", recipe, "--name", build]
    arguments += ["--manifest", _answer(params, "manifest", environment, MANIFEST_VARIABLE)]
    arguments += ["--videos", _answer(params, "videos", environment, VIDEOS_VARIABLE)]
    arguments += ["--engine", params["engine"]]
    if night is not None:
        arguments += ["--night", night]
    if params["limit"] is not None:
        arguments += ["--limit", str(params["limit"])]
    if params["clips_per_shard"] is not None:
        arguments += ["--set", f"clips_per_shard={params['clips_per_shard']}"]
    for setting in params["settings"]:
        arguments += ["--set", setting]
    return [*arguments, "--json"]


def night_of(context: Mapping[str, Any]) -> str | None:
    """The day whose rows a scheduled or backfilled run builds, as YYYY-MM-DD; None for a run that a person or asset started."""
    if context["dag_run"].run_type not in ("scheduled", "backfill"):
        return None
    return context["data_interval_start"].strftime("%Y-%m-%d")


def _answer(params: Mapping[str, Any], field: str, environment: Mapping[str, str], variable: str) -> str:
    answer = params[field] or environment.get(variable)
    if not answer:
        raise ConfigError(
            f"This build has no {field}: fill in the form's field {field!r}, or set {variable} in the environment of Airflow's workers.",
            reason=f"{field}_unknown",
        )
    return answer
