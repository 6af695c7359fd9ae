"""GPUs shared out among the servers of one command."""

from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.models import Launch, ModelSpec
from egoetl.runner.devices import Devices


def a_model(name: str, gpus: int) -> ModelSpec:
    return ModelSpec(name=name, model=name, revision="1", launch=Launch(gpus=gpus))


def test_no_two_servers_get_one_gpu_and_an_ended_one_gives_them_back():
    devices = Devices(("0", "1", "2", "3"))
    small, large = a_model("small", 1), a_model("large", 3)

    assert devices.take(small) == ("0",)
    assert devices.take(large) == ("1", "2", "3")
    assert devices.take(small) == ("0",)
    devices.give_back(small)
    assert devices.take(a_model("other", 1)) == ("0",)


def test_too_few_gpus_are_named():
    devices = Devices(("0", "1"))
    devices.take(a_model("small", 1))

    assert devices.lacks([a_model("large", 2)])
    assert not devices.lacks([a_model("small", 1), a_model("second", 1)])
    with pytest.raises(ConfigError, match="large takes 2 GPUs, and this machine has 2, 1 of them taken") as caught:
        devices.take(a_model("large", 2))
    assert caught.value.reason == "gpus_missing"


def test_where_no_gpu_is_known_nothing_is_shared_out():
    devices = Devices(())

    assert not devices.lacks([a_model("large", 8)])
    assert devices.take(a_model("large", 8)) == ()
    assert Devices(("0",)).take(a_model("on the CPU", 0)) == ()


def test_the_variable_of_cuda_goes_before_what_the_driver_shows(tmp_path: Path):
    for name in ("nvidia0", "nvidia1", "nvidia10", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()

    assert Devices.here({}, tmp_path).take(a_model("large", 3)) == ("0", "1", "10")
    assert Devices.here({"CUDA_VISIBLE_DEVICES": "2, GPU-5"}, tmp_path).take(a_model("large", 2)) == ("2", "GPU-5")
    assert Devices.here({"CUDA_VISIBLE_DEVICES": ""}, tmp_path).count == 0
