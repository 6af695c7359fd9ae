"""The form of a backfill's DAG, and the `egoetl backfill` command line that an answered form makes."""

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from egoetl.core.recipe import ENGINES, Recipe
from egoetl_airflow.build_params import SETTING_PATTERN

ERROR_CLASSES = ("data", "caller", "config", "try_again", "internal")
PROMPT_PATTERN = r"^([A-Za-z0-9_]+@)?[0-9a-f]{8,64}$"
ANY, AS_BEFORE = "any", "as before"
WHAT, HOW = "What to make again", "How to make it"


def backfill_params(recipe: Recipe) -> dict[str, Param]:
    """The fields of the form. Left as it is, it is a dry run over everything that has failed and is outstanding."""
    stages = [each.name for each in recipe.stages]
    return {
        "dry_run": Param(
            True,
            type="boolean",
            title="Dry run",
            description="On: only say, in the log of task plan, what would be made again, what hangs below it, and what that is likely "
            "to cost. Off: do it.",
        ),
        "build": _text(
            "Build",
            "Only units of this build, by the name that its tasks' logs show after --build. Empty: of all builds.",
            WHAT,
        ),
        "first_night": _text("First night", "Only builds of this night and later ones. Give it without a build.", WHAT, format="date"),
        "last_night": _text("Last night", "Only builds up to this night. Empty: the first night alone.", WHAT, format="date"),
        "stages": Param(
            [],
            type="array",
            items={"type": "string", "enum": stages},
            examples=stages,
            title="Stages",
            description="Only units of these stages; what hangs below them follows by itself. Empty: all stages.",
            section=WHAT,
        ),
        "error_class": Param(
            ANY,
            type="string",
            enum=[ANY, *ERROR_CLASSES],
            title="Error class",
            description="Only failures that this one must act on: data: whoever gave the data, config: whoever installed egoetl, "
            "try_again: nobody (a passing trouble), internal: the developers.",
            section=WHAT,
        ),
        "reason": _text(
            "Reason", "Only units that failed for this reason, such as file_unreadable; a dry run lists the reasons there are.", WHAT
        ),
        "drop_reason": _text(
            "Drop reason",
            "Units that were dropped for this reason, in place of failed ones. They come out as before unless a setting below changes.",
            WHAT,
        ),
        "prompt": _text(
            "Prompt",
            "Units made with this prompt, in place of failed ones: its sha256 or the first 8 digits of it, or NAME@SHA.",
            WHAT,
            pattern=PROMPT_PATTERN,
        ),
        "model": _text("Model", "Units made by this model, in place of failed ones: id@revision.", WHAT),
        "since": _text("Since", "Only what failed, or was made, at this time or later.", WHAT, format="date-time"),
        "limit": Param(
            None, type=["null", "integer"], minimum=1, title="Limit", description="At most so many clips. Empty: all.", section=WHAT
        ),
        "engine": Param(
            AS_BEFORE,
            type="string",
            enum=[AS_BEFORE, *ENGINES],
            title="Engine",
            description="Who answers for the roles that no setting role.ROLE=MODEL names.",
            section=HOW,
        ),
        "settings": Param(
            [],
            type="array",
            items={"type": "string", "pattern": SETTING_PATTERN},
            title="Settings",
            description="Recipe settings beside those of the builds that are mended, one a line: STAGE.PARAMETER=VALUE, "
            "role.ROLE=MODEL or SETTING=VALUE.",
            section=HOW,
        ),
    }


def backfill_arguments(recipe: str, build: str, params: Mapping[str, Any]) -> list[str]:
    """The arguments of `egoetl` that answer or plan the backfill."""
    arguments = ["backfill", recipe]
    for key in ("build", "error_class", "reason", "drop_reason", "prompt", "model", "since"):
        if params[key] not in (None, "", ANY):
            arguments += ["--only", f"{key}={params[key]}"]
    if nights := _nights(params):
        arguments += ["--only", f"nights={nights}"]
    for stage in params["stages"]:
        arguments += ["--only", f"stage={stage}"]
    if params["limit"] is not None:
        arguments += ["--limit", str(params["limit"])]
    if params["engine"] != AS_BEFORE:
        arguments += ["--engine", params["engine"]]
    for setting in params["settings"]:
        arguments += ["--set", setting]
    return [*arguments, "--dry-run"] if params["dry_run"] else [*arguments, "--name", build, "--plan-only", "--json"]


def _nights(params: Mapping[str, Any]) -> str | None:
    first, last = params["first_night"], params["last_night"]
    if not first and not last:
        return None
    return f"{first or last}..{last or first}"


def _text(title: str, description: str, section: str, **schema: Any) -> Param:
    return Param(None, type=["null", "string"], title=title, description=description, section=section, **schema)
