"""The images: what their Dockerfiles copy is there, comes into the context, and carries no secret; what they install is locked."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from egoetl_airflow.dag_bundle import EgoetlDagBundle

ROOT = Path(__file__).parents[2]
DOCKERFILES = sorted((ROOT / "deploy" / "images").glob("*/Dockerfile"))
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

each_image = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda file: file.parent.name)


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    """Every instruction as its name and the rest, continued lines joined."""
    lines = [line for line in dockerfile.read_text(encoding="utf-8").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined)]


def copied(dockerfile: Path) -> list[str]:
    """What COPY takes from the repository."""
    copies = [rest.split() for name, rest in instructions(dockerfile) if name == "COPY" and "--from=" not in rest]
    return [word for words in copies for word in words[:-1] if not word.startswith("--")]


@each_image
def test_hadolint_finds_nothing(dockerfile: Path) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, "--no-color", dockerfile], capture_output=True, text=True, check=False)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


@each_image
def test_what_an_image_copies_is_there_and_in_the_context(dockerfile: Path) -> None:
    let_in = [line.removeprefix("!") for line in IGNORED if line.startswith("!")]
    for path in copied(dockerfile):
        assert (ROOT / path).exists(), path
        assert any(Path(path).is_relative_to(each) or Path(path).match(each) for each in let_in), f"{path} is not let in by .dockerignore"


def test_nothing_comes_into_the_context_that_was_not_let_in() -> None:
    assert next(line for line in IGNORED if line and not line.startswith("#")) == "*"


@each_image
def test_an_image_runs_as_nobody_in_particular(dockerfile: Path) -> None:
    last = [rest for name, rest in instructions(dockerfile) if name == "USER"][-1]
    assert last == "50000:0"


@each_image
def test_every_base_image_has_a_whole_version(dockerfile: Path) -> None:
    base = dict(rest.split("=", 1) for name, rest in instructions(dockerfile) if name == "ARG")["PYTHON_IMAGE"]
    assert re.fullmatch(r"docker\.io/library/python:3\.11\.\d+-slim-bookworm", base)
    assert {rest.removesuffix(" AS build") for name, rest in instructions(dockerfile) if name == "FROM"} == {"${PYTHON_IMAGE}"}


@each_image
def test_an_image_says_what_it_is(dockerfile: Path) -> None:
    labels = next(rest for name, rest in instructions(dockerfile) if name == "LABEL")
    assert f'org.opencontainers.image.title="egoetl-{dockerfile.parent.name}"' in labels


@pytest.mark.parametrize(
    "dockerfile", [file for file in DOCKERFILES if file.parent.name != "worker-gpu"], ids=lambda file: file.parent.name
)
def test_every_package_comes_from_a_lock_with_hashes(dockerfile: Path) -> None:
    text = " ".join(rest for _, rest in instructions(dockerfile))
    installs = re.findall(r"pip install ([^&]*)", text)
    assert [line for line in installs if "--require-hashes" not in line and "--no-deps /tmp/wheel" not in line] == []


def test_the_bundle_that_the_control_image_names_is_the_one_that_we_have() -> None:
    control = next(file for file in DOCKERFILES if file.parent.name == "control")
    named = re.findall(r'"classpath": "([\w.]+)"', control.read_text(encoding="utf-8"))
    assert named == [f"{EgoetlDagBundle.__module__}.{EgoetlDagBundle.__name__}"]
