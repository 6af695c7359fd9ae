"""A whole build with models that reply rightly: whatever a right reply needs, the prompts hold."""

from collections.abc import Callable

import pytest
from scripted_models.endpoint import CAPTIONER, WRITER
from scripted_models.many_pairs import many_pairs

from egoetl.qa.curation import NEAR_DUPLICATE
from egoetl.qa.index import TASKS
from egoetl.testing.chat_server import ChatServer
from egoetl.testing.installation import Installation

pytestmark = pytest.mark.slow

CAPTIONS = ("caption.video_description", "caption.sound_description", "caption.object_description")


def test_right_replies_are_all_accepted_and_make_a_hundred_pairs(scripted: ChatServer, bound: Callable[..., Installation]) -> None:
    installation = bound(scripted)
    report = installation.json("build", "run", *installation.order("night"), *many_pairs())
    assert report["failures"] == []
    assert report["drops"] == []
    assert sum(report["qa"].values()) == report["counts"]["verify"]["total"]
    assert report["left_out"].keys() <= {NEAR_DUPLICATE}
    ((published,),) = installation.rows("SELECT count(*) FROM version_pairs")
    assert published == sum(report["qa"].values()) - sum(report["left_out"].values()) >= 100
    assert set(report["qa"]) == set(TASKS)
    for stage, counts in report["counts"].items():
        assert counts["done"] == counts["total"], stage

    asked = {call.request_id.split("/")[0] for call in scripted.calls}
    assert asked == {*CAPTIONS, "mcg", "av_narration", *(f"qa.{name}" for name in TASKS)}
    assert {call.body["model"] for call in scripted.calls if call.request_id.startswith("caption.")} == {CAPTIONER}
    assert {call.body["model"] for call in scripted.calls if not call.request_id.startswith("caption.")} == {WRITER}
    assert len({call.request_id for call in scripted.calls}) == len(scripted.calls)
