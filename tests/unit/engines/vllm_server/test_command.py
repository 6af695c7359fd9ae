"""What `vllm serve` is told: arguments and environment of a model."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.models import FramePolicy, Launch, ModelSpec
from egoetl.engines.vllm_server.command import arguments, environment, largest_item
from egoetl.engines.vllm_server.executable import vllm_of

Spec = Callable[..., ModelSpec]
VLLM = Path("/models/bin/vllm")


def option(said: list[str], name: str) -> str:
    return said[said.index(name) + 1]


def test_a_model_of_the_hub_is_pinned_with_its_tokenizer_and_split_over_gpus(spec: Spec) -> None:
    launch = Launch(gpus=4, memory_fraction=0.8, max_model_len=4096, max_num_seqs=32, dtype="bfloat16", extra=("--seed", "7"))
    said = arguments(spec(launch, checkpoint=None, model="org/big"), 8000)
    assert said[:3] == ["org/big", "--served-model-name", "org/big"]
    assert (option(said, "--revision"), option(said, "--tokenizer-revision")) == ("abc", "abc")
    assert (option(said, "--tensor-parallel-size"), option(said, "--gpu-memory-utilization")) == ("4", "0.8")
    assert (option(said, "--max-model-len"), option(said, "--max-num-seqs"), option(said, "--dtype")) == ("4096", "32", "bfloat16")
    assert (option(said, "--host"), option(said, "--port")) == ("127.0.0.1", "8000")
    assert said[-2:] == ["--seed", "7"]
    assert "--enforce-eager" not in said


def test_a_local_checkpoint_on_the_cpu_has_no_revision_and_computes_in_float32(spec: Spec, checkpoint: Path) -> None:
    said = arguments(spec(), 8000)
    assert said[:3] == [str(checkpoint), "--served-model-name", "tiny"]
    assert "--revision" not in said
    assert "--tensor-parallel-size" not in said
    assert option(said, "--dtype") == "float32"
    assert "--enforce-eager" in said


def test_replies_are_guided_without_white_space_and_prefixes_are_cached(spec: Spec) -> None:
    said = arguments(spec(), 8000)
    assert json.loads(option(said, "--structured-outputs-config")) == {"backend": "guidance", "disable_any_whitespace": True}
    assert {"--enable-prefix-caching", "--enable-prompt-tokens-details", "--enable-log-requests"} <= set(said)


@pytest.mark.parametrize(
    ("look", "limits", "trusts"),
    [
        (FramePolicy(pictures="images", max_frames=16), {"image": 24, "video": 0, "audio": 0}, False),
        (FramePolicy(pictures="frames", sound="separate"), {"image": 8, "video": 1, "audio": 1}, True),
        (FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni"), {"image": 8, "video": 1, "audio": 1}, True),
    ],
)
def test_a_model_takes_as_many_media_as_its_look_sends_and_stills(
    spec: Spec, look: FramePolicy, limits: dict[str, int], trusts: bool
) -> None:
    said = arguments(spec(look=look), 8000)
    assert json.loads(option(said, "--limit-mm-per-prompt")) == limits
    assert ("--trust-request-mm-kwargs" in said) == trusts
    assert "--language-model-only" not in said


def test_a_model_that_only_reads_takes_no_media(spec: Spec) -> None:
    said = arguments(spec(), 8000)
    assert "--language-model-only" in said
    assert "--limit-mm-per-prompt" not in said


def test_a_batch_holds_the_largest_video(spec: Spec) -> None:
    look = FramePolicy(pictures="container", sound="interleaved", processor="qwen2.5-omni", max_frames=32, fps=2, max_pixels=448 * 448)
    assert largest_item(look) == 16 * 256 + 16 * 25 + 2
    assert option(arguments(spec(Launch(gpus=1), look=look), 8000), "--max-num-batched-tokens") == "8192"
    assert "--max-num-batched-tokens" not in arguments(spec(Launch(gpus=1), look=FramePolicy(pictures="images")), 8000)


def test_on_a_cpu_no_prompt_is_cut(spec: Spec) -> None:
    said = arguments(spec(look=FramePolicy(pictures="container", processor="qwen2.5-omni", max_frames=64)), 8000)
    assert "--no-enable-chunked-prefill" in said
    assert "--max-num-batched-tokens" not in said


def test_the_server_gets_its_key_and_none_of_our_secrets(spec: Spec) -> None:
    given = {
        "EGOETL_DATABASE_URL": "postgresql://planted", "EGOETL_LOCAL_HOME": "/home/e", "AIRFLOW__CORE__FERNET_KEY": "planted",
        "PYTHONPATH": "/control", "VLLM_API_KEY": "another", "HF_TOKEN": "hub", "PATH": "/usr/bin",
    }  # fmt: skip
    said = environment(spec(), given, (), "its-key", VLLM)
    assert "planted" not in "".join(said.values())
    assert "PYTHONPATH" not in said
    assert (said["VLLM_API_KEY"], said["HF_TOKEN"], said["EGOETL_LOCAL_HOME"]) == ("its-key", "hub", "/home/e")
    assert said["PATH"] == "/models/bin:/usr/bin"
    assert "its-key" not in " ".join(arguments(spec(), 8000))


def test_a_local_checkpoint_asks_no_hub_and_a_model_of_the_hub_may(spec: Spec) -> None:
    assert environment(spec(), {}, (), "k", VLLM)["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in environment(spec(checkpoint=None), {}, (), "k", VLLM)


def test_devices_are_a_slice_of_the_gpus(spec: Spec) -> None:
    two = spec(Launch(gpus=2))
    assert environment(two, {}, ("2", "3"), "k", VLLM)["CUDA_VISIBLE_DEVICES"] == "2,3"
    assert environment(two, {"CUDA_VISIBLE_DEVICES": "5"}, (), "k", VLLM)["CUDA_VISIBLE_DEVICES"] == "5"
    with pytest.raises(ConfigError, match="takes 2 GPUs, but 1 are left") as refused:
        environment(two, {}, ("2",), "k", VLLM)
    assert refused.value.reason == "gpus_and_devices_differ"


def test_memory_for_requests_on_a_cpu_is_one_gibibyte_unless_somebody_says_otherwise(spec: Spec) -> None:
    assert environment(spec(), {}, (), "k", VLLM)["VLLM_CPU_KVCACHE_SPACE"] == "1"
    assert environment(spec(), {"VLLM_CPU_KVCACHE_SPACE": "40"}, (), "k", VLLM)["VLLM_CPU_KVCACHE_SPACE"] == "40"


def test_a_model_behind_an_endpoint_is_not_launched(spec: Spec) -> None:
    with pytest.raises(ConfigError) as refused:
        arguments(ModelSpec(name="far", model="m", revision="r", endpoint="https://models/v1"), 8000)
    assert refused.value.reason == "model_not_launched"


def test_vllm_lies_beside_its_interpreter(python: Path, tmp_path: Path) -> None:
    assert vllm_of(python) == python.with_name("vllm")
    with pytest.raises(ConfigError, match=r"run `make models`, or let EGOETL_VLLM_PYTHON name") as refused:
        vllm_of(tmp_path / "elsewhere" / "python")
    assert refused.value.reason == "vllm_missing"
