"""The form of a build's DAG, and the `egoetl build plan` command line that an answered form makes."""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from egoetl.core.errors import ConfigError
from egoetl.core.model_file import load_catalogue
from egoetl.core.recipe import ENGINES, Recipe
from egoetl.core.settings import load_settings

ARRIVALS_VARIABLE = "EGOETL_ARRIVALS"
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
            description="CSV file that lists the clips (id, start_time, end_time, split), a path or s3://bucket/key."
            f" Empty: the file that {MANIFEST_VARIABLE} names, and what has arrived where {ARRIVALS_VARIABLE} is set.",
        ),
        "videos": Param(
            None,
            type=["null", "string"],
            title="Videos",
            description=f"Folder or s3://bucket/prefix that holds the videos. Empty: what {VIDEOS_VARIABLE} names.",
        ),
        "arrivals": Param(
            False,
            type="boolean",
            title="Arrivals",
            description="Build what has arrived below the videos, beside a manifest or without one."
            f" Without a manifest in this form, what has arrived is built anyway where {ARRIVALS_VARIABLE} is set.",
        ),
        "engine": Param(
            default_engine(),
            type="string",
            enum=list(ENGINES),
            title="Engine",
            description="Who answers for the roles that no setting role.ROLE=MODEL names. `measured` needs no model: it says what it"
            " measures on pixels and sound. `models` are this installation's own, `replay` plays a recorded build back.",
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
            description="Recipe settings, one a line: STAGE.PARAMETER=VALUE, role.ROLE=MODEL, or SETTING=VALUE for the recipe's own"
            " (all but dataset).",
        ),
    }


def default_engine() -> str:
    """Who answers where a form is left as it is. Raises ConfigError where the file of models is not usable."""
    settings = load_settings()
    return load_catalogue(settings.models).default_engine(settings.engine)


def plan_arguments(
    recipe: str, build: str, params: Mapping[str, Any], night: str | None, environment: Mapping[str, str], *, waiting: bool = False
) -> list[str]:
    """The arguments of `egoetl` that plan the build; `waiting` is for what has arrived and no build has taken.

    Raises ConfigError where neither form nor environment has an answer.
    """
    arguments = ["build", "plan", recipe, "--name", build, *_rows(params, environment, waiting=waiting)]
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


def is_for_arrivals(context: Mapping[str, Any]) -> bool:
    """Whether a run was started because videos have arrived."""
    return context["dag_run"].run_type == "asset_triggered"


def _rows(params: Mapping[str, Any], environment: Mapping[str, str], *, waiting: bool) -> list[str]:
    """Which rows to build: a manifest's, what has arrived, or both, and where their videos lie."""
    arrived_at = environment.get(ARRIVALS_VARIABLE)
    manifest = None if waiting else params["manifest"] or environment.get(MANIFEST_VARIABLE)
    arrivals = waiting or params["arrivals"] or bool(arrived_at and not params["manifest"])
    if not arrivals:
        manifest = _answer(params, "manifest", environment, MANIFEST_VARIABLE)
    if manifest is None:
        videos = params["videos"] or arrived_at or _answer(params, "videos", environment, VIDEOS_VARIABLE)
    else:
        videos = _answer(params, "videos", environment, VIDEOS_VARIABLE)
        _check_root(videos, arrived_at if arrivals and not params["videos"] else None)
    chosen = ["--manifest", manifest] if manifest else []
    return [*chosen, "--videos", videos, *(["--waiting"] if waiting else ["--arrivals"] if arrivals else [])]


def _check_root(videos: str, arrived_at: str | None) -> None:
    """A build has one root, so what arrives elsewhere would be left out in silence. Raises ConfigError `arrivals_elsewhere`."""
    if arrived_at is not None and not f"{arrived_at.rstrip('/')}/".startswith(f"{videos.rstrip('/')}/"):
        raise ConfigError(
            f"{ARRIVALS_VARIABLE} is {arrived_at}, which does not lie below {VIDEOS_VARIABLE}, {videos}; name a root of both there,"
            f" or build without a manifest by leaving {MANIFEST_VARIABLE} empty.",
            reason="arrivals_elsewhere",
        )


def _answer(params: Mapping[str, Any], field: str, environment: Mapping[str, str], variable: str) -> str:
    answer = params[field] or environment.get(variable)
    if not answer:
        raise ConfigError(
            f"This build has no {field}: fill in the form's field {field!r}, or set {variable} in the environment of Airflow's workers.",
            reason=f"{field}_unknown",
        )
    return answer
