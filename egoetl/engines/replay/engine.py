"""The engine `replay`: says what a model said when a build was recorded, and nothing else."""

from collections.abc import Callable

from egoetl.core.errors import DataError
from egoetl.core.ports import Reply, Request
from egoetl.engines.replay.recording import Recording


class ReplayEngine:
    """Implements `core.ports.Engine` for one model of a recording. `recording` gives it when the first request comes."""

    def __init__(self, identity: str, recording: Callable[[], Recording]) -> None:
        self._identity = identity
        self._recording = recording

    @property
    def model(self) -> str:
        """`id@revision` of the model that was recorded: content keys and results are those of the recorded build."""
        return self._identity

    @property
    def at_once(self) -> int:
        """As many as the settings say: nobody is waited for."""
        return 0

    @property
    def keeps_replies(self) -> bool:
        """Yes: the lineage of a build that is played back says what was said, as that of the recorded one."""
        return True

    async def ask(self, request: Request) -> Reply:
        """The recorded reply, whatever its status.

        Raises DataError `not_recorded`, which says whether the unit was recorded with another request or not at all.
        """
        recording = self._recording()
        found = recording.replies.get(request.key)
        if found is not None:
            return found.reply
        raise DataError(_why_not(recording, request), reason="not_recorded")

    async def close(self) -> None:
        """Nothing was started."""


def _why_not(recording: Recording, request: Request) -> str:
    where = f"{request.task} of {request.unit_id}"
    if (request.task, request.unit_id) in recording.units:
        return (
            f"The recording has {where}, but for another request: its prompt, parameters, sampling, decoder or input differ; undo the "
            "change, or ask a model and record the build again."
        )
    return f"The recording has no {where}: the recorded build did not ask it; ask a model, or record a build that does."
