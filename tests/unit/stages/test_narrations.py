"""What people wrote about a video: every known form is read alike, and what is wrong is said."""

import json
from pathlib import Path

import pytest

from egoetl.core.errors import DataError
from egoetl.core.items import ClipItem
from egoetl.core.records import HumanNarration, HumanNarrations
from egoetl.core.stage import Params
from egoetl.stages.narration_file import read_narrations
from egoetl.stages.narrations import fingerprint, narrations
from egoetl.testing.samples import a_clip
from egoetl.testing.stage_io import FakeStageIO

CUP = HumanNarration(at_ms=61_250, text="the camera wearer lifts a cup", wearer=True)
MAN = HumanNarration(at_ms=70_000, text="man X opens something", wearer=False)
LIFTS, OPENS = "#C C lifts a cup", "#O man X opens #unsure"
FIRST = {"timestamp_sec": 61.25, "timestamp_frame": 1837, "narration_text": LIFTS}
SECOND = {"timestamp_sec": 70.0, "timestamp_frame": 2100, "narration_text": OPENS}
FORMS = {
    "plain.jsonl": f'{{"time": 70, "text": "{OPENS}."}}\n\n{{"time": 61.25, "text": "{LIFTS}."}}\n',
    "table.csv": f"time,text\n61.25,{LIFTS}\n70,{OPENS}\n",
    "list.json": json.dumps([FIRST, SECOND]),
    "ego4d.json": json.dumps({"narration_pass_2": {"narrations": [SECOND]}, "narration_pass_1": {"narrations": [FIRST]}}),
}


def written(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


@pytest.mark.parametrize("name", FORMS)
def test_every_form_says_the_same(tmp_path: Path, name: str) -> None:
    assert read_narrations(written(tmp_path, name, FORMS[name])) == (CUP, MAN)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.jsonl", '{"time": 1, "text": "x"}\n{"time": -1, "text": "x"}', "entry 2: time"),
        ("a.jsonl", '{"time": 1}', "entry 1: text"),
        ("a.jsonl", '{"time": NaN, "text": "x"}', "entry 1: time"),
        ("a.jsonl", '["x"]', "entry 1 is no object"),
        ("a.jsonl", "{", "cannot be read as .jsonl"),
        ("a.csv", "when,what\n1,x\n", "entry 1: time"),
        ("a.json", "[" * 100_000, "cannot be read as .json"),
        ("a.jsonl", b"\xff\xfe", "cannot be read as .jsonl"),
        ("a.jsonl", json.dumps({"time": 1, "text": "x" * 9000}), "entry 1: text"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, name: str, text: str | bytes, says: str) -> None:
    with pytest.raises(DataError, match=says) as raised:
        read_narrations(written(tmp_path, name, text))
    assert raised.value.reason == "narrations_malformed"


def io_for(file: Path | None) -> FakeStageIO:
    return FakeStageIO(narrations, narrations=file, registered={a_clip().video.sha256: Path("kitchen.mp4")})


async def test_a_clip_has_the_narrations_of_its_own_window(tmp_path: Path) -> None:
    file = written(tmp_path, "plain.jsonl", FORMS["plain.jsonl"])
    assert await narrations.run(ClipItem(clip=a_clip(60_000, 70_000)), Params(), io_for(file)) == HumanNarrations(narrations=(CUP,))


async def test_a_clip_that_nobody_wrote_about_has_none() -> None:
    assert await narrations.run(ClipItem(clip=a_clip()), Params(), io_for(None)) == HumanNarrations()


def test_the_fingerprint_follows_the_bytes_of_the_file(tmp_path: Path) -> None:
    item = ClipItem(clip=a_clip())
    one, other = (io_for(written(tmp_path, f"{time}.jsonl", json.dumps({"time": time, "text": "x"}))) for time in (1, 2))
    assert len({fingerprint(item, io) for io in (io_for(None), one, other)}) == 3
