"""A recorded build is played back elsewhere, without its models: the same keys, results and published bytes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_models.endpoint import CAPTIONER, WRITER
from zstandard import ZstdDecompressor

from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

KEY = "planted-secret-key"
KEYS = "SELECT stage, unit_id, encode(key, 'hex'), state, reason FROM build_unit ORDER BY stage, unit_id"
SAID = "SELECT stage, unit_id, ordinal, turn, status, model, encode(request, 'hex') FROM reply ORDER BY stage, unit_id, ordinal"


@pytest.fixture
def elsewhere(installations: Callable[[], Installation]) -> Callable[[Path], Installation]:
    """`elsewhere(recording)`: another installation, whose EGOETL_RECORDING it is, and which knows no model."""
    return lambda recording: replace(installations(), extra={"EGOETL_RECORDING": str(recording)})


def ordered(installation: Installation, name: str) -> list[str]:
    """One clip: what is tested does not depend on how many there are."""
    return ["build", "run", *installation.order(name), "--limit", "1"]


def played(installation: Installation, name: str, *settings: str, code: int = 0) -> dict[str, Any]:
    return installation.json(*ordered(installation, name), "--engine", "replay", *settings, code=code)


def test_a_recorded_build_comes_to_the_same_bytes_without_its_models(
    scripted: ChatServer, bound: Callable[..., Installation], elsewhere: Callable[[Path], Installation], tmp_path: Path
) -> None:
    scripted.key = KEY
    there = bound(scripted, api_key="SCRIPTED_KEY")
    there.extra["SCRIPTED_KEY"] = KEY
    recorded = there.json(*ordered(there, "night"), "--set", "text.max_tokens=600")
    file = tmp_path / "night.jsonl.zst"
    told = there.json("build", "record", "night", "--out", str(file))
    assert told["models"] == [f"{CAPTIONER}@1", f"{WRITER}@1"]
    assert told["replies"] == len({call.request_id for call in scripted.calls})
    content = ZstdDecompressor().decompress(file.read_bytes()).decode()
    for secret in (KEY, scripted.endpoint, "127.0.0.1", "http", str(tmp_path)):
        assert secret not in content

    asked = len(scripted.calls)
    here = elsewhere(file)
    again = played(here, "night")
    assert len(scripted.calls) == asked
    assert here.rows(KEYS) == there.rows(KEYS)
    assert here.rows(SAID) == there.rows(SAID)
    assert here.published(again) == there.published(recorded)

    assert here.json("build", "record", "night", "--out", str(tmp_path / "again"))["replies"] == told["replies"]
    assert (tmp_path / "again").read_bytes() == file.read_bytes()

    # A build that reuses every result is recorded whole as well.
    assert there.json(*ordered(there, "reusing"), "--set", "text.max_tokens=600")["computed"] == 0
    there.run("build", "record", "reusing", "--out", str(tmp_path / "reusing"))
    assert (tmp_path / "reusing").read_bytes() == file.read_bytes()

    # Other parameters have no recording, and fall back to nothing.
    changed = played(here, "changed", "--set", "text.temperature=0.1", code=65)
    assert {each["reason"] for each in changed["failures"] if each["stage"] == "mcg"} == {"not_recorded"}
    assert all("but for another request: its prompt, parameters" in each["message"] for each in changed["failures"])
    assert changed["counts"]["mcg"]["done"] == 0
    assert len(scripted.calls) == asked


def test_a_build_that_no_model_answered_is_not_recorded(installation: Installation, tmp_path: Path) -> None:
    installation.run("build", "plan", *installation.order("measured"))
    refused = installation.run("build", "record", "measured", "--out", str(tmp_path / "r"), code=64)
    assert "only the measured engine; there is nothing to record" in refused.stderr
    assert not (tmp_path / "r").exists()
