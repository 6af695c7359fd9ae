"""An evaluation that is killed half-way goes on: the same numbers as one that ran through, and no answer is asked for twice."""

import asyncio
import hashlib
import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmark_footage import fixture_with_videos

from egoetl.testing.chat_answers import Answer, Call, Said
from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BENCH, HALF = "egotempo", 12


class Script:
    """Answers by what is asked. `open_until` replies are sent, what comes later hangs until it is opened."""

    def __init__(self, open_until: int | None = None) -> None:
        self.open_until = open_until
        self.answered: Counter[str] = Counter()

    async def __call__(self, call: Call) -> Answer:
        asked = hashlib.sha256(json.dumps(call.body["messages"]).encode()).hexdigest()
        while self.open_until is not None and self.answered.total() >= self.open_until:  # noqa: ASYNC110 - another thread opens it
            await asyncio.sleep(0.05)
        self.answered[asked] += 1
        if call.body["model"] == "judge":
            return Said(json.dumps({"verdict": "yes", "score": int(asked[0], 16) % 6, "reason": "So it is."}), model="judge")
        return Said(f"The box leaves {asked[:4]}.", model="answerer")


@contextmanager
def evaluating(script: Script, installation: Installation, folder: Path) -> Iterator[tuple[Installation, list[str], ChatServer]]:
    """The installation with the script's models, and the order of an evaluation."""
    folder.mkdir()
    with ChatServer(script, models=None) as server:
        table = f'revision = "1"\nendpoint = "{server.endpoint}"\n'
        look = "{ fps = 1.0, max_frames = 10, pictures = 'images' }"
        models = [
            f'[models.{name}]\nmodel = "{name}"\n{table}' + (f"look = {look}\n" if name == "answerer" else "")
            for name in ("answerer", "judge")
        ]
        (folder / "models.toml").write_text("".join(models))
        data = fixture_with_videos(BENCH, folder)
        order = ["eval", "run", BENCH, "--data", str(data), "--model", "answerer", "--judge", "judge", "--name", "run", "--json"]
        yield replace(installation, extra={"EGOETL_MODELS": str(folder / "models.toml"), "EGOETL_CONCURRENCY": "2"}), order, server
        assert server.failures == []


def report(out: str) -> dict[str, Any]:
    return json.loads(out.splitlines()[-1])


def test_killed_and_run_again_it_gives_the_same_numbers_and_asks_no_item_twice(
    installations: Callable[[], Installation], tmp_path: Path, patiently: Callable[..., None]
) -> None:
    whole = Script()
    with evaluating(whole, installations(), tmp_path / "whole") as (through, order, _):
        expected = report(through.run(*order).stdout)
    assert expected["counts"]["answered"] == 30

    half = Script(HALF)
    with evaluating(half, installations(), tmp_path / "half") as (installation, order, server):
        run = installation.start(*order)
        done = "SELECT count(*) FROM build_unit WHERE stage = 'predict' AND state = 'done'"
        patiently(lambda: run.poll() is not None or installation.rows(done) == [(HALF,)])
        assert run.poll() is None, run.communicate()
        run.send_signal(signal.SIGKILL)
        run.communicate()
        patiently(lambda: server.at_once == 0)
        assert server.abandoned > 0
        half.open_until = None
        finished = report(installation.run(*order).stdout)
        assert finished == expected
        assert half.answered == whole.answered
        assert set(half.answered.values()) == {1}
        doubled = "SELECT stage, unit_id FROM attempt WHERE state IN ('done', 'dropped') GROUP BY stage, unit_id HAVING count(*) > 1"
        assert installation.rows(doubled) == []
        again = report(installation.run(*order).stdout)
        assert (again, half.answered.total()) == (expected, whole.answered.total())
