"""`python -m inference.token_counts OMNI VL < cases.json`: what the real processors make of pictures and sound, as JSON.

Runs in the environment of the model servers. Cases are lists under the names of the functions below; answers come in their order.
"""

import json
import sys
import warnings
from typing import Any

import numpy as np
from transformers import AutoProcessor, WhisperFeatureExtractor
from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize as of_images
from transformers.models.qwen2_vl.video_processing_qwen2_vl import smart_resize as of_videos
from transformers.video_utils import VideoMetadata

RATE = 16_000


def sizes(cases: list[list[int]]) -> list[list[int] | None]:
    """[width, height, min_pixels, max_pixels] to [width, height], None where the processor refuses."""
    return [_size(*case) for case in cases]


def _size(width: int, height: int, low: int, high: int) -> list[int] | None:
    try:
        found = of_videos(height, width, 28, low, high)
    except ValueError:
        return None
    assert found == of_images(height, width, 28, low, high)
    return [found[1], found[0]]


def sounds(cases: list[int]) -> list[int]:
    """Samples to tokens, by the real feature extractor, which pads to 300 s, and by one that pads to 30 s and is quicker."""
    long, short = (WhisperFeatureExtractor(feature_size=128, chunk_length=seconds, return_attention_mask=True) for seconds in (300, 30))
    counted = []
    for samples in cases:
        extractor = short if samples < 30 * RATE else long
        made = extractor(np.zeros(samples, np.float32), sampling_rate=RATE, return_attention_mask=True, padding="max_length")
        columns = int(made["attention_mask"].sum(-1)[0])
        counted.append(((columns - 1) // 2 + 1 - 2) // 2 + 1)  # as the processor has it in its `__call__`
    return counted


def omni(cases: list[dict[str, Any]], processor: Any) -> list[dict[str, int]]:
    """A whole prompt: how many tokens of each kind, and of all kinds, the processor of Qwen2.5-Omni writes."""
    return [_omni(processor, **case) for case in cases]


def _omni(
    processor: Any, pictures: int, width: int, height: int, samples: int, rate: float, kind: str, low: int, high: int
) -> dict[str, int]:
    shown = np.zeros((pictures, height, width, 3), np.uint8)
    video, sound, image = (
        f"<|{name}_bos|>{token}<|{name}_eos|>" for name, token in zip(("vision", "audio", "vision"), _tokens(processor), strict=True)
    )
    media: dict[str, Any] = {"audio": [np.zeros(samples, np.float32)]} if samples else {}
    size = {"shortest_edge": low, "longest_edge": high}
    if kind == "images":
        text, media = image * pictures, {**media, "images": list(shown), "images_kwargs": {"size": size}}
    else:
        text = video
        media |= {"videos": [shown], "videos_kwargs": {"size": size, "fps": rate, "use_audio_in_video": kind == "interleaved"}}
    text += sound if samples and kind != "interleaved" else ""
    ids = np.asarray(processor(text=text, audio_kwargs={"sampling_rate": RATE}, return_tensors="np", **media)["input_ids"])[0]
    of = processor.tokenizer.convert_tokens_to_ids
    video_token, sound_token, image_token = (int((ids == of(token)).sum()) for token in _tokens(processor))
    return {"pictures": video_token + image_token, "sound": sound_token, "all": len(ids)}


def _tokens(processor: Any) -> tuple[str, str, str]:
    return processor.video_token, processor.audio_token, processor.image_token


def vl(cases: list[dict[str, Any]], processor: Any) -> list[dict[str, float]]:
    """A video of Qwen2.5-VL: its tokens, those of the whole prompt, and the seconds that the processor takes for one layer of them."""
    return [_vl(processor, **case) for case in cases]


def _vl(processor: Any, pictures: int, width: int, height: int, rate: float, low: int, high: int) -> dict[str, float]:
    told = VideoMetadata(total_num_frames=pictures, fps=rate, duration=pictures / rate, frames_indices=list(range(pictures)))
    made = processor(
        text="<|vision_start|><|video_pad|><|vision_end|>",
        videos=[np.zeros((pictures, height, width, 3), np.uint8)],
        videos_kwargs={"video_metadata": [told], "size": {"shortest_edge": low, "longest_edge": high}, "do_sample_frames": False},
        return_tensors="np",
    )
    ids = np.asarray(made["input_ids"])[0]
    seen = int((ids == processor.tokenizer.convert_tokens_to_ids("<|video_pad|>")).sum())
    return {"pictures": seen, "all": len(ids), "layer_seconds": float(made["second_per_grid_ts"][0])}


def main(omni_checkpoint: str, vl_checkpoint: str) -> None:
    """Read the cases and write the answers."""
    warnings.simplefilter("ignore")
    cases = json.load(sys.stdin)
    answers = {
        "sizes": sizes(cases["sizes"]),
        "sounds": sounds(cases["sounds"]),
        "omni": omni(cases["omni"], AutoProcessor.from_pretrained(omni_checkpoint)),
        "vl": vl(cases["vl"], AutoProcessor.from_pretrained(vl_checkpoint)),
    }
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
