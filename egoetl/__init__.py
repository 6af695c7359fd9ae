"""First-person video with sound into question-answer datasets."""

__version__ = "0.1.0"
