"""Names of exported files: EgoAVU's, made safe, and never the same for two windows."""

import re
from hashlib import sha256

from egoetl.algorithms.timecodes import seconds

LONGEST_BYTES = 180
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|%~]|^\.')


def window_stem(video_id: str, start_ms: int, end_ms: int) -> str:
    """`<id>_<start>_<end>`, in seconds with as many decimals as are needed: `kitchen_0_10`, `kitchen_12.5_20`.

    Times hold no `_`, so the last two belong to the window whatever the id is. A letter of the id that a file name
    cannot hold becomes `%` and its number; an id that is too long is cut and ends in `~` and its sha256.
    """
    return f"{safe_name(video_id)}_{seconds(start_ms)}_{seconds(end_ms)}"


def safe_name(name: str) -> str:
    """A file name that no other name gives."""
    safe = _UNSAFE.sub(lambda found: f"%{ord(found.group()):02X}", name)
    if len(safe.encode()) <= LONGEST_BYTES:
        return safe
    head = safe.encode()[: LONGEST_BYTES - 40].decode(errors="ignore")
    return f"{head}~{sha256(name.encode()).hexdigest()[:32]}"
