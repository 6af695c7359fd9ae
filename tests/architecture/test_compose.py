"""docker-compose.yml: it is valid, closed by default, without secrets, and names only what exists."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import airflow.configuration
import pytest
import yaml
from architecture.compose_file import ROOT, compose, services, variables

from egoetl import __version__

ONE_SHOT = {"initialise", "worker-gpu"}
ENVIRONMENT = {"SECRETS_FOLDER": "/etc/egoetl/secrets", "VIDEOS_FOLDER": "/srv/videos", "MODELS_FOLDER": "/srv/models", "MODEL": "omni"}
SECRET_WORD = re.compile(r"password|secret|token|key", re.IGNORECASE)

each_service = pytest.mark.parametrize("name", list(services()))


def config(tmp_path: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`docker-compose config`, in an environment that has nothing but this."""
    program = shutil.which("docker-compose")
    assert program is not None
    base = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [program, "--env-file", "/dev/null", "--profile", "gpu", *arguments]
    return subprocess.run(command, cwd=ROOT, env=base | environment, capture_output=True, text=True, check=False)


@pytest.mark.needs("docker-compose")
def test_compose_finds_nothing_wrong(tmp_path: Path) -> None:
    done = config(tmp_path, ENVIRONMENT, "config", "-q")
    assert (done.stderr, done.returncode) == ("", 0)


@pytest.mark.needs("docker-compose")
@pytest.mark.parametrize("missing", [name for name, needed in variables().items() if needed])
def test_what_is_missing_stops_with_a_sentence(missing: str, tmp_path: Path) -> None:
    done = config(tmp_path, {name: value for name, value in ENVIRONMENT.items() if name != missing}, "config", "-q")
    assert done.returncode != 0
    assert re.search(rf"required variable {missing} is missing a value: is not set; .*write ", done.stderr)


@pytest.mark.needs("docker-compose")
def test_images_can_be_pinned_by_their_digests(tmp_path: Path) -> None:
    """With a `docker` whose registry knows every tag; what it writes goes over the file."""
    docker = tmp_path / "docker"
    digest = "sha256:" + "0123456789abcdef" * 4
    docker.write_text(f'#!/bin/sh\n[ "$1" = compose ] && shift && exec docker-compose "$@"\necho \'{{"digest": "{digest}"}}\'\n')
    docker.chmod(0o755)
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "deploy", copy / "deploy")
    shutil.copy(ROOT / "docker-compose.yml", copy)
    path = f"{tmp_path}:{Path(shutil.which('docker-compose') or '').parent}:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(tmp_path), **ENVIRONMENT}
    subprocess.run(["python3", copy / "deploy" / "pin_digests.py"], env=environment, check=True, stdout=subprocess.DEVNULL)
    files = ["-f", copy / "docker-compose.yml", "-f", copy / "docker-compose.digests.yml"]
    done = subprocess.run(
        ["docker-compose", "--profile", "gpu", *files, "config"], env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    merged = yaml.safe_load(done.stdout)["services"]
    for name, service in services().items():
        image = merged[name]["build"]["args"]["PYTHON_IMAGE"] if "build" in service else merged[name]["image"]
        assert image.endswith(f"@{digest}"), name


@each_service
def test_a_service_may_do_no_more_than_it_must(name: str) -> None:
    service = services()[name]
    assert not re.match(r"(0|root)(:|$)", str(service["user"]))
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@each_service
def test_a_service_says_how_it_is_and_comes_back(name: str) -> None:
    service = services()[name]
    if name in ONE_SHOT:
        assert (service["healthcheck"], service["restart"]) == ({"disable": True}, "no")
    else:
        assert service["healthcheck"]["test"]
        assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"]["max-size"]
    assert service["deploy"]["resources"]


@each_service
def test_an_image_has_a_whole_version(name: str) -> None:
    service = services()[name]
    tag = service["image"].rpartition(":")[2]
    if "build" in service:
        assert tag == __version__
        assert (ROOT / service["build"]["dockerfile"]).is_file()
    else:
        assert re.match(r"v?\d+\.\d+", tag)
        assert service["image"].startswith("docker.io/")


def test_only_the_loopback_address_is_published() -> None:
    ports = [str(port) for service in services().values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert compose()["networks"]["inside"] == {"internal": True}


@each_service
def test_no_secret_stands_in_an_environment(name: str) -> None:
    given = services()[name].get("environment", {})
    named = {variable: value for variable, value in given.items() if SECRET_WORD.search(variable)}
    assert {variable: value for variable, value in named.items() if not re.search(r"^(cat )?/run/secrets(/\w+)?$", str(value))} == {}
    assert [value for value in given.values() if re.search(r"://[^/\s]*:[^/\s]*@", str(value))] == []


@each_service
def test_a_service_has_each_secret_that_it_reads(name: str) -> None:
    read = set(re.findall(r"/run/secrets/(\w+)", yaml.safe_dump(services()[name])))
    assert read - set(services()[name].get("secrets", [])) == set()


def airflow_options() -> dict[str, dict[str, Any]]:
    file = Path(airflow.configuration.__file__).parent / "config_templates" / "config.yml"
    return {name: section["options"] for name, section in yaml.safe_load(file.read_text()).items()}


@each_service
def test_every_option_of_airflow_is_one(name: str) -> None:
    options = airflow_options()
    for variable in services()[name].get("environment", {}):
        if not variable.startswith("AIRFLOW__"):
            continue
        section, option = variable.removeprefix("AIRFLOW__").lower().split("__")
        assert option.removesuffix("_cmd") in options[section], variable
        if option.endswith("_cmd"):
            assert options[section][option.removesuffix("_cmd")].get("sensitive"), f"Airflow runs no command for {variable}"


def test_the_example_names_every_variable_and_no_secret() -> None:
    lines = [line for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    given = dict(line.split("=", 1) for line in lines)
    assert given.keys() == variables().keys()
    assert [name for name, value in given.items() if value and SECRET_WORD.search(name)] == []
    assert [name for name, needed in variables().items() if needed and given[name]] == []
