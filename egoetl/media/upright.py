"""How a decoded picture is meant to be seen: turned upright, with square pixels."""

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import av
from av.video.stream import VideoStream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MATRIX = struct.Struct("=9i")


class Turn(NamedTuple):
    """What makes a picture upright: rows and columns change places first, then either is mirrored."""

    transposed: bool = False
    rows_mirrored: bool = False
    columns_mirrored: bool = False

    def of(self, plane: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
        """The (height, width) plane, turned; itself if there is nothing to turn."""
        if not any(self):
            return plane
        turned = plane.T if self.transposed else plane
        step_down, step_right = (-1 if mirrored else 1 for mirrored in self[1:])
        return turned[::step_down, ::step_right].copy()

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height after the turn, and as well those before it of what has this size after it."""
        return (height, width) if self.transposed else (width, height)


def turn_of(frame: av.VideoFrame) -> Turn:
    """The turn that the file asks for; one of another angle is taken as the nearest quarter.

    The display matrix of ISO 14496-12 (6.2.2) takes the pixel (x, y) to (a x + c y, b x + d y).
    """
    found: Any = cast("Any", frame.side_data).get("DISPLAYMATRIX")
    if found is None or len(bytes(found)) != MATRIX.size:
        return Turn()
    a, b, _, c, d, *_ = MATRIX.unpack(bytes(found))
    return Turn(True, b < 0, c < 0) if abs(b) > abs(a) else Turn(False, d < 0, a < 0)


def shown_size(stream: VideoStream, frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as a player shows the picture: pixels that are not square change the width, as ffmpeg has it."""
    aspect = stream.sample_aspect_ratio or Fraction(1)
    return turn_of(frame).size(max(1, round(frame.width * aspect)), frame.height)
