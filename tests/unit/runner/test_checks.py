"""Doctor's checks: each tries the thing itself, and one that fails does not keep the others from being tried."""

from pathlib import Path

import pytest

from egoetl.runner.checks import run_checks


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "STORE_URL", "LEASE_SECONDS"):
        monkeypatch.delenv(f"EGOETL_{name}", raising=False)


def checks() -> dict[str, tuple[bool, str]]:
    return {each.name: (each.ok, each.detail) for each in run_checks()}


def test_a_bare_machine_is_told_what_is_missing_and_what_helps() -> None:
    found = checks()
    assert {name for name, (ok, _) in found.items() if not ok} == {"database", "store"}
    assert "egoetl local up" in found["database"][1]
    assert found["decoder"][1].startswith("pyav-")
    assert found["recipes"][1] == "egoavu"


def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_LEASE_SECONDS", "long")
    found = checks()
    assert list(found) == ["python", "settings"]
    assert "EGOETL_LEASE_SECONDS" in found["settings"][1]


def test_a_whole_installation_passes(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("EGOETL_DATABASE_URL", database_url)
    monkeypatch.setenv("EGOETL_STORE_URL", (tmp_path / "store").as_uri())
    found = checks()
    assert [name for name, (ok, _) in found.items() if not ok] == []
    assert found["database"][1] == "lineage schema up to date, 0 builds"
    assert [file for file in (tmp_path / "store").rglob("*") if file.is_file()] == []


def test_a_store_that_cannot_be_written_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("EGOETL_STORE_URL", (tmp_path / "file" / "store").as_uri())
    ok, detail = checks()["store"]
    assert not ok
    assert str(tmp_path / "file") in detail


@pytest.mark.parametrize("url", ["s3://bucket", "postgresql://x", "file://host/folder", "store"])
def test_a_store_address_of_another_kind_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EGOETL_STORE_URL", url)
    ok, detail = checks()["store"]
    assert not ok
    assert "file:///absolute/folder" in detail


def test_a_database_without_the_schema_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, empty_database_url: str) -> None:
    monkeypatch.setenv("EGOETL_DATABASE_URL", empty_database_url)
    ok, detail = checks()["database"]
    assert not ok
    assert "egoetl db upgrade" in detail
