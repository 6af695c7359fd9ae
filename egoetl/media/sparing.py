"""Sparing the decoder pictures that nobody is shown and that no other picture is predicted from."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from av.packet import Packet
from av.video.stream import VideoStream

Packets = Iterable["Packet[VideoStream]"]

LOOK = 64
"""Packets that are known before and after one: a picture is decoded at most 16 places before or after it is shown."""
PROGRESSIVE = (0, 1)
"""Values of libav's field order: unknown and progressive. A picture of two fields may come as two packets."""


def sparing(packets: Packets, stream: VideoStream, times: Sequence[int]) -> Packets:
    """The packets, the decoder being told before each whether it may leave the picture out.

    It may if the picture is on screen at none of the rising `times`. The decoder leaves it out only if no other
    picture is predicted from it, so that every picture that it still gives is the same, bit by bit. Only H.264 marks
    such pictures in a way that libav heeds; half to two thirds of an encoder's B-frames are of this kind.
    """
    context = stream.codec_context
    if context.name != "h264" or context.field_order not in PROGRESSIVE:
        return packets
    return _told(packets, stream, times)


def _told(packets: Packets, stream: VideoStream, times: Sequence[int]) -> Iterator["Packet[VideoStream]"]:
    context = stream.codec_context
    begins: list[int] = []
    for packet in _with_known(iter(packets), begins):
        context.skip_frame = "DEFAULT" if _is_wanted(packet, begins, times) else "NONREF"
        yield packet


def _with_known(packets: Iterator["Packet[VideoStream]"], begins: list[int]) -> Iterator["Packet[VideoStream]"]:
    """The packets, while `begins` holds the presentation times of those around it, in order."""
    ahead: deque[Packet[VideoStream]] = deque()
    behind: deque[int] = deque()
    while True:
        for packet in islice(packets, LOOK - len(ahead)):
            ahead.append(packet)
            if packet.pts is not None and not packet.is_discard:
                insort(begins, packet.pts)
                behind.append(packet.pts)
        if not ahead:
            return
        while len(behind) > 2 * LOOK:
            begins.pop(bisect_left(begins, behind.popleft()))
        yield ahead.popleft()


def _is_wanted(packet: "Packet[VideoStream]", begins: Sequence[int], times: Sequence[int]) -> bool:
    """Whether its picture is on screen at one of the times, or may be for all that is known."""
    if packet.pts is None or packet.is_discard:
        return True
    following = bisect_right(begins, packet.pts)
    if following == len(begins) or begins[0] >= packet.pts:
        return True
    return bisect_left(times, packet.pts) < bisect_left(times, begins[following])
