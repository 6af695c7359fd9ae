"""An endpoint's key is nowhere but in the requests to it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import zstandard
from scripted_models.endpoint import models_file, scripted_endpoint
from scripted_models.footage import Reel
from scripted_models.writer import Writer

from egoetl.testing.chat_answers import Answer, Call, Failed
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

KEY = "sk-planted-7f3a9c5e21"
PARTS_OF_KEY = (KEY, KEY[3:], KEY[:14])
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'lineage' AND table_type = 'BASE TABLE'"


def test_the_key_is_in_no_output_row_object_recording_or_process_list(installation: Installation, reel: Reel, tmp_path: Path) -> None:
    seen: list[str] = []

    def fault(call: Call) -> Answer | None:
        """The server, out of order, shows in its error what it was sent; meanwhile processes are listed."""
        seen.extend(_command_lines())
        if call.request_id.startswith("qa.avdn/"):
            return Failed(400, f"Cannot read a request of {call.headers['Authorization']}.", kind="BadRequestError")
        return None

    with scripted_endpoint(Writer(reel), fault, key=KEY) as server:
        extra = {"EGOETL_MODELS": str(models_file(tmp_path, server, api_key="SCRIPTED_KEY")), "SCRIPTED_KEY": KEY}
        bound = replace(installation, extra=extra)
        ended = bound.run("build", "run", *bound.order("night"), "--limit", "1", code=65)
        assert {call.headers["Authorization"] for call in server.calls} == {f"Bearer {KEY}"}
    shown = bound.run("build", "failed", "night")
    recorded = tmp_path / "recording"
    bound.run("build", "record", "night", "--out", str(recorded))

    assert seen
    texts = [*seen, ended.stdout, ended.stderr, shown.stdout, *_rows(bound), *_files(bound.store), *_files(recorded)]
    assert [text for text in texts if any(part in text for part in PARTS_OF_KEY)] == []
    assert any("qa.avdn" in text and "night" not in text for text in _rows(bound)), "the failure itself is told of"


def _command_lines() -> Iterator[str]:
    for process in psutil.process_iter(["cmdline"]):
        yield " ".join(process.info["cmdline"] or [])


def _rows(installation: Installation) -> Iterator[str]:
    """Every row of the lineage database."""
    for (table,) in installation.rows(TABLES):
        yield from (row for (row,) in installation.rows(f'SELECT t::text FROM "{table}" AS t'))


def _files(place: Path) -> Iterator[str]:
    """Every file at or below a place, and its name; what is compressed in plain."""
    for file in [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]:
        content = file.read_bytes()
        if file.suffix == ".zst":
            content = zstandard.ZstdDecompressor().decompressobj().decompress(content)
        yield f"{file}\n{content.decode('utf-8', 'replace')}"
