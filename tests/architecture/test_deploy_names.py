"""What files of deploy/, docker-compose.yml and the settings examples name is there: settings, commands, secrets, health checks."""

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml
from architecture.compose_file import ROOT, compose, services

from egoetl.cli.main import app
from egoetl.core.settings import SECRETS_VARIABLE, Settings

VARIABLE = re.compile(r"\bEGOETL_[A-Z0-9_]+\b")
# Read by the DAG's task `plan`, and by the command line.
READ_ELSEWHERE = {"EGOETL_MANIFEST", "EGOETL_VIDEOS", SECRETS_VARIABLE}
SETTINGS = {f"EGOETL_{name.upper()}" for name in Settings.model_fields}
FILES = [ROOT / "docker-compose.yml", *sorted(file for file in (ROOT / "deploy").rglob("*") if file.is_file() and file.suffix != ".pyc")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_setting_that_a_file_names_is_one(file: Path) -> None:
    assert set(VARIABLE.findall(file.read_text(encoding="utf-8"))) - SETTINGS - READ_ELSEWHERE == set()


def commands_of_scripts() -> Iterator[list[str]]:
    """Every `run("egoetl", ...)` of a script that prepares an installation, with words for what is only known when it runs."""
    for file in sorted((ROOT / "deploy").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "run":
                words = [each.value if isinstance(each, ast.Constant) else "x" for each in node.args]
                if words and words[0] == "egoetl":
                    yield [str(word) for word in words[1:]]


def commands_of_compose() -> Iterator[list[str]]:
    """What services run by the entry point `egoetl` of their image, and what a comment tells to run with one."""
    yield from (service["command"] for name, service in services().items() if name == "worker-gpu")
    for line in re.findall(r"docker compose run --rm worker-gpu ([^:]*?):", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")):
        yield shlex.split(line)


def commands_of_manifests() -> Iterator[list[str]]:
    """What containers of deploy/kubernetes run by `egoetl`."""
    for file in sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml")):
        for manifest in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            for container in manifest.get("spec", {}).get("template", {}).get("spec", {}).get("containers", []):
                if container.get("command") == ["egoetl"]:
                    yield container["args"]


@pytest.mark.parametrize("words", [*commands_of_scripts(), *commands_of_compose(), *commands_of_manifests()], ids=" ".join)
def test_every_command_can_be_typed(words: list[str]) -> None:
    command = typer.main.get_command(app)
    rest = list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    with command.make_context("egoetl", rest):
        assert not getattr(command, "commands", None), "a group of commands, not a command"


def test_every_health_check_of_ours_knows_its_component() -> None:
    script = (ROOT / "deploy" / "images" / "control" / "healthy.py").read_text(encoding="utf-8")
    known = set(ast.literal_eval(re.findall(r"^COMPONENTS = (\(.*\))$", script, re.MULTILINE)[0]))
    asked = {test[2] for service in services().values() if (test := service["healthcheck"].get("test", [""] * 2))[1] == "healthy"}
    assert asked == known


def test_the_secrets_that_are_made_are_the_ones_that_compose_wants(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    for _ in range(2):
        subprocess.run([sys.executable, ROOT / "deploy" / "make_secrets.py", folder], check=True)
    made = {file.name: file.read_text() for file in folder.iterdir()}
    wanted = {secret["file"].rpartition("/")[2] for secret in compose()["secrets"].values()}
    assert wanted <= made.keys()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}
    assert made["worker_password"] in made["egoetl_database_url"]
    assert made["store_secret_key"] in made["store_identities"]
    assert min(len(text) for text in made.values()) >= 20


def test_a_secret_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "worker_password").write_text("chosen-by-a-person")
    subprocess.run([sys.executable, ROOT / "deploy" / "make_secrets.py", tmp_path], check=True)
    assert (tmp_path / "worker_password").read_text() == "chosen-by-a-person"
    assert ":chosen-by-a-person@" in (tmp_path / "egoetl_database_url").read_text()


def test_secrets_are_not_written_into_the_checkout() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "make_secrets.py", ROOT / "secrets"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "lies in the checkout" in done.stderr
    assert not (ROOT / "secrets").exists()
