"""Doctor's checks: each tries the thing itself, and one that fails does not keep the others from being tried."""

import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from egoetl.lineage.open import open_ledger
from egoetl.runner import checks
from egoetl.runner.check import Check
from egoetl.testing.outcomes import a_spec, shard_row

PLUGINS = Path(__file__).parents[3] / "plugins"
DEAD = """
import sys
from egoetl.lineage.open import open_ledger
ledger = open_ledger(sys.argv[1], patience_seconds=5)
ledger.claim(ledger.acquire(int(sys.argv[2]), "caption", 0, seconds=600), ["ab" * 32, "cd" * 32])
"""


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "STORE_URL", "LEASE_SECONDS", "NOTIFIERS"):
        monkeypatch.delenv(f"EGOETL_{name}", raising=False)


def run(**airflow: str) -> dict[str, Check]:
    """The checks by name; without Airflow's home unless one is given."""
    return {each.name: each for each in checks.run_checks({"AIRFLOW_HOME": "/nowhere", **airflow})}


def missing(found: dict[str, Check]) -> set[str]:
    return {name for name, check in found.items() if not check.ok}


def test_where_videos_arrive_is_looked_into(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EGOETL_ARRIVALS", str(tmp_path))
    assert run()["arrivals"].detail == f"{tmp_path}, nothing there yet"
    monkeypatch.setenv("EGOETL_ARRIVALS", str(tmp_path / "gone"))
    assert "name the folder" in str(run()["arrivals"].remedy)


def test_a_bare_machine_is_told_what_is_missing_and_what_helps() -> None:
    found = run()
    assert missing(found) == {"database", "store"}
    assert found["database"].remedy == "run `egoetl local up` and load what it prints."
    assert found["decoder"].detail.startswith("pyav-")
    assert found["codecs"].detail == "h264, hevc, vp9, 10-bit, aac"
    assert Path(found["ffmpeg"].detail).is_file()
    assert found["recipes"].detail == "egoavu"
    assert "there is no /nowhere" in found["airflow"].detail


def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOETL_LEASE_SECONDS", "long")
    found = run()
    assert list(found) == ["python", "settings"]
    assert "EGOETL_LEASE_SECONDS" in found["settings"].detail


def test_a_whole_installation_passes(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("EGOETL_DATABASE_URL", database_url)
    monkeypatch.setenv("EGOETL_STORE_URL", (tmp_path / "store").as_uri())
    found = run()
    assert missing(found) == set()
    assert found["database"].detail == "lineage schema up to date, 0 builds"
    assert found["workers"].detail == "at work: nobody; left by dead workers: 0 leases, 0 claims, free for the next"
    assert found["clock"].detail.endswith("s off this machine's")
    assert "GB free" in found["disk"].detail
    assert [file for file in (tmp_path / "store").rglob("*") if file.is_file()] == []


def test_who_works_and_what_the_dead_have_left_is_said(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("EGOETL_DATABASE_URL", database_url)
    ledger = open_ledger(database_url, patience_seconds=5)
    seq = ledger.create_build(a_spec("night"), [shard_row(2, 0)], []).seq
    subprocess.run([sys.executable, "-c", DEAD, database_url, str(seq)], check=True)
    lease = ledger.acquire(seq, "mcg", 0, seconds=60)
    detail = run()["workers"].detail
    assert "(night, mcg, shard 0); left by dead workers: 1 leases" in detail
    ledger.release(ledger.acquire(seq, "caption", 0, seconds=60))
    ledger.release(lease)
    assert run()["workers"].detail == "at work: nobody; left by dead workers: 0 leases, 2 claims, free for the next"
    ledger.close()


def test_a_clock_that_differs_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("EGOETL_DATABASE_URL", database_url)
    monkeypatch.setattr(checks.time, "time", lambda: 1_000_000.0)
    clock = run()["clock"]
    assert (clock.ok, clock.remedy) == (False, "have both set by NTP.")


def test_a_full_disk_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EGOETL_STORE_URL", (tmp_path / "store").as_uri())
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**10, 10**10 - 10**6, 10**6))
    found = run()
    assert {"disk", "shared memory"} <= missing(found)
    assert "egoetl store gc" in str(found["disk"].remedy)
    assert "--shm-size" in str(found["shared memory"].remedy)


def test_a_missing_codec_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egoetl.media.codecs.codecs", lambda: {"h264": True, "hevc": False, "10-bit": False})
    assert run()["codecs"].detail == "This PyAV does not decode hevc, 10-bit"


def test_a_store_that_cannot_be_written_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("EGOETL_STORE_URL", (tmp_path / "file" / "store").as_uri())
    store = run()["store"]
    assert not store.ok
    assert str(tmp_path / "file") in store.detail


@pytest.mark.parametrize("url", ["gs://bucket", "postgresql://x", "file://host/folder", "store"])
def test_a_store_address_of_another_kind_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EGOETL_STORE_URL", url)
    store = run()["store"]
    assert not store.ok
    assert "file:///absolute/folder" in str(store.remedy)


def test_a_database_without_the_schema_is_a_failed_check(monkeypatch: pytest.MonkeyPatch, empty_database_url: str) -> None:
    monkeypatch.setenv("EGOETL_DATABASE_URL", empty_database_url)
    assert run()["database"].remedy == "run `egoetl db upgrade`."


@pytest.mark.slow
def test_airflow_is_asked_for_its_dags_and_notifiers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = [
        {"notifier": "airflow.providers.smtp.notifications.smtp.SmtpNotifier", "arguments": {"to": "a@b"}},
        {"notifier": "no.such.Chat"},
    ]
    monkeypatch.setenv("EGOETL_NOTIFIERS", json.dumps(chosen))
    airflow = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    found = run(**airflow)
    assert {"airflow DAGs", "notifier Chat"} <= missing(found)
    assert found["airflow plugin"].detail == str(PLUGINS / "egoetl_airflow")
    assert "EgoetlDagBundle" in str(found["airflow DAGs"].remedy)
    assert "No module named 'no'" in found["notifier Chat"].detail
    assert found["notifier SmtpNotifier"].ok
    bundle = [{"name": "egoetl", "classpath": "egoetl_airflow.dag_bundle.EgoetlDagBundle", "kwargs": {}}]
    found = run(**airflow, AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST=json.dumps(bundle))
    assert found["airflow DAGs"].ok
