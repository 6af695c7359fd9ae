"""What an installation takes from the environment that it is brought up in."""

import pytest

from egoetl.local.home import Home
from egoetl.local.installation import Installation


def test_a_store_on_s3_and_the_execution_are_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_STORE_URL", "s3://bucket/night")
    monkeypatch.setenv("EGOETL_EXECUTION", "kubernetes")
    settings = Installation(home).settings()
    assert settings["EGOETL_STORE_URL"] == "s3://bucket/night"
    assert settings["EGOETL_EXECUTION"] == "kubernetes"


def test_the_store_of_another_home_is_not_taken(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_STORE_URL", "file:///elsewhere/store")
    monkeypatch.delenv("EGOETL_EXECUTION", raising=False)
    settings = Installation(home).settings()
    assert settings["EGOETL_STORE_URL"] == (home.root / "store").as_uri()
    assert settings["EGOETL_EXECUTION"] == "local"
