"""Qwen2.5-Omni's thinker with random weights, and segments as it is shown them. Nothing is downloaded: the sizes stand here.

For bench/gpu.py, which runs in an environment with torch and transformers, without egoetl.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from transformers import (
    Qwen2_5OmniThinkerConfig,
    Qwen2_5OmniThinkerForConditionalGeneration,
    Qwen2VLVideoProcessor,
    WhisperFeatureExtractor,
)

# Qwen2.5-Omni-7B: a language model of 28 layers, a picture encoder of 32, a sound encoder of 32; 8.9 billion parameters.
FULL: dict[str, Any] = {
    "text_config": {
        "vocab_size": 152_064, "hidden_size": 3584, "intermediate_size": 18_944, "num_hidden_layers": 28, "num_attention_heads": 28,
        "num_key_value_heads": 4, "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]},
        "tie_word_embeddings": False,
    },
    "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584},
    "audio_config": {
        "encoder_layers": 32, "encoder_attention_heads": 20, "encoder_ffn_dim": 5120, "d_model": 1280, "output_dim": 3584,
    },
}  # fmt: skip
# The same layers, thin: what a CPU can run to see that the script works.
TINY: dict[str, Any] = {
    "text_config": FULL["text_config"] | {
        "hidden_size": 128, "intermediate_size": 256, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]},
    },
    "vision_config": {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": 128, "fullatt_block_indexes": [1],
    },
    "audio_config": {"encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 64, "d_model": 32, "output_dim": 128},
}  # fmt: skip
PAD, VISION_BEGINS, VISION_ENDS = 151_643, 151_652, 151_653
SOUND_RATE = 16_000


@dataclass(frozen=True)
class Segment:
    """What the model is shown of one segment."""

    seconds: int = 10
    fps: int = 2
    width: int = 448
    height: int = 448
    prompt_tokens: int = 1200
    """About the longest of egoetl's prompts."""

    @property
    def frames(self) -> int:
        """Pictures of one segment."""
        return self.seconds * self.fps


def random_model(sizes: dict[str, Any], device: str) -> Any:
    """The thinker in bfloat16 (float32 on a CPU), its weights drawn on the device itself."""
    marks = {"pad_token_id": PAD, "vision_start_token_id": VISION_BEGINS, "vision_end_token_id": VISION_ENDS}
    config = Qwen2_5OmniThinkerConfig(**sizes, **marks)
    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    torch.manual_seed(5)
    with torch.device(device):
        model: Any = Qwen2_5OmniThinkerForConditionalGeneration._from_config(config, dtype=dtype, attn_implementation="sdpa")
    return model.eval()


def batch_of(config: Any, segment: Segment, count: int, seed: int) -> dict[str, torch.Tensor]:
    """`count` segments through the real processors of pictures and sound: noise in, as dear as any video; text as random tokens."""
    random = np.random.default_rng(seed)
    shape = (segment.frames, segment.height, segment.width, 3)
    videos = [random.integers(0, 255, shape, dtype=np.uint8) for _ in range(count)]
    sounds = [random.standard_normal(segment.seconds * SOUND_RATE, dtype=np.float32) for _ in range(count)]
    seen = Qwen2VLVideoProcessor()(videos, do_sample_frames=False, cap_pixels_per_frame=False, return_tensors="pt")
    hearing = WhisperFeatureExtractor(feature_size=128, chunk_length=300)
    heard = hearing(sounds, sampling_rate=SOUND_RATE, padding=True, truncation=False, return_attention_mask=True, return_tensors="pt")
    grid = seen["video_grid_thw"]
    pictures = int(grid[0].prod()) // 4
    tokens = _tokens(config, segment, count, pictures, random)
    return {
        "input_ids": tokens, "attention_mask": torch.ones_like(tokens),
        "pixel_values_videos": seen["pixel_values_videos"], "video_grid_thw": grid,
        "video_second_per_grid": torch.full((count,), 2 / segment.fps),
        "input_features": heard["input_features"], "feature_attention_mask": heard["attention_mask"],
    }  # fmt: skip


def _tokens(config: Any, segment: Segment, count: int, pictures: int, random: np.random.Generator) -> torch.Tensor:
    """Prompt, then the marks of pictures and of sound (25 a second), each between its brackets."""
    ids = [int(each) for each in random.integers(0, 100_000, segment.prompt_tokens)]
    vision = [config.vision_start_token_id, *[config.video_token_index] * pictures, config.vision_end_token_id]
    sound = [config.audio_start_token_id, *[config.audio_token_index] * (25 * segment.seconds), config.audio_end_token_id]
    return torch.tensor([[*ids, *vision, *sound]] * count)
