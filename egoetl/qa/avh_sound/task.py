"""Yes/no questions on sounds: half on ones that are there, half on plausible ones that are nowhere in the clip."""

from collections.abc import Sequence
from pathlib import Path

from egoetl.core.items import NarratedSegment
from egoetl.core.prompt import Prompt
from egoetl.qa.avh_sound.schema import AvhSoundReply
from egoetl.qa.evidence import is_said
from egoetl.qa.presence import Presence, presence_task
from egoetl.qa.soundscape import heard_sounds, sourced_sounds


def _sounds(segments: Sequence[NarratedSegment]) -> tuple[str, ...]:
    """Each sound by its name, and by its name and source."""
    return (*heard_sounds(segments), *sourced_sounds(segments))


AVH_SOUND = presence_task(
    "avh_sound",
    2,
    Presence("sound", present=_sounds, hinted=is_said),
    Prompt.load(Path(__file__).with_name("prompt.md"), "qa_avh_sound"),
    AvhSoundReply,
)
