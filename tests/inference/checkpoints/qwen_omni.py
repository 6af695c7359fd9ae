"""Qwen2.5-Omni, the full configuration without its voice: vLLM and LlamaFactory refuse a checkpoint of the thinker alone."""

from pathlib import Path
from typing import Any

from transformers import (
    Qwen2_5OmniConfig,
    Qwen2_5OmniForConditionalGeneration,
    Qwen2_5OmniProcessor,
    Qwen2_5OmniThinkerConfig,
    WhisperFeatureExtractor,
)

from inference.checkpoints.qwen_blocks import END, HIDDEN, PAD, language_model, processors, vision_tower
from inference.checkpoints.saving import random_weights, save
from inference.checkpoints.tokenizer import train

ROLES = {
    "image_token": "<|IMAGE|>",
    "audio_token": "<|AUDIO|>",
    "video_token": "<|VIDEO|>",
    "vision_bos_token": "<|vision_bos|>",
    "vision_eos_token": "<|vision_eos|>",
    "audio_bos_token": "<|audio_bos|>",
    "audio_eos_token": "<|audio_eos|>",
}


def build_omni(folder: Path) -> None:
    """About 0.9 million parameters."""
    tokenizer = train("omni", [PAD, "<|im_start|>", END, *ROLES.values()], eos_token=END, pad_token=PAD, extra_special_tokens=ROLES)
    ids = dict(zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True))
    thinker = Qwen2_5OmniThinkerConfig(
        text_config=language_model(len(tokenizer), ids[END], ids[PAD]),
        vision_config=vision_tower(),
        audio_config=_audio_tower(),
        audio_token_index=ids["<|AUDIO|>"],
        image_token_index=ids["<|IMAGE|>"],
        video_token_index=ids["<|VIDEO|>"],
        audio_start_token_id=ids["<|audio_bos|>"],
        audio_end_token_id=ids["<|audio_eos|>"],
        vision_start_token_id=ids["<|vision_bos|>"],
        vision_end_token_id=ids["<|vision_eos|>"],
        user_token_id=tokenizer.encode("user")[0],
        pad_token_id=ids[PAD],
    )
    config = Qwen2_5OmniConfig(thinker_config=thinker.to_dict(), enable_audio_output=False)
    # 300 s is the longest sound that the real feature extractor takes; it pads nothing shorter for the model.
    hearing = WhisperFeatureExtractor(feature_size=128, chunk_length=300, return_attention_mask=True)
    processor = Qwen2_5OmniProcessor(
        **processors(), feature_extractor=hearing, tokenizer=tokenizer, chat_template=tokenizer.chat_template
    )  # fmt: skip
    save(folder, random_weights(Qwen2_5OmniForConditionalGeneration, config), processor, [ids[END], ids[PAD]], ids[PAD])


def _audio_tower() -> dict[str, Any]:
    """Two layers of a Whisper encoder: 25 tokens a second of sound, as in the real one."""
    return {
        "num_mel_bins": 128, "encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 64, "d_model": 32, "output_dim": HIDDEN,
        "n_window": 100, "max_source_positions": 1500,
    }  # fmt: skip
