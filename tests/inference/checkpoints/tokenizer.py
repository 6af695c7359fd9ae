"""Byte-level BPE tokenizers, trained on what egoetl sends and wants back, so that a prompt is not a token per byte."""

from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

GOLDEN = Path(__file__).parents[2] / "golden"
TEMPLATES = Path(__file__).with_name("chat_templates")
WORDS = Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
"""A word with what stands before it, a digit, punctuation, or white space: merges stay inside each."""
VOCABULARY = 2048
CONTEXT = 32_768


def corpus() -> Iterator[str]:
    """The golden prompts as they are sent and the schemas of replies, in the order of their names."""
    for file in sorted([*GOLDEN.glob("prompts/*.txt"), *GOLDEN.glob("schemas/*.json")]):
        yield file.read_text(encoding="utf-8")


def train(name: str, special: list[str], **roles: object) -> PreTrainedTokenizerFast:
    """The tokenizer of one family, with its special tokens and the chat template of that name."""
    bpe = Tokenizer(models.BPE())
    bpe.normalizer = normalizers.NFC()
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bpe.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(WORDS, behavior="isolated"), byte_level])
    bpe.decoder = decoders.ByteLevel()
    # The alphabet is a set: sorted, or ids would differ from one process to the next.
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bpe.train_from_iterator(corpus(), trainers.BpeTrainer(vocab_size=VOCABULARY, initial_alphabet=alphabet, show_progress=False))
    # After training, so that they stand behind the ordinary tokens, as in the real vocabularies.
    bpe.add_special_tokens([AddedToken(each, special=True, normalized=False) for each in special])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, model_max_length=CONTEXT, **roles)
    tokenizer.chat_template = (TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8")
    return tokenizer
