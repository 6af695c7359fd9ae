"""How many tokens Qwen2.5-Omni makes of sound. Tested equal to the processor of transformers 5.19."""

HOP = 160
"""Samples from one column of the spectrogram to the next, at 16 kHz."""
MOST_COLUMNS = 30_000
"""What is longer, 300 s, is cut off by the processor."""


def sound_tokens(samples: int) -> int:
    """Tokens of 16 kHz mono sound without markers: 25 a second; 0 for less than 321 samples, which a server refuses.

    Sources: the attention mask of `WhisperFeatureExtractor.__call__` (transformers' models/whisper/feature_extraction_whisper.py)
    has a column for each 160 samples begun; `Qwen2_5OmniProcessor.__call__` (models/qwen2_5_omni/processing_qwen2_5_omni.py)
    halves them twice, as the encoder's strides do.
    """
    columns = min(-(-samples // HOP), MOST_COLUMNS)
    return max(0, ((columns - 1) // 2 + 1 - 2) // 2 + 1) if columns else 0
