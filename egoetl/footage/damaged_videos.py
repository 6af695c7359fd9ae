"""The damage done to videos: each a function from a whole MP4 to a spoilt one."""

import struct
from collections.abc import Callable
from typing import NamedTuple

from egoetl.footage.damaged_boxes import find, index_first, replaced, rewritten, shifted, tracks

CLAIMED_S = 2 * 60 * 60
"""What a lying header says that the video lasts."""


class SpoiltVideo(NamedTuple):
    """A damaged file: what was done to a whole one, and the reason that a build gives for it."""

    name: str
    done: str
    reason: str
    spoil: Callable[[bytes], bytes]


def nothing(data: bytes) -> bytes:
    """No bytes at all, as a failed copy leaves."""
    return data[:0]


def a_text(data: bytes) -> bytes:
    """Words, as long as the video."""
    return (b"These are notes, not a video.\n" * len(data))[: len(data)]


def cut_short(data: bytes) -> bytes:
    """The first six tenths; the index, which lies at the end, is lost."""
    return data[: len(data) * 6 // 10]


def cut_short_behind_the_index(data: bytes) -> bytes:
    """The first six tenths of a file that begins with its index, so that it opens and then ends early."""
    return cut_short(index_first(data))


def never_ended(data: bytes) -> bytes:
    """What a recorder leaves that lost its power: samples to the end of the file, and no index."""
    mdat, moov = find(data, ("mdat",)), find(data, ("moov",))
    return data[: mdat.start] + struct.pack(">I", 0) + data[mdat.start + 4 : moov.start]


def without_pictures(data: bytes) -> bytes:
    """The sound alone: the pictures' track is taken out of the index."""
    return without_track(data, "vide")


def without_track(data: bytes, handler: str) -> bytes:
    """The file with one track fewer in its index; its samples stay where they are."""
    return replaced(data, tracks(data)[handler], b"")


def with_a_lying_index(data: bytes) -> bytes:
    """An index that looks for every sample a gibibyte behind the end of the file."""
    return shifted(data, 1 << 30)


def with_a_lying_duration(data: bytes) -> bytes:
    """Every header says two hours."""
    tables = [*(path for track in tracks(data).values() for path in [(*track, "mdia", "mdhd")]), ("moov", "mvhd")]
    (movie_scale,) = struct.unpack_from(">I", data, find(data, ("moov", "mvhd")).start + 20)
    for path in tables:
        data = rewritten(data, path, lambda box: struct.pack_into(">I", box, 16, CLAIMED_S * struct.unpack_from(">I", box, 12)[0]))
    for track in tracks(data).values():
        data = rewritten(data, (*track, "tkhd"), lambda box: struct.pack_into(">I", box, 20, CLAIMED_S * movie_scale))
    return data


def with_empty_sound(data: bytes) -> bytes:
    """A sound track whose index names no sample."""
    stbl = (*tracks(data)["soun"], "mdia", "minf", "stbl")
    for kind, numbers in {"stts": (0,), "stsc": (0,), "stsz": (0, 0), "stco": (0,)}.items():
        data = replaced(data, (*stbl, kind), _table(kind, *numbers))
    return data


def with_one_picture(data: bytes) -> bytes:
    """The first picture alone, without sound."""
    data = without_track(data, "soun")
    stbl = (*tracks(data)["vide"], "mdia", "minf", "stbl")

    def first(kind: str, offset: int) -> int:
        return struct.unpack_from(">I", data, find(data, (*stbl, kind)).start + offset)[0]

    tables: dict[str, tuple[int, ...]] = {
        "stts": (1, 1, first("stts", 20)),
        "stss": (1, 1),
        "ctts": (1, 1, first("ctts", 20)),
        "stsc": (1, 1, 1, 1),
        "stsz": (0, 1, first("stsz", 20)),
        "stco": (1, first("stco", 16)),
    }
    for kind, numbers in tables.items():
        data = replaced(data, (*stbl, kind), _table(kind, *numbers))
    return data


def _table(kind: str, *numbers: int) -> bytes:
    """A box of version 0 that holds numbers of 32 bits."""
    return struct.pack(f">I4sI{len(numbers)}I", 12 + 4 * len(numbers), kind.encode(), 0, *numbers)


SPOILT: tuple[SpoiltVideo, ...] = (
    SpoiltVideo("empty", "0 bytes", "file_empty", nothing),
    SpoiltVideo("text", "a text named .mp4", "not_a_video", a_text),
    SpoiltVideo("truncated", "cut off after six tenths; the index at the end is lost", "file_cut_off", cut_short),
    SpoiltVideo(
        "truncated_index_first", "cut off after six tenths; the index in front is there", "file_cut_off", cut_short_behind_the_index
    ),
    SpoiltVideo("unfinished", "the recorder lost its power and wrote no index", "index_missing", never_ended),
    SpoiltVideo("sound_only", "no picture track", "no_picture", without_pictures),
    SpoiltVideo("lying_index", "the index looks for samples behind the end of the file", "index_lies", with_a_lying_index),
    SpoiltVideo("single_picture", "one picture and nothing else", "single_picture", with_one_picture),
    SpoiltVideo("empty_sound", "a sound track without a sample", "sound_empty", with_empty_sound),
)
