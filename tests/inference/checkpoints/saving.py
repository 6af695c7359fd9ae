"""Writes a checkpoint as a hub would hold it."""

from pathlib import Path

import torch
from transformers import GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast, ProcessorMixin

SEED = 5


def random_weights(architecture: type[PreTrainedModel], config: object) -> PreTrainedModel:
    """A model whose weights depend on nothing but its configuration."""
    torch.manual_seed(SEED)
    return architecture(config).eval()


def save(folder: Path, model: PreTrainedModel, processor: ProcessorMixin | PreTrainedTokenizerFast, end: list[int], pad: int) -> None:
    """Weights, configuration, processor, tokenizer, chat template and how to end a reply."""
    model.generation_config = GenerationConfig(eos_token_id=end, pad_token_id=pad)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    for file in folder.iterdir():
        file.chmod(0o644)
