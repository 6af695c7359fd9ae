"""What Qwen2.5-Omni and Qwen2.5-VL have in common: the language model, the vision tower, the processors of pictures and video."""

from typing import Any

from transformers import Qwen2VLImageProcessor, Qwen2VLVideoProcessor

from inference.checkpoints.tokenizer import CONTEXT

HIDDEN = 128
END, PAD = "<|im_end|>", "<|endoftext|>"
PATCHES = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2}
"""As the real ones: a token for 28 by 28 pixels of two frames."""
SMALLEST = 4 * 28 * 28
"""Pixels, as in the real checkpoints' preprocessor_config.json."""


def language_model(vocabulary: int, end: int, pad: int) -> dict[str, Any]:
    """Two layers. vLLM's attention on a CPU takes heads of 32 and not of 16; the sections of a rotary position add up to half a head."""
    return {
        "vocab_size": vocabulary, "hidden_size": HIDDEN, "intermediate_size": 2 * HIDDEN, "num_hidden_layers": 2, "max_window_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": CONTEXT, "tie_word_embeddings": False,
        "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [4, 6, 6]},
        "bos_token_id": None, "eos_token_id": end, "pad_token_id": pad,
    }  # fmt: skip


def vision_tower() -> dict[str, Any]:
    """Two blocks, the second with attention over the whole frame."""
    return {
        "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "out_hidden_size": HIDDEN, "fullatt_block_indexes": [1],
        "patch_size": 14, "window_size": 112,
    }  # fmt: skip


def processors() -> dict[str, Any]:
    """At most 1,280 tokens a picture and 768 a pair of frames, the limits that Qwen's own tools set."""
    return {
        "image_processor": Qwen2VLImageProcessor(**PATCHES, size={"shortest_edge": SMALLEST, "longest_edge": 1280 * 28 * 28}),
        "video_processor": Qwen2VLVideoProcessor(**PATCHES, size={"shortest_edge": SMALLEST, "longest_edge": 768 * 28 * 28}),
    }
