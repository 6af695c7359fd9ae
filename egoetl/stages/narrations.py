"""narrations: what people wrote about a clip, from the file that its manifest row names."""

import asyncio

from egoetl.algorithms.digest import sha256_of_file
from egoetl.core.items import ClipItem
from egoetl.core.ports import StageIO
from egoetl.core.records import HumanNarrations
from egoetl.core.stage import Params, stage
from egoetl.stages.narration_file import read_narrations


def fingerprint(item: ClipItem, io: StageIO) -> str:
    """The bytes of the narrations' file, or that there is none."""
    file = io.narrations_of(item.clip)
    return f"narrations:{sha256_of_file(file)}" if file else "narrations:none"


@stage("narrations", version=1, fingerprint=fingerprint)
async def narrations(item: ClipItem, _params: Params, io: StageIO) -> HumanNarrations:
    """Read the file and keep what lies within the clip; a clip that nobody wrote about has none.

    Raises:
        DataError: the file is missing or malformed.
    """
    file = io.narrations_of(item.clip)
    if file is None:
        return HumanNarrations()
    written = HumanNarrations(narrations=await asyncio.to_thread(read_narrations, file))
    return HumanNarrations(narrations=written.within(item.clip))
