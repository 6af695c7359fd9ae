"""Operators that run one `egoetl` command each, as a process group on the worker's machine."""

import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from egoetl.core.command_process import CommandProcess, Ended
from egoetl.core.errors import EgoetlError
from egoetl_airflow.build_params import is_for_arrivals, night_of, plan_arguments
from egoetl_airflow.stage_command import build_name, check, environment, executable


class StageProcessOperator(BaseOperator):
    """Runs `egoetl ARGUMENTS`. `shard_label` names a mapped task's shard in the grid.

    The failure of an item is no failure of the command: it ends 0 and the gate counts. Ends with the command
    when the task is marked failed, times out, or its worker dies.
    """

    template_fields: Collection[str] = ("arguments", "shard_label")
    as_owner = False
    """Whether the command gets the login of the database's owner."""
    _running: CommandProcess | None = None

    def __init__(self, *, arguments: Sequence[Any] = (), shard_label: Any = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.arguments = arguments
        self.shard_label = shard_label

    def execute(self, context: Mapping[str, Any]) -> Any:
        self.run_command(context, [str(each) for each in self.arguments])

    def run_command(self, context: Mapping[str, Any], arguments: list[str]) -> Ended:
        """Run the command to its end. Raises what `check` raises."""
        command = [executable(), *arguments]
        self.log.info("Running %s", shlex.join(command))
        self._running = CommandProcess(command, environment(context, as_owner=self.as_owner), self.log.info)
        ended = self._running.wait()
        check(f"egoetl {' '.join(arguments[:2])}", ended)
        return ended

    def on_kill(self) -> None:
        if self._running is not None:
            self._running.let_go()


class OwnerProcessOperator(StageProcessOperator):
    """Runs a command that only the owner of the lineage database may run. Arguments that turn out empty are left out."""

    as_owner = True

    def execute(self, context: Mapping[str, Any]) -> None:
        self.run_command(context, [str(each) for each in self.arguments if each])


class PlanOperator(StageProcessOperator):
    """Registers the run's build and returns its shards, `[{"shard": 0, "label": "shard 000 (4 clips)"}, ...]`."""

    def __init__(self, *, recipe: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.recipe = recipe

    def execute(self, context: Mapping[str, Any]) -> list[dict[str, Any]]:
        try:
            name, asked = build_name(self.recipe, context["run_id"]), context["params"]
            arguments = plan_arguments(self.recipe, name, asked, night_of(context), environment(context), waiting=is_for_arrivals(context))
        except EgoetlError as error:
            raise AirflowFailException(str(error)) from error
        return shards_of(self.run_command(context, arguments).last_output)


class GateOperator(StageProcessOperator):
    """The last task: red while the build's yield is below the floor; green, it announces the dataset's new version."""

    def __init__(self, *, prefix: str, dataset: Asset, **kwargs: Any) -> None:
        super().__init__(outlets=[dataset], **kwargs)
        self.prefix = prefix
        self.dataset = dataset

    def execute(self, context: Mapping[str, Any]) -> None:
        super().execute(context)
        context["outlet_events"][self.dataset].extra = {"build": build_name(self.prefix, context["run_id"])}


def shards_of(line: str) -> list[dict[str, Any]]:
    """The shards in the last line of a command that planned a build."""
    try:
        return [{"shard": int(each["shard"]), "label": str(each["label"])} for each in json.loads(line)["shards"]]
    except (ValueError, KeyError, TypeError) as error:
        raise AirflowFailException(
            f"egoetl ended with {line[:200]!r} and not with its list of shards; is another egoetl installed beside Airflow?"
        ) from error
