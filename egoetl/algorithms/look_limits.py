"""How a model is shown a benchmark's question: as it is shown anything, but as much of the video as the benchmark says."""

from egoetl.core.evaluation import FrameLimits
from egoetl.core.models import FramePolicy

SLOWEST_INTERLEAVED = 1.0
"""Pictures a second from which on sound can lie between them."""


def limited(look: FramePolicy, limits: FrameLimits, duration_ms: int) -> FramePolicy:
    """A model's policy with a benchmark's limits in the place of its own rate and number of pictures.

    A window with more pictures than `max_frames` at the benchmark's rate is shown that many, spread evenly. Where they come too
    slowly for sound to lie between them, the sound goes beside them.

    Args:
        look: how the model is shown pictures and sound.
        limits: the benchmark's.
        duration_ms: length of the window that is shown.
    """
    fps = min(limits.frames_per_second, limits.max_frames * 1000 / duration_ms)
    beside = "separate" if look.sound == "interleaved" and fps < SLOWEST_INTERLEAVED else look.sound
    return look.model_copy(update={"fps": fps, "max_frames": limits.max_frames, "sound": beside if limits.sound else "none"})
