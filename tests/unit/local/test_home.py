"""EGOETL_HOME keeps secrets to itself and remembers what it is told."""

import os
import socket
from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.local.home import Home
from egoetl.local.project import project_root


def test_a_home_is_closed_to_others(home: Home) -> None:
    assert home.root.stat().st_mode & 0o777 == 0o700


def test_a_home_that_cannot_be_made_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="set it to a folder that you can write"):
        Home.at(tmp_path / "file" / "home")


def test_a_secret_is_made_once_and_is_read_by_its_owner_only(home: Home) -> None:
    first = home.secret("secrets/key")
    assert len(first) == 43
    assert home.secret("secrets/key") == first
    assert Home.at(home.root).secret("secrets/key") == first
    assert (home.root / "secrets" / "key").stat().st_mode & 0o777 == 0o600
    assert home.secret("secrets/other") != first


def test_a_value_is_replaced_whole(home: Home) -> None:
    home.remember("value", "one")
    home.remember("value", "two")
    assert home.recall("value") == "two"
    assert home.recall("never") is None
    assert [file.name for file in home.root.iterdir() if file.is_file()] == ["value"]


def test_a_port_is_remembered_until_somebody_takes_it(home: Home) -> None:
    port = home.port("service.port")
    assert home.port("service.port") == port
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        other = home.port("service.port")
    assert other != port
    assert home.port("service.port") == other


def test_a_lock_is_seen_from_outside(home: Home) -> None:
    assert not home.is_locked("up")
    with home.locked("up"):
        assert home.is_locked("up")
    assert not home.is_locked("up")


def test_the_project_is_the_checkout_unless_the_environment_names_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EGOETL_PROJECT", raising=False)
    assert project_root() == Path(__file__).parents[3]
    monkeypatch.setenv("EGOETL_PROJECT", str(tmp_path))
    with pytest.raises(ConfigError, match="set EGOETL_PROJECT"):
        project_root()
    for folder in ("dags", "plugins"):
        (tmp_path / folder).mkdir()
    assert project_root() == tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_the_home_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 65534, 65534)
    with pytest.raises(ConfigError, match="belongs to user id 65534"):
        Home.at(tmp_path / "theirs")
