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
LOCKS = {"control.txt": [], "control-dev.txt": ["dev"]}


def asked(extra: str, groups: list[str]) -> Iterator[Requirement]:
    """The requirements of an extra, with those of the extras that it names, and of dependency groups."""
    lines = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"][extra]
    lines += [line for group in groups for line in PROJECT["dependency-groups"][group]]
    for requirement in map(Requirement, lines):
        if requirement.name != PROJECT["project"]["name"]:
            yield requirement
        else:
            yield from (each for other in sorted(requirement.extras) for each in asked(other, []))


def locked(name: str) -> dict[str, str]:
    """Package to version, of one lock."""
    pins = re.findall(r"^([a-zA-Z0-9._-]+)(?:\[.*\])?==(\S+)", (ROOT / "locks" / name).read_text(), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@pytest.mark.parametrize(("name", "groups"), LOCKS.items(), ids=list(LOCKS))
def test_a_lock_answers_every_requirement(name: str, groups: list[str]) -> None:
    pins = locked(name)
    wrong = {str(each): pins.get(canonicalize_name(each.name)) for each in asked("control", groups)}
    assert {line: pin for line, pin in wrong.items() if pin is None or pin not in Requirement(line).specifier} == {}, "run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str) -> None:
    text = (ROOT / "locks" / name).read_text()
    assert [line for line in re.findall(r"^[^\s#].*$", text, re.MULTILINE) if not line.endswith("\\")] == []


def test_tests_run_on_the_versions_that_a_user_gets() -> None:
    user, developer = locked("control.txt"), locked("control-dev.txt")
    assert {name: (version, developer.get(name)) for name, version in user.items() if developer.get(name) != version} == {}


def test_no_model_library_is_installed_beside_airflow() -> None:
    assert locked("control-dev.txt").keys().isdisjoint({"torch", "transformers", "vllm", "llamafactory"})
