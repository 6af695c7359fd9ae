"""The page of an evaluation: what it shows, that hostile text stays text, and that it needs nobody."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from egoetl.core.errors import CallerError
from egoetl.core.evaluation import Grade, Report, Score
from egoetl.media.pyav_media import PyAvMedia
from egoetl.runner.evaluation_videos import EvaluationVideos
from egoetl.runner.report_page.axes import Axis, axis_of, shown
from egoetl.runner.report_page.figures import bars_of, radar_of
from egoetl.runner.report_page.page import render, write_page
from egoetl.runner.report_page.selection import worst
from egoetl.runner.report_page.strips import strip_of
from egoetl.storage.sources.folder import FolderRoot
from egoetl.testing.installation import Footage
from egoetl.testing.reports import a_grade, a_large_report, a_report, an_item

HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'{{ 7 * 7 }}"


class Read(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def a_score(task: str = "ssa", value: float | None = 0.5, measure: str = "accuracy", **changed: object) -> Score:
    fields = {"low": None, "high": None, "scored": 1, "total": 2, "videos": 1, "missing_as_zero": None, **changed}
    return Score.model_validate({"measure": measure, "task": task, "value": value, **fields})


def hostile_everywhere() -> Report:
    grades = [Grade(rubric="graded_1_5", judge=HOSTILE, score=1, reason=HOSTILE), a_grade(2, consistent=False)]
    item = an_item(
        HOSTILE, task=HOSTILE, video=HOSTILE, question=HOSTILE, reference=HOSTILE, said=HOSTILE, grades=grades, values={HOSTILE: 0.0}
    )
    unparsed = an_item("u", status="unparsed").model_copy(update={"reason": HOSTILE})
    report = a_report([item, unparsed], run=HOSTILE, model=HOSTILE, scores=[a_score(HOSTILE, 0.5, HOSTILE, legacy=0.4, low=0.3, high=0.6)])
    return report.model_copy(update={"refused": {HOSTILE: 2}, "notes": (HOSTILE,), "suspicious": (HOSTILE,)})


def test_whatever_a_report_says_is_text() -> None:
    page = Read(render(hostile_everywhere(), {}))
    assert {"script", "img", "iframe", "object", "link"}.isdisjoint(tag for tag, _ in page.elements)
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count(HOSTILE) >= 12
    assert "49" not in page.text


def test_the_page_asks_nobody() -> None:
    text = render(a_large_report(40), {})
    page = Read(text)
    assert not [
        value for _, attributes in page.elements for name, value in attributes.items() if name in ("src", "href", "action", "srcset")
    ]
    assert re.findall(r"url\(|@import|https?://", text) == []
    policy = next(attributes["content"] for tag, attributes in page.elements if tag == "meta" and "http-equiv" in attributes)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_what_is_missing_is_said_and_never_a_zero() -> None:
    report = a_report(
        [an_item(), an_item("q2", status="failed", said=None), an_item("q3", status="failed", said=None)],
        scores=[a_score(value=None, scored=0), a_score("all", 0.25)],
    )
    page = Read(render(report, {}))
    assert re.search(r"1 of 3\s+\(33\.3 %\)", page.text)
    assert "2 failed: was_failed" in page.text
    (bars,) = bars_of(report)
    assert [(bar.value, bar.score.task) for bar in bars.bars] == [("–", "ssa"), ("0.250", "all")]
    assert bars.bars[0].sentence == "ssa: no score, 0 of 2 questions"


def test_an_axis_ends_at_one_for_shares_and_at_the_next_round_number_else() -> None:
    assert axis_of([a_score(value=0.4, high=0.6)]) == Axis(0.0, 1.0)
    assert axis_of([a_score(value=3.2, high=3.6, legacy=4.1)]) == Axis(0.0, 5.0)
    assert axis_of([a_score(value=-0.15)]) == Axis(-0.2, 1.0)
    assert axis_of([a_score(value=None)]) == Axis(0.0, 1.0)
    assert Axis(0.0, 5.0).share(9.0) == 1.0


def test_numbers_as_people_read_them() -> None:
    assert [shown(*each) for each in ((0.6169, 100.0), (2.663, 1.0), (0.0512, 1.0), (0.0, 100.0), (None, 1.0))] == [
        "61.7", "2.66", "0.051", "0", "–",
    ]  # fmt: skip


def test_a_radar_has_a_spoke_for_each_task_with_a_score_and_none_below_three() -> None:
    scores = [a_score(task, value) for task, value in (("a", 1.0), ("b", 0.5), ("c", 0.0), ("d", None))]
    radar = radar_of(a_report([an_item()], scores=[*scores, a_score("all", 0.5), a_score("a", 0.1, "other")]))
    assert radar is not None
    assert [(each.number, each.task, each.measure) for each in radar.spokes] == [
        (1, "a", "accuracy"),
        (2, "b", "accuracy"),
        (3, "c", "accuracy"),
    ]
    first, second, third = (tuple(map(float, point.split(","))) for point in radar.value.split())
    assert first == (0.0, -100.0)
    assert second == pytest.approx((43.3, 25.0), abs=0.01)
    assert third == pytest.approx((0.0, 0.0))
    assert radar_of(a_report([an_item()], scores=scores[:2])) is None


def test_the_worst_come_from_each_task_in_turn_and_none_has_the_full_score() -> None:
    values = {"a1": ("a", 0.0), "a2": ("a", 0.2), "a3": ("a", 1.0), "b1": ("b", 0.9), "b2": ("b", 1.0)}
    items = [an_item(key, task=task, values={"accuracy": value}) for key, (task, value) in values.items()]
    report = a_report([*items, an_item("a4", task="a", values={"accuracy": None})], scores=[a_score("a"), a_score("b")])
    assert [each.item.question.question_id for each in worst(report)] == ["a1", "b1", "a2"]
    assert len(worst(report, 2)) == 2


def test_a_strip_shows_the_stretch_or_the_part_of_it_that_there_is(tiny_footage: Footage) -> None:
    videos, media = EvaluationVideos(FolderRoot(tiny_footage.folder)), PyAvMedia()
    strip = strip_of(an_item(window=(0, 4_000), uri="attic.mp4"), videos, media)
    assert [each.second for each in strip.pictures] == [0.5, 1.5, 2.5, 3.5]
    assert all(each.jpeg.startswith(b"\xff\xd8") for each in strip.pictures)
    beyond = strip_of(an_item(window=(0, 10_000_000), video="attic"), videos, media)
    assert len(beyond.pictures) == 4
    assert beyond.pictures[-1].second < 11


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (an_item(video="elsewhere"), "video_missing"),
        (an_item(video="../secret"), "path_escapes_root"),
        (an_item(uri="/etc/passwd"), "path_escapes_root"),
        (an_item(uri="gone.mp4", video="broken"), "not_a_video"),
    ],
)
def test_a_video_that_gives_no_pictures_says_why(item, reason: str, tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    strip = strip_of(item, EvaluationVideos(FolderRoot(tmp_path)), PyAvMedia())
    assert (strip.pictures, strip.reason) == ((), reason)
    page = render(a_report([item.model_copy(update={"values": {"accuracy": 0.0}})], scores=[a_score()]), {item.question.question_id: strip})
    assert f"No pictures: {reason.replace('_', ' ')}." in page
    assert str(tmp_path) not in page


def test_a_page_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CallerError, match="cannot be written"):
        write_page(a_report([an_item()]), tmp_path / "file" / "page.html", None, PyAvMedia())
