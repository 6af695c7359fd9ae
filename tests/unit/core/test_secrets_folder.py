"""Settings from a folder of secrets, as compose and Kubernetes mount them."""

from pathlib import Path

import pytest

from egoetl.core.errors import ConfigError
from egoetl.core.settings import load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("EGOETL_DATABASE_URL", raising=False)
    monkeypatch.setenv("EGOETL_SECRETS_FOLDER", str(tmp_path))
    return tmp_path


def test_a_file_is_the_setting_that_it_is_named_after(folder: Path) -> None:
    (folder / "egoetl_database_url").write_text("postgresql://somebody:word@db.example.org/egoetl\n")
    (folder / "airflow_fernet_key").write_text("somebody else's")
    settings = load_settings()
    assert settings.database() == "postgresql://somebody:word@db.example.org/egoetl"
    assert "word" not in repr(settings)


def test_a_variable_goes_before_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "egoetl_database_url").write_text("postgresql://file/egoetl")
    monkeypatch.setenv("EGOETL_DATABASE_URL", "postgresql://variable/egoetl")
    assert load_settings().database() == "postgresql://variable/egoetl"


def test_an_empty_variable_withholds_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "egoetl_database_url").write_text("postgresql://writer/egoetl")
    (folder / "egoetl_database_owner_url").write_text("postgresql://owner/egoetl")
    assert load_settings().as_owner().database() == "postgresql://owner/egoetl"
    monkeypatch.setenv("EGOETL_DATABASE_OWNER_URL", "")
    assert load_settings().as_owner().database() == "postgresql://writer/egoetl"


def test_an_empty_name_is_no_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "egoetl_database_url").write_text("postgresql://whoever/lies/here")
    monkeypatch.setenv("EGOETL_SECRETS_FOLDER", "")
    monkeypatch.chdir(folder)
    assert load_settings().database_url is None


def test_a_folder_that_is_not_there_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_SECRETS_FOLDER", str(folder / "none"))
    with pytest.raises(ConfigError, match="EGOETL_SECRETS_FOLDER names"):
        load_settings()
