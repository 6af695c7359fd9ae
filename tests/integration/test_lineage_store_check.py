"""What the store has lost is found, forgotten, and made again; nothing else is."""

from pathlib import Path
from typing import Any

import pytest

from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow


def spoil(file: Path) -> None:
    """Other bytes of the same size."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.chmod(0o644)
    file.write_bytes(data)


@pytest.fixture
def lost(tiny: Installation, on_tiny: Any) -> dict[str, str]:
    """A build of which a part and a container are gone and a part and a sound are spoiled: path to what is wrong."""
    assert on_tiny("build", "run", *tiny.order("first"), "--json").code == 0
    parts = [path for (path,) in tiny.rows("SELECT DISTINCT path FROM part WHERE path LIKE 'captions/%%' OR path LIKE 'mcg/%%' ORDER BY 1")]
    files = [path for (path,) in tiny.rows("SELECT path FROM artifact ORDER BY path")]
    wrong = {parts[0]: "missing", parts[-1]: "damaged", files[0]: "missing", files[-1]: "damaged"}
    for path, what in wrong.items():
        spoil(tiny.store / path) if what == "damaged" else (tiny.store / path).unlink()
    return wrong


def test_a_whole_store_is_left_alone(tiny: Installation, on_tiny: Any):
    on_tiny("build", "run", *tiny.order("first"), "--json")
    checked = on_tiny("store", "check", "--repair", "--json").report
    assert checked["checked"] == tiny.rows("SELECT (SELECT count(*) FROM part) + (SELECT count(*) FROM artifact)")[0][0] > 5
    assert (checked["lost"], checked["builds"]) == ([], [])
    assert "are as lineage has them" in on_tiny("store", "check").out


def test_what_is_lost_is_made_again_and_nothing_else(tiny: Installation, on_tiny: Any, lost: dict[str, str]):
    first = on_tiny("build", "show", "first", "--json").report
    results = tiny.rows("SELECT key, unit_id FROM result ORDER BY key")
    found = on_tiny("store", "check", "--json")
    assert (found.code, {each["path"]: each["what"] for each in found.report["lost"]}) == (65, lost)
    assert tiny.rows("SELECT count(*) FROM build_unit WHERE state = 'pending'") == [(0,)]

    repaired = on_tiny("store", "check", "--repair", "--json")
    (again,) = repaired.report["builds"]
    assert (repaired.code, again["build"]) == (0, "first")
    forgotten = len(results) - len(tiny.rows("SELECT key FROM result"))
    assert 0 < forgotten == again["units"] < len(results) / 2

    attempts = tiny.rows("SELECT count(*) FROM attempt")[0][0]
    retried = on_tiny("build", "retry", "first", "--json").report
    assert tiny.rows("SELECT count(*) FROM attempt")[0][0] == attempts + forgotten
    assert tiny.rows("SELECT key, unit_id FROM result ORDER BY key") == results
    assert tiny.published(retried) == tiny.published(first)
    assert retried["counts"] == first["counts"]
    assert on_tiny("store", "check").code == 0
    assert on_tiny("build", "run", *tiny.order("second"), "--json").report["computed"] == 0
