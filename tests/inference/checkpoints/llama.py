"""Llama with the rotary positions of Llama 3.1: text only."""

from pathlib import Path

from transformers import LlamaConfig, LlamaForCausalLM

from inference.checkpoints.saving import random_weights, save
from inference.checkpoints.tokenizer import CONTEXT, train

BEGIN, END, PAD = "<|begin_of_text|>", "<|eot_id|>", "<|finetune_right_pad_id|>"
SPECIAL = [BEGIN, "<|end_of_text|>", PAD, "<|start_header_id|>", "<|end_header_id|>", END]
ROPE = {
    "rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": CONTEXT // 8,
}  # fmt: skip


def build_llama(folder: Path) -> None:
    """About 0.8 million parameters."""
    tokenizer = train("llama", SPECIAL, bos_token=BEGIN, eos_token=END, pad_token=PAD)
    ids = dict(zip(SPECIAL, tokenizer.convert_tokens_to_ids(SPECIAL), strict=True))
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=128, intermediate_size=256, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=CONTEXT, rope_parameters=ROPE,
        bos_token_id=ids[BEGIN], eos_token_id=ids[END], pad_token_id=ids[PAD],
    )  # fmt: skip
    save(folder, random_weights(LlamaForCausalLM, config), tokenizer, [ids[END], ids["<|end_of_text|>"]], ids[PAD])
