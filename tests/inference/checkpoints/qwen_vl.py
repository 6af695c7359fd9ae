"""Qwen2.5-VL: pictures and video without sound."""

from pathlib import Path

from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2_5_VLProcessor

from inference.checkpoints.qwen_blocks import END, PAD, language_model, processors, vision_tower
from inference.checkpoints.saving import random_weights, save
from inference.checkpoints.tokenizer import train

SPECIAL = [PAD, "<|im_start|>", END, "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]


def build_vl(folder: Path) -> None:
    """About 0.8 million parameters."""
    tokenizer = train("vl", SPECIAL, eos_token=END, pad_token=PAD)
    ids = dict(zip(SPECIAL, tokenizer.convert_tokens_to_ids(SPECIAL), strict=True))
    config = Qwen2_5_VLConfig(
        text_config=language_model(len(tokenizer), ids[END], ids[PAD]),
        vision_config=vision_tower() | {"tokens_per_second": 2},
        image_token_id=ids["<|image_pad|>"],
        video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"],
        vision_end_token_id=ids["<|vision_end|>"],
    )
    processor = Qwen2_5_VLProcessor(**processors(), tokenizer=tokenizer, chat_template=tokenizer.chat_template)
    save(folder, random_weights(Qwen2_5_VLForConditionalGeneration, config), processor, [ids[END], ids[PAD]], ids[PAD])
