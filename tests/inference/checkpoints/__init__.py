"""Builds tiny checkpoints with random weights and the real architectures, equal bytes each time. Runs in the environment of `make models`.

`python -m inference.checkpoints FOLDER` writes FOLDER/omni, FOLDER/vl and FOLDER/llama, each a folder as a model hub would hold it.
"""
