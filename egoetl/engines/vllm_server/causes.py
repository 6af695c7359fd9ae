"""Why a vLLM server has died while it started: its last lines, put into one sentence with a remedy."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from egoetl.core.errors import ConfigError
from egoetl.core.models import ModelSpec
from egoetl.engines.vllm_server.ending import how_ended


class Cause(NamedTuple):
    """How a cause shows in the log, and what a person does about it."""

    shown_by: str
    reason: str
    what: str
    remedy: str


CAUSES = (
    Cause(
        r"out of memory|OutOfMemoryError|less than desired GPU memory",
        "gpu_memory_full",
        "the GPU's memory is full",
        "lower `memory_fraction`, give it more `gpus`, or end what else uses them",
    ),
    Cause(
        r"No available memory for the cache blocks|KV cache is needed|larger than the available KV cache memory",
        "cache_memory_too_small",
        "its weights leave too little memory for requests",
        "lower `max_model_len`, or raise `memory_fraction` or `gpus`",
    ),
    Cause(
        r"No CUDA GPUs are available|invalid device ordinal|Failed to infer device type|NVIDIA driver|no CUDA-capable device"
        r"|world size .* is larger than the number of available GPUs",
        "gpu_missing",
        "the machine has no such GPU that vLLM can use",
        "run it where there is one, or set `gpus` to what there is (0: on the CPU)",
    ),
    Cause(
        r"[Mm]odel architectures? .* (are|is) not supported|does not recognize this architecture|Should have a `model_type` key",
        "architecture_unknown",
        "vLLM does not know its architecture",
        "take a model that this release of vLLM serves",
    ),
    Cause(
        r"GatedRepoError|gated repo|401 Client Error|403 Client Error",
        "model_gated",
        "the hub does not give it to you",
        "accept its licence there, and set HF_TOKEN",
    ),
    Cause(
        r"RevisionNotFoundError|Invalid rev id|is not a valid git identifier",
        "revision_unknown",
        "it has no such revision",
        "take a commit that the hub knows",
    ),
    Cause(
        r"Repository Not Found|RepositoryNotFoundError|not a valid model identifier|Invalid repository ID",
        "model_unknown",
        "there is no such model",
        "correct its id, or give the path of a checkpoint",
    ),
    Cause(
        r"LocalEntryNotFoundError|OfflineModeIsEnabled|couldn't connect to .https|Max retries exceeded|Failed to resolve|ConnectError",
        "model_unreachable",
        "it is not in the cache, and the hub cannot be reached",
        "fetch it first, or give the path of a checkpoint",
    ),
    Cause(
        r"SafetensorError|InvalidHeaderDeserialization|PytorchStreamReader|size mismatch|shape mismatch"
        r"|were not initialized from checkpoint|[Cc]an't load tokenizer|[Cc]ouldn't instantiate the backend tokenizer|EOFError",
        "checkpoint_broken",
        "its files cannot be loaded",
        "copy or fetch them again",
    ),
    Cause(r"No space left on device", "disk_full", "a disk is full", "free space for models and the cache of compilations"),
    Cause(
        r"max_model_len.*is greater than the derived|max seq len.*is larger",
        "model_len_too_large",
        "its context is shorter than `max_model_len`",
        "lower `max_model_len`",
    ),
    Cause(
        r"must be divisible by tensor parallel size|not divisible by",
        "gpus_do_not_divide",
        "it cannot be split over so many `gpus`",
        "take a number that divides its attention heads",
    ),
    Cause(
        r"unrecognized arguments|invalid choice|error: argument",
        "vllm_arguments_refused",
        "vLLM does not take an argument",
        "correct `extra` of the model, or install the release of vLLM that is pinned",
    ),
    Cause(
        r"ModuleNotFoundError|ImportError|cannot open shared object file|cannot be run:",
        "vllm_broken",
        "the environment of vLLM is broken",
        "run `make models` again, or correct EGOETL_VLLM_PYTHON",
    ),
)
PORT_TAKEN = re.compile(r"[Aa]ddress already in use|Errno 98\b|Errno 48\b")
_BEGINS = re.compile(r"Traceback \(most recent call last\)|\bERROR\b|error:|cannot be run:")
"""From such a line on the log tells of the end; warnings before it name things that do no harm."""


def cause_of(spec: ModelSpec, lines: Sequence[str], code: int) -> ConfigError:
    """The error of a server that ended with this exit code before it served; `lines` are its last ones."""
    said = how_ended(lines, code)
    begins = next((number for number, line in enumerate(lines) if _BEGINS.search(line)), len(lines))
    for cause in CAUSES:
        if any(re.search(cause.shown_by, line) for line in lines[begins:]):
            return ConfigError(
                f"Model {spec.name} ({spec.identity}) could not be loaded: {cause.what} ({said}); {cause.remedy}.", reason=cause.reason
            )
    return ConfigError(
        f"The vLLM server of model {spec.name} ({spec.identity}) ended while it started: {said}; its log says more.",
        reason="model_server_died",
    )
