"""Whole builds by vLLM servers with random weights in the real architectures: nothing they say is true, and all of it is accounted for."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import psutil
import pytest
from inference.tiny import Checkpoints

from egoetl.core.ports import ReplyStatus
from egoetl.testing.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.needs("models"), pytest.mark.timeout(1800)]

SECONDS = 1500
"""A server needs half a minute to start, on a busy machine many times as long."""
RIGHT = ("ok", "repaired")
DOUBLED = """
    SELECT stage, unit_id, count(*) FROM attempt WHERE state IN ('done', 'dropped') GROUP BY build_seq, stage, unit_id HAVING count(*) > 1
"""
ASKED = "SELECT stage, unit_id FROM build_unit WHERE state = 'done' AND (stage IN ('caption', 'mcg', 'av_narration') OR stage LIKE 'qa_%%')"


@pytest.fixture
def served(installation: Installation, models_python: Path, tmp_path: Path) -> Installation:
    """An installation whose builds start model servers."""
    return replace(installation, extra={"EGOETL_VLLM_PYTHON": str(models_python), "EGOETL_HOME": str(tmp_path / "home")})


def test_a_build_accounts_for_all_that_random_weights_say_and_outlives_a_killed_server(
    served: Installation, tiny_checkpoints: Checkpoints, tmp_path: Path, patiently: Callable[..., None]
) -> None:
    omni, llama = str(tiny_checkpoints.omni), str(tiny_checkpoints.llama)
    roles = [f"role.omni={omni}", f"role.vision={omni}", f"role.text={llama}", "floor=0"]
    settings = [argument for each in roles for argument in ("--set", each)]
    build = served.start("build", "run", *served.order("random"), "--limit", "1", *settings, "--json")
    log = tmp_path / "home" / "logs" / f"vllm-{tiny_checkpoints.llama.name}.log"
    patiently(lambda: build.poll() is not None or (log.exists() and "mcg/" in log.read_text()), seconds=SECONDS, every=0.2)
    assert build.poll() is None, build.communicate()
    running = _servers(build.pid)
    (killed,) = [each for each in running if llama in each.cmdline()]
    os.killpg(killed.pid, signal.SIGKILL)
    out, said = build.communicate(timeout=SECONDS)
    assert build.returncode == 0, said
    assert "it is started again" in said
    assert json.loads(out.splitlines()[-1])["state"] == "succeeded"
    assert [each for each in running if each.is_running()] == []

    report = served.json("build", "show", "random")
    for stage, counts in report["counts"].items():
        assert counts["total"] == counts["done"] + counts["dropped"] + counts["failed"] + counts["blocked"], stage
    replies = served.rows("SELECT stage, unit_id, status::text FROM reply")
    assert {status for *_, status in replies} <= set(get_args(ReplyStatus))
    answered = {(stage, unit) for stage, unit, status in replies if status in RIGHT}
    assert set(served.rows(ASKED)) <= answered
    assert {"caption", "mcg"} <= {stage for stage, _ in answered}
    failed = served.rows("SELECT DISTINCT reason FROM build_unit WHERE state = 'failed'")
    assert all(reason.startswith("reply_") for (reason,) in failed)
    assert report["counts"]["caption"]["done"] + report["counts"]["caption"]["failed"] == 2
    judged = report["counts"].get("verify", {"done": 0, "dropped": 0})
    assert served.rows("SELECT count(*) FROM qa_pair") == [(judged["done"] + judged["dropped"],)]
    assert served.rows(DOUBLED) == []


def _servers(pid: int) -> list[psutil.Process]:
    """The leaders of the servers that a command has started."""
    children = psutil.Process(pid).children(recursive=True)
    return [each for each in children if "serve" in each.cmdline() and os.getpgid(each.pid) == each.pid]
