"""Tell people of a build that failed or is late, by whichever Airflow notifiers EGOETL_NOTIFIERS names."""

import asyncio
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from typing import Any

from airflow.sdk import AsyncCallback, BaseNotifier, DeadlineAlert, DeadlineReference
from airflow.sdk.module_loading import import_string

from egoetl.core.settings import NotifierSetting, Settings, load_settings
from egoetl_airflow.notice import Notice, notice_of
from egoetl_airflow.stage_command import build_name


class FailureCallback:
    """A DAG's `on_failure_callback`: passes the message on to every notifier of the settings.

    Their templates know the message as `egoetl.title`, `egoetl.text` and `egoetl.build`, beside Airflow's own names.
    """

    def __init__(self, recipe: str) -> None:
        self.recipe = recipe

    def __call__(self, context: Mapping[str, Any]) -> None:
        build = build_name(self.recipe, context["run_id"])
        send(notice_of(build, "failed", _where(context)), context)


def failure_callback(recipe: str, settings: Settings) -> FailureCallback | None:
    """What a recipe's DAG calls when a run of it has failed; None where nobody is to be told."""
    return FailureCallback(recipe) if settings.notifiers else None


def deadline(recipe: str, settings: Settings) -> DeadlineAlert | None:
    """The alert of a recipe's DAG for runs that take longer than EGOETL_DEADLINE_HOURS; None where nobody is to be told."""
    if settings.deadline_hours is None or not settings.notifiers:
        return None
    # In the triggerer: what runs in an executor in their place, Airflow 3.3 lets see no connection.
    late = AsyncCallback(notify_late, kwargs={"recipe": recipe, "hours": settings.deadline_hours})
    return DeadlineAlert(DeadlineReference.DAGRUN_QUEUED_AT, timedelta(hours=settings.deadline_hours), late)


async def notify_late(recipe: str, hours: float, context: Any) -> None:
    """Say that a run is late; Airflow's triggerer calls this. `context` holds the run's coordinates and nothing else."""
    run_id = context["dag_run"]["dag_run_id"]
    build = build_name(recipe, run_id)
    what, where = f"is not finished {hours:g} hours after it was queued", f"Airflow: {context['dag_run']['dag_id']} {run_id}"
    notice = await asyncio.to_thread(notice_of, build, what, where)
    given = {**context, "run_id": run_id, "egoetl": notice}
    with _Troubles() as troubles:
        for notifier in made(load_settings().notifiers):
            with troubles.kept():
                await _notify(notifier, dict(given))


def send(notice: Notice, context: Mapping[str, Any]) -> None:
    """Call every notifier of the settings. Raises at the end what any of them raised."""
    given = {**context, "egoetl": notice}
    if not hasattr(given.get("dag"), "get_template_env"):
        given.pop("dag", None)  # `dag.test()` hands over a serialised DAG, with which notifiers cannot fill their templates
    with _Troubles() as troubles:
        for notifier in made(load_settings().notifiers):
            with troubles.kept():
                notifier(dict(given))


async def _notify(notifier: BaseNotifier, context: Any) -> None:
    """Call a notifier from an event loop, also one that can only be called from a thread."""
    if type(notifier).async_notify is BaseNotifier.async_notify:
        await asyncio.to_thread(notifier, context)
    else:
        notifier.context = context
        await notifier


class _Troubles:
    """Errors of somebody else's notifiers: one that cannot send does not keep the others from being called."""

    def __init__(self) -> None:
        self._kept: list[Exception] = []

    def __enter__(self) -> "_Troubles":
        return self

    def __exit__(self, *_: object) -> None:
        if self._kept:
            raise ExceptionGroup(f"{len(self._kept)} of the notifiers in EGOETL_NOTIFIERS failed", self._kept)

    @contextmanager
    def kept(self) -> Generator[None]:
        """Keep an error for the end."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised at the end
            self._kept.append(error)


def made(settings: Iterable[NotifierSetting]) -> list[BaseNotifier]:
    """The notifiers, each made anew: one that has filled its templates cannot fill them again."""
    return [import_string(each.notifier)(**deepcopy(each.arguments)) for each in settings]


def _where(context: Mapping[str, Any]) -> str:
    task = context.get("ti")
    coordinates = [str(context["dag"].dag_id), str(context["run_id"])]
    if task is not None:
        coordinates.append(task.task_id + (f"[{task.map_index}]" if task.map_index >= 0 else ""))
    return "Airflow: " + " ".join(coordinates)
