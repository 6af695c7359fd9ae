"""Hostile bytes: what is done to a whole file, and for how long. Needs hypothesis, which only development installs."""

import os
from datetime import timedelta
from typing import Literal, NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

LONGEST_EXAMPLE = timedelta(seconds=20)
"""Far above what any example takes, so that only a hang fails."""
LYING_NUMBERS = (0, 1, 7, 8, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 1 << 20, 1 << 24, 1 << 30, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)
HEADERS = (
    b"moov", b"moof", b"trak", b"stbl", b"stsz", b"stsc", b"stco", b"stts", b"ctts", b"elst", b"mdhd", b"mvhd", b"avcC", b"esds", b"trun",
    b"\x1a\x45\xdf\xa3", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75", b"\x1c\x53\xbb\x6b", b"hdrl", b"idx1",
)  # fmt: skip
"""Where boxes, Matroska's elements and AVI's lists begin: damage there does more than damage among the samples."""
REACH = 120
FINEST = 1 << 20

Kind = Literal["flip", "lie", "cut", "remove", "insert", "overwrite", "repeat"]


class Mutation(NamedTuple):
    """One blow: `kind` says what, `header` (an index of HEADERS) and `place` say where, `number` and `noise` with what."""

    kind: Kind
    header: int | None
    place: int
    number: int
    noise: bytes

    def applied(self, data: bytes) -> bytes:
        """The bytes after the blow."""
        at = self._offset(data)
        before, here, behind = data[:at], data[at : at + len(self.noise)], data[at + len(self.noise) :]
        match self.kind:
            case "flip":
                return before + bytes(byte ^ (1 << self.number % 8) for byte in data[at : at + 1]) + data[at + 1 :]
            case "lie":
                return before + self.number.to_bytes(4, "big") + data[at + 4 :]
            case "cut":
                return before
            case "remove":
                return before + behind
            case "insert":
                return before + self.noise + here + behind
            case "overwrite":
                return before + self.noise + behind
            case "repeat":
                return before + data[at : at + 16 * len(self.noise)] + here + behind

    def _offset(self, data: bytes) -> int:
        begins = -1 if self.header is None else data.find(HEADERS[self.header])
        return self.place * len(data) // FINEST if begins < 0 else max(0, begins - 4 + self.place % REACH)


MUTATIONS = st.lists(
    st.builds(
        Mutation,
        kind=st.sampled_from(["flip", "lie", "lie", "cut", "remove", "insert", "overwrite", "repeat"]),
        header=st.none() | st.integers(0, len(HEADERS) - 1),
        place=st.integers(0, FINEST - 1),
        number=st.sampled_from(LYING_NUMBERS) | st.integers(0, (1 << 32) - 1),
        noise=st.binary(min_size=1, max_size=48),
    ),
    min_size=1,
    max_size=8,
)


def fuzzing(examples: int) -> settings:
    """So many examples, the same in every run; or as many as EGOETL_FUZZ_EXAMPLES says, others in every run."""
    asked = os.environ.get("EGOETL_FUZZ_EXAMPLES")
    return settings(
        max_examples=int(asked) if asked else examples,
        derandomize=not asked,
        database=None,
        deadline=LONGEST_EXAMPLE,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        print_blob=True,
    )
