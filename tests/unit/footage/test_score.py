"""Scores: full marks for the truth itself, one to one, within tolerance, and near nothing by chance."""

import pytest

from egoetl.core.errors import DataError
from egoetl.core.records import PictureStream, Window
from egoetl.footage.facts import Fact, facts_of
from egoetl.footage.reel.index import REEL
from egoetl.footage.score import Comparison, compare
from egoetl.footage.script import Script
from egoetl.footage.timeline import camera, events, sounds, visible
from egoetl.footage.truth import FootageTruth, TrueEvent, TrueObject, TrueSound, VideoTruth
from egoetl.footage.world import courses


def _video(objects: tuple[TrueObject, ...], happened: tuple[TrueEvent, ...], heard: tuple[TrueSound, ...], ms: int = 20_000) -> VideoTruth:
    return VideoTruth(
        file="a.mp4",
        sha256="0" * 64,
        split="train",
        duration_ms=ms,
        frames=ms * 30 // 1000,
        picture=PictureStream(codec="h264", width=480, height=270, rate_num=30, rate_den=1),
        sound_track=None,
        objects=objects,
        events=happened,
        sounds=heard,
        camera=(),
    )


@pytest.fixture
def video() -> VideoTruth:
    return _video(
        (TrueObject(name="red ball", colour="red", shape="ball", label="A", visible=(Window(start_ms=2_000, end_ms=12_000),)),),
        (TrueEvent(object="red ball", action="enters the view", start_ms=2_000, end_ms=2_500),),
        (
            TrueSound(sound="impact", start_ms=2_020, end_ms=2_280, caused_by=0),
            TrueSound(sound="speech-like", start_ms=8_000, end_ms=9_500),
        ),
    )


def _against(video: VideoTruth, *said: dict[str, object]) -> Comparison:
    return compare(FootageTruth(recipe="0" * 64, videos={"a": video}), {"a": said})


def test_facts_are_told_window_by_window(video: VideoTruth) -> None:
    told = [(each.kind, each.name, each.sound, each.start_ms) for each in facts_of(video)]
    assert told == [
        ("object", "red ball", "", 2_000),
        ("object", "red ball", "", 10_000),
        ("event", "red ball", "", 2_000),
        ("sound", "", "impact", 2_020),
        ("sound", "", "speech-like", 8_000),
        ("link", "red ball", "impact", 2_020),
    ]


def test_what_hardly_reaches_into_a_window_is_not_asked_for() -> None:
    video = _video((), (), (TrueSound(sound="noise", start_ms=9_000, end_ms=10_400), TrueSound(sound="tonal", start_ms=0, end_ms=20_000)))
    assert [(each.sound, each.start_ms, each.end_ms) for each in facts_of(video)] == [
        ("noise", 9_000, 10_000),
        ("tonal", 0, 10_000),
        ("tonal", 10_000, 20_000),
    ]


def test_something_short_on_an_edge_is_still_one_fact() -> None:
    (fact,) = facts_of(_video((), (), (TrueSound(sound="impact", start_ms=9_900, end_ms=10_160),)))
    assert fact.start_ms == 9_900


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("impact sound", "impact"),
        ("a noise-like sound", "noise"),
        ("speech-like sound over noise", "speech-like"),
        ("tonal", "tonal"),
        ("a rustle", None),
    ],
)
def test_the_first_telling_word_is_the_class(words: str, expected: str | None) -> None:
    assert Fact(kind="sound", sound=words, start_ms=0, end_ms=1).sound_class == expected


def test_the_truth_itself_scores_full(video: VideoTruth) -> None:
    got = _against(video, *(each.model_dump() for each in facts_of(video)))
    assert {(each.precision, each.recall) for each in got.score.measures.values()} == {(1.0, 1.0)}
    assert (got.score.overall.said, got.score.overall.true) == (6, 6)


def test_events_within_a_second_and_sounds_within_three_tenths(video: VideoTruth) -> None:
    event = {"kind": "event", "name": "red ball", "action": "enters the view", "end_ms": 9_000}
    sound = {"kind": "sound", "sound": "impact sound", "end_ms": 9_000}
    assert _against(video, event | {"start_ms": 3_000}).score.measures["event"].matched == 1
    assert _against(video, event | {"start_ms": 3_001}).score.measures["event"].matched == 0
    assert _against(video, sound | {"start_ms": 2_320}).score.measures["sound"].matched == 1
    assert _against(video, sound | {"start_ms": 2_321}).score.measures["sound"].matched == 0


def test_one_truth_is_matched_once(video: VideoTruth) -> None:
    said = [{"kind": "sound", "sound": "impact", "start_ms": start, "end_ms": 5_000} for start in (2_000, 2_100, 2_100)]
    counts = _against(video, *said).score.measures["sound"]
    assert (counts.matched, counts.said, counts.true) == (1, 2, 2)
    assert (counts.precision, counts.recall) == (0.5, 0.5)


def test_an_object_is_right_anywhere_in_its_window_and_wrong_in_another_shape(video: VideoTruth) -> None:
    said = [{"kind": "object", "name": name, "start_ms": 0, "end_ms": 10_000} for name in ("red ball", "blue box")]
    assert _against(video, *said).score.measures["object"].precision == 0.5
    got = _against(video, {"kind": "object", "name": "red box", "start_ms": 0, "end_ms": 10_000}).score.measures
    assert (got["object"].matched, got["object by colour"].matched) == (0, 1)


def test_a_link_needs_the_sound_and_its_cause(video: VideoTruth) -> None:
    link = {"kind": "link", "start_ms": 2_000, "end_ms": 2_300}
    assert _against(video, link | {"sound": "impact", "name": "red ball"}).score.measures["link"].matched == 1
    assert _against(video, link | {"sound": "tonal", "name": "red ball"}).score.measures["link"].matched == 0
    assert _against(video, link | {"sound": "impact", "name": "blue ball"}).score.measures["link"].matched == 0


def test_nothing_said_has_no_precision_and_no_recall(video: VideoTruth) -> None:
    counts = _against(video).score.overall
    assert (counts.precision, counts.recall) == (None, 0.0)


def test_an_unknown_video_is_refused(video: VideoTruth) -> None:
    with pytest.raises(DataError) as refused:
        compare(FootageTruth(recipe="0" * 64, videos={"a": video}), {"b": []})
    assert refused.value.reason == "truth_of_video_missing"


def _truth_of(script: Script) -> VideoTruth:
    seen = tuple(
        TrueObject(name=each.thing.name, colour=each.thing.colour, shape=each.thing.shape, label="", visible=visible(script, each))
        for each in courses(script)
    )
    made = _video(seen, events(script), tuple(each.truth for each in sounds(script)), script.duration_ms)
    return made.model_copy(update={"camera": camera(script)})


def test_by_chance_little_agrees() -> None:
    truth = FootageTruth(recipe="0" * 64, videos={script.name: _truth_of(script) for script in REEL})
    got = compare(truth, {name: facts_of(video) for name, video in truth.videos.items()})
    assert (got.score.overall.precision, got.score.overall.recall) == (1.0, 1.0)
    assert got.chance.overall.said == 7 * got.score.overall.said
    assert got.chance.overall.precision is not None
    assert got.chance.overall.precision < 0.1
    assert all(each.precision is not None and each.precision < 0.35 for each in got.chance.measures.values())
