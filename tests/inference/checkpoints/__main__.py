"""Builds all, in one process: importing transformers takes longer than building."""

import sys
from pathlib import Path

from inference.checkpoints.llama import build_llama
from inference.checkpoints.qwen_omni import build_omni
from inference.checkpoints.qwen_vl import build_vl

folder = Path(sys.argv[1])
build_omni(folder / "omni")
build_vl(folder / "vl")
build_llama(folder / "llama")
