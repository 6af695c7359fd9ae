"""The forms of evaluations' DAGs, and the `egoetl eval plan` command line that an answered form makes."""

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.sdk import Param

from egoetl.core.errors import ConfigError
from egoetl.core.recipe import Recipe
from egoetl_airflow.build_params import SETTING_PATTERN

MODEL = (
    "Who answers: a model of the file of models, ID@REVISION, a checkpoint's folder, or URL#ID@REVISION of an endpoint."
    " Empty: what [roles] in the file of models names as `model`."
)
JUDGE = "Who grades what a benchmark has graded: a model as above, or `default` for the `judge` of [roles]. Empty: nobody."
TRAINED_ON = "The dataset version that the model was trained on, DATASET@NUMBER, such as egoavu@3; scores are joined to it."
TRAINED_ON_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*@[0-9]+$"


def eval_params(recipe: Recipe) -> dict[str, Param]:
    """The fields of a benchmark's form."""
    return {
        "data": _text("Data", "Folder or s3://bucket/prefix with the benchmark's published files."),
        "videos": _text("Videos", "Folder or s3://bucket/prefix of its videos. Empty: the data's."),
        **_about_the_model(),
        "clips_per_shard": Param(
            None,
            type=["null", "integer"],
            minimum=1,
            title="Videos per shard",
            description=f"How many videos one column of tasks works on. Empty: {recipe.clips_per_shard}.",
        ),
    }


def suite_params(benchmarks: Sequence[str]) -> dict[str, Param]:
    """The fields of the suite's form."""
    return {
        "benchmarks": Param(
            list(benchmarks),
            type="array",
            minItems=1,
            uniqueItems=True,
            items={"type": "string", "enum": list(benchmarks)},
            examples=list(benchmarks),
            title="Benchmarks",
            description="Which benchmarks the model answers, side by side.",
        ),
        "data": _text("Data", "Folder or s3://bucket/prefix that holds the benchmarks' data, each in a folder of its name."),
        "videos": _text("Videos", "The same for their videos. Empty: each benchmark's videos lie in the folder of its data."),
        **_about_the_model(),
    }


def eval_arguments(benchmark: str, run: str, params: Mapping[str, Any]) -> list[str]:
    """The arguments of `egoetl` that plan the evaluation. Raises ConfigError `data_unknown` where the form names no data."""
    if not params["data"]:
        raise ConfigError("This evaluation has no data: fill in the form's field 'data'.", reason="data_unknown")
    arguments = ["eval", "plan", benchmark, "--name", run]
    for name in ("data", "videos", "model", "judge", "limit", "trained_on"):
        if params[name] not in (None, ""):
            arguments += [f"--{name.replace('_', '-')}", str(params[name])]
    if params["clips_per_shard"] is not None:
        arguments += ["--set", f"clips_per_shard={params['clips_per_shard']}"]
    for setting in params["settings"]:
        arguments += ["--set", setting]
    return [*arguments, "--json"]


def suite_runs(run_id: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The runs of benchmarks' DAGs that a suite starts: DAG, run and answered form of each. Raises ConfigError `data_unknown`."""
    if not params["data"]:
        raise ConfigError("This suite has no data: fill in the form's field 'data'.", reason="data_unknown")
    shared = {name: params[name] for name in ("model", "judge", "limit", "trained_on", "settings")}
    return [
        {
            "trigger_dag_id": f"eval_{name}",
            "trigger_run_id": f"suite__{run_id}",
            "conf": {**shared, "data": _below(params["data"], name), "videos": _below(params["videos"], name)},
        }
        for name in params["benchmarks"]
    ]


def _below(root: str | None, benchmark: str) -> str | None:
    return f"{root.rstrip('/')}/{benchmark}" if root else None


def _about_the_model() -> dict[str, Param]:
    return {
        "model": _text("Model", MODEL),
        "judge": _text("Judge", JUDGE),
        "limit": Param(None, type=["null", "integer"], minimum=1, title="Limit", description="Ask only the first questions. Empty: all."),
        "trained_on": _text("Trained on", TRAINED_ON, pattern=TRAINED_ON_PATTERN),
        "settings": Param(
            [],
            type="array",
            items={"type": "string", "pattern": SETTING_PATTERN},
            title="Settings",
            description="Recipe settings, one a line: STAGE.PARAMETER=VALUE, ROLE.SAMPLING=VALUE, or SETTING=VALUE (all but dataset).",
        ),
    }


def _text(title: str, description: str, **schema: Any) -> Param:
    return Param(None, type=["null", "string"], title=title, description=description, **schema)
