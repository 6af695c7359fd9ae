"""The command line and environment of `vllm serve` for a model."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from egoetl.algorithms.picture_tokens import FACTOR, TEMPORAL_PATCH
from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy, Launch, ModelSpec

HOST = "127.0.0.1"
KEY_VARIABLE = "VLLM_API_KEY"
"""Where vLLM reads the key that it asks of its callers; an argument would stand in the list of processes."""
_SOUND_TOKENS_A_SECOND = 25
_SERVERS_OWN_BATCH = 2048
"""Tokens in one batch on a GPU if nothing is said, at the least."""
_ROOMY_BATCH = 8192
_STILLS = 8
"""Pictures that a question may bring beside the window that it is about: options of a benchmark."""
_KEPT = ("EGOETL_LOCAL_HOME",)
_STRANGE = ("EGOETL_", "AIRFLOW_", "PYTHON", "VIRTUAL_ENV", KEY_VARIABLE)


def arguments(spec: ModelSpec, port: int) -> list[str]:
    """What follows `vllm serve`; it holds no secret."""
    launch = launch_of(spec)
    said = [spec.checkpoint or spec.model, "--served-model-name", spec.model, "--host", HOST, "--port", str(port)]
    if spec.checkpoint is None:
        said += ["--revision", spec.revision, "--tokenizer-revision", spec.revision]
    said += ["--max-num-seqs", str(launch.max_num_seqs), "--dtype", _dtype(launch)]
    if launch.max_model_len is not None:
        said += ["--max-model-len", str(launch.max_model_len)]
    if launch.gpus:
        said += ["--tensor-parallel-size", str(launch.gpus), "--gpu-memory-utilization", str(launch.memory_fraction)]
    else:
        # A prompt cut over two batches ends the server where the request is seeded: PyTorch's generator of a CPU cannot step back.
        said += ["--enforce-eager", "--no-enable-chunked-prefill"]
    # The other backends let control characters into strings, and white space without end between them.
    said += ["--structured-outputs-config", json.dumps({"backend": "guidance", "disable_any_whitespace": True})]
    said += ["--enable-prefix-caching", "--enable-prompt-tokens-details"]
    said += ["--enable-log-requests", "--disable-uvicorn-access-log"]
    return [*said, *_seeing(spec.look, launch), *launch.extra]


def environment(spec: ModelSpec, given: Mapping[str, str], devices: tuple[str, ...], key: str, vllm: Path) -> dict[str, str]:
    """The variables of the server: those given, without settings and secrets that are none of its business.

    Raises ConfigError `gpus_and_devices_differ` if devices are named, but not as many as the model takes.
    """
    launch = launch_of(spec)
    if devices and len(devices) != launch.gpus:
        raise ConfigError(
            f"Model {spec.name} takes {launch.gpus} GPUs, but {len(devices)} are left for it; change `gpus` of the model.",
            reason="gpus_and_devices_differ",
        )
    said = {name: value for name, value in given.items() if name in _KEPT or not name.startswith(_STRANGE)}
    # Programs that vLLM calls, such as a compiler's, are looked for in its environment first.
    said["PATH"] = os.pathsep.join(filter(None, (str(vllm.parent), given.get("PATH", os.defpath))))
    said |= {KEY_VARIABLE: key, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    if spec.checkpoint is not None:
        said |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    if devices:
        said["CUDA_VISIBLE_DEVICES"] = ",".join(devices)
    if not launch.gpus:
        said.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
        # Otherwise every server binds itself to the same cores.
        said.setdefault("VLLM_CPU_OMP_THREADS_BIND", "nobind")
    return said


def launch_of(spec: ModelSpec) -> Launch:
    """How the model is launched. Raises ConfigError `model_not_launched` for one that is reached by an endpoint."""
    if spec.launch is None:
        raise ConfigError(
            f"Model {spec.name} says nothing of how vLLM is started for it; add `launch` to it in the file of models.",
            reason="model_not_launched",
        )
    return spec.launch


def largest_item(look: FramePolicy) -> int:
    """Most tokens of one picture or video, with its interleaved sound: vLLM refuses one that is larger than its batch.

    A processor that is not known is taken to be no finer than those of Qwen2.5.
    """
    picture = look.max_pixels // FACTOR**2
    if look.pictures == "images":
        return picture
    sound = math.ceil(look.max_frames / look.fps) * _SOUND_TOKENS_A_SECOND if look.sound == "interleaved" else 0
    return math.ceil(look.max_frames / TEMPORAL_PATCH) * picture + sound + 2


def _dtype(launch: Launch) -> str:
    """Most CPUs compute in float32 alone; `auto` would take the checkpoint's bfloat16 and emulate it."""
    return "float32" if launch.dtype == "auto" and not launch.gpus else launch.dtype


def _seeing(look: FramePolicy | None, launch: Launch) -> list[str]:
    if look is None:
        return ["--language-model-only"]
    count = {"image": look.max_frames + _STILLS, "video": 0} if look.pictures == "images" else {"image": _STILLS, "video": 1}
    limits: dict[str, Any] = {**count, "audio": 0 if look.sound == "none" else 1}
    said = ["--limit-mm-per-prompt", json.dumps(limits)]
    if look.pictures != "images":
        # A video comes with its rate, its size and whether its sound is read in time; without this, requests may not say so.
        said += ["--trust-request-mm-kwargs"]
    # On a CPU, where no prompt is cut, a batch holds the longest one anyway.
    if launch.gpus and (largest := largest_item(look)) > _SERVERS_OWN_BATCH:
        said += ["--max-num-batched-tokens", str(max(largest, _ROOMY_BATCH, launch.max_num_seqs))]
    return said
