"""The pictures and sound of a segment as parts of a message, and the fields that tell a server how to read them."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple

from egoetl.algorithms.look_cost import heard_samples, shown_size
from egoetl.algorithms.picture_choice import Choice, chosen_pictures
from egoetl.algorithms.picture_tokens import TEMPORAL_PATCH
from egoetl.core.content_key import sha256_of
from egoetl.core.errors import ConfigError
from egoetl.core.media_port import SampledMedia
from egoetl.core.models import FramePolicy

SLOWEST_INTERLEAVED = 1.0
"""Pictures a second. Sound lies between pictures in stretches of 2 s, and vLLM misplaces it where one holds no layer of pictures."""


class MediaParts(NamedTuple):
    """Parts of a message, in order, and fields of the request beside them."""

    parts: list[dict[str, Any]]
    fields: dict[str, Any]
    size_bytes: int


def media_parts(media: SampledMedia, look: FramePolicy) -> MediaParts:
    """What `look` shows of a segment. It decodes and encodes: call it in a thread.

    A source without sound, or with less than a token of it, goes without: a server refuses to look for sound that is not there.

    Raises:
        ConfigError: `look_outruns_frames` or `look_too_slow`.
        DataError: the sampled container is damaged.
    """
    choice = chosen_pictures(look, media.frame_ms, media.frames_per_second, media.window.end_ms)
    heard = heard_samples(look, media.window.duration_ms, has_sound=media.has_sound) > 0
    jpegs = media.jpegs(choice.times_ms, *shown_size(look, *media.size))
    fields: dict[str, Any] = {} if look.pictures == "images" else _as_sent(look, choice.per_second)
    if look.pictures == "container":
        parts = [_container(media, jpegs, choice.per_second, fields, interleaved=heard and look.sound == "interleaved")]
    elif look.pictures == "frames":
        parts = [_frames(jpegs)]
    else:
        parts = _images(jpegs, choice, media.window.start_ms)
    if heard and look.sound == "separate":
        parts.append({"type": "input_audio", "input_audio": {"data": _text(media.wav()), "format": "wav"}})
    return MediaParts(parts, fields, sum(_length(part) for part in parts))


def _images(jpegs: Sequence[bytes], choice: Choice, start_ms: int) -> list[dict[str, Any]]:
    """Each picture after its time: single pictures have no place in time for a model otherwise."""
    parts: list[dict[str, Any]] = []
    for jpeg, time_ms in zip(jpegs, choice.times_ms, strict=True):
        parts.append({"type": "text", "text": f"{(time_ms - start_ms) / 1000:.2f} s"})
        parts.append({"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{_text(jpeg)}"}})
    return parts


def _frames(jpegs: Sequence[bytes]) -> dict[str, Any]:
    """One video made of JPEGs, which vLLM takes as they are."""
    return {"type": "video_url", "video_url": {"url": f"data:video/jpeg;base64,{','.join(_text(jpeg) for jpeg in jpegs)}"}}


def _container(
    media: SampledMedia, jpegs: Sequence[bytes], per_second: float, fields: dict[str, Any], *, interleaved: bool
) -> dict[str, Any]:
    """One small MP4. It holds an even number of pictures, the last one twice if need be: vLLM drops one of an odd number."""
    if interleaved and per_second < SLOWEST_INTERLEAVED and len(jpegs) > 1:
        raise ConfigError(
            f"Sound cannot be interleaved with {per_second:g} pictures a second, only from {SLOWEST_INTERLEAVED:g} on;"
            ' raise `look.fps` or `look.max_frames` in the file of models, or set `look.sound = "separate"`.',
            reason="look_too_slow",
        )
    even = [*jpegs, jpegs[-1]] if len(jpegs) % TEMPORAL_PATCH else jpegs
    url = f"data:video/mp4;base64,{_text(media.mp4(even, per_second, sound=interleaved))}"
    if interleaved:
        fields["mm_processor_kwargs"]["use_audio_in_video"] = True
    # One name for the video and the sound in it. vLLM caches the two apart and, where it knows only the sound (silence, say, of
    # another segment), says "Video doesn't have audio track": with a name it knows both or neither.
    return {"type": "video_url", "video_url": {"url": url}, "uuid": sha256_of({"url": url, **fields})}


def _as_sent(look: FramePolicy, per_second: float) -> dict[str, Any]:
    """Fields by which vLLM takes every picture at its rate and in its size: it samples videos at 2 a second of itself.

    The rate also says where in time the pictures lie. Qwen2.5-VL takes it from the video's metadata. Qwen2.5-Omni's processor
    wants it as `fps`, and vLLM's placing of sound between pictures as `second_per_grid_ts`: with one of them alone tokens and
    their positions would part.
    """
    fields: dict[str, Any] = {"media_io_kwargs": {"video": {"num_frames": -1, "fps": per_second}}}
    if look.processor is not None:
        fields["mm_processor_kwargs"] = {"size": {"shortest_edge": look.min_pixels, "longest_edge": look.max_pixels}}
    if look.processor == "qwen2.5-omni":
        fields["mm_processor_kwargs"] |= {"fps": per_second, "second_per_grid_ts": [TEMPORAL_PATCH / per_second]}
    return fields


def _length(part: dict[str, Any]) -> int:
    said: Any = part[part["type"]]
    return len(said) if isinstance(said, str) else len(said.get("url") or said["data"])


def _text(data: bytes) -> str:
    return b64encode(data).decode()
