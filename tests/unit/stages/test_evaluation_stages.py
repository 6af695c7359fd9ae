"""look, questions and predict: what of a video a question is shown, and with what it is asked."""

from fractions import Fraction
from pathlib import Path

import pytest
import small_benchmark
from hypothesis import given
from hypothesis import strategies as st

from egoetl.algorithms.look_limits import limited
from egoetl.algorithms.picture_choice import chosen_pictures
from egoetl.algorithms.sampling import sampling_grid
from egoetl.core.errors import ConfigError
from egoetl.core.evaluation import AskedQuestion, FrameLimits, Question, Questions, Said
from egoetl.core.items import ClipItem
from egoetl.core.models import FramePolicy
from egoetl.core.ports import Request
from egoetl.core.records import Artifact, Clip, SampledClip, Video, Window
from egoetl.media.encode import write_video
from egoetl.media.pyav_media import PyAvMedia
from egoetl.stages.look import LookParams, look
from egoetl.stages.predict import PredictParams, predict_stage, shown
from egoetl.stages.questions import fingerprint, questions
from egoetl.storage.local import LocalStore
from egoetl.testing.samples import a_clip
from egoetl.testing.stage_io import FakeStageIO
from egoetl.testing.videos import SIZE, numbered, tones

PREDICT = predict_stage(small_benchmark.SMALL)


def a_question(start_ms: int, end_ms: int, *, name: str = "q1", options: tuple[str, ...] = ("red", "blue"), **more: object) -> Question:
    return Question(
        question_id=name, benchmark="small", video_id="v", task="colour", question="Which?", options=options,
        start_ms=start_ms, end_ms=end_ms, **more,
    )  # fmt: skip


def sampled_every(ms: int, clip: Clip) -> SampledClip:
    times = tuple(range(clip.start_ms, clip.end_ms, ms))
    container = Artifact(sha256="0" * 64, size_bytes=1, path="frames/x.mkv", media_type="video/x-matroska")
    return SampledClip(
        container=container, width=64, height=36, frames_per_second=1000 / ms, frame_ms=times, source_pts_ms=times, has_sound=True
    )


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("look") / "attic.mp4"
    write_video(file, numbered(60), size=SIZE, rate=Fraction(10), sound=tones(6, 16_000, 1), sound_rate=16_000)
    return file


def clip_of(file: Path) -> Clip:
    found: Video = PyAvMedia().probe(file, sha256="ab" * 32)
    return a_clip(0, 5000).model_copy(update={"video": found})


@pytest.mark.parametrize(("sound", "heard"), [(True, True), (False, False)])
async def test_a_clip_is_decoded_once_at_the_benchmarks_rate(video: Path, tmp_path: Path, sound: bool, heard: bool) -> None:
    clip = clip_of(video)
    io = FakeStageIO(look, adapters=(PyAvMedia(), LocalStore(tmp_path / "store")), folder=tmp_path, registered={"ab" * 32: video})
    made = await look.run(ClipItem(clip=clip), LookParams(frames_per_second=2.0, max_side=32, sound=sound), io)
    assert isinstance(made, SampledClip)
    assert made.frame_ms == tuple(range(0, 5000, 500))
    assert (max(made.width, made.height), made.has_sound) == (32, heard)


def test_the_questions_of_a_clip_are_known_by_their_content() -> None:
    clip = a_clip(0, 20_000)

    def known(*asked: Question) -> str:
        return fingerprint(ClipItem(clip=clip), FakeStageIO(questions, questions=Questions(questions=asked)))

    assert known(a_question(0, 1000)) == known(a_question(0, 1000))
    assert known(a_question(0, 1000)) != known(a_question(0, 1001))
    assert a_question(0, 1000).own_content != a_question(0, 1000, options=("red", "green")).own_content


async def test_windows_are_fitted_to_the_clip_and_what_lies_beyond_it_is_not_asked() -> None:
    clip = a_clip(1000, 20_000)
    asked = (a_question(0, 99_000), a_question(2000, 3000, name="q2"), a_question(20_000, 30_000, name="q3"))
    made = await questions.run(ClipItem(clip=clip), PredictParams(), FakeStageIO(questions, questions=Questions(questions=asked)))
    assert isinstance(made, Questions)
    assert [(each.question_id, each.start_ms, each.end_ms) for each in made.questions] == [("q1", 1000, 20_000), ("q2", 2000, 3000)]


def asked_of(question: Question, tmp_path: Path) -> tuple[AskedQuestion, FakeStageIO]:
    clip = a_clip(0, 20_000)

    def answer(request: Request) -> dict[str, str]:
        return {"text": f"{request.task}, {len(request.messages)} messages"}

    answers = {f"{small_benchmark.NAME}.{name}": answer for name in small_benchmark.PROMPTS}
    io = FakeStageIO(PREDICT, answers, adapters=(PyAvMedia(), LocalStore(tmp_path / "store")))
    return AskedQuestion(clip=clip, sampled=sampled_every(1000, clip), question=question), io


async def test_a_dialogue_repeats_what_was_said_and_shows_pictures_with_its_last_turn(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    picture = store.put_bytes("pictures", b"\xff\xd8\xff", suffix=".jpg", media_type="image/jpeg")
    item, io = asked_of(a_question(2500, 9000, options=(), pictures=(picture.path,)), tmp_path)
    made = await PREDICT.run(item, PredictParams(), io)
    assert made == Said(turns=("small_bench.choice, 2 messages", "small_bench.why, 4 messages"))
    first, second = io.requests
    assert (first.stills, second.stills) == ((), (b"\xff\xd8\xff",))
    assert [each.content for each in second.messages[1:3]] == ["Which?", "small_bench.choice, 2 messages"]
    assert io.looked_at == [Window(start_ms=3000, end_ms=9000)] * 2
    assert second.limits == FrameLimits(frames_per_second=1.0, max_frames=4, max_side=64)


async def test_a_build_may_show_fewer_pictures_and_not_choose_a_dialogue_that_is_not_there(tmp_path: Path) -> None:
    item, io = asked_of(a_question(0, 9000), tmp_path)
    await PREDICT.run(item, PredictParams(max_frames=2), io)
    assert io.requests[0].limits is not None
    assert io.requests[0].limits.max_frames == 2
    with pytest.raises(ConfigError, match="no dialogue"):
        await PREDICT.run(item, PredictParams(dialogue="long"), io)


@given(st.integers(0, 19_999), st.integers(1, 20_000), st.sampled_from([250, 1000, 3000]))
def test_what_is_shown_holds_a_picture_and_nothing_after_the_questions_window(start_ms: int, length_ms: int, step_ms: int) -> None:
    clip = a_clip(0, 20_000)
    sampled = sampled_every(step_ms, clip)
    question = Window(start_ms=start_ms, end_ms=min(start_ms + length_ms, clip.end_ms))
    window = shown(question, sampled)
    seen = [each for each in sampled.frame_ms if window.start_ms <= each < window.end_ms]
    assert seen[0] == window.start_ms
    assert window.end_ms == question.end_ms
    within = [each for each in sampled.frame_ms if question.start_ms <= each < question.end_ms]
    assert seen == within or (not within and len(seen) == 1)


@given(st.integers(1, 400_000), st.integers(1, 300), st.sampled_from([0.5, 1.0, 2.0, 4.0]))
def test_a_window_is_shown_no_more_than_its_limit_spread_evenly(duration_ms: int, most: int, rate: float) -> None:
    policy = FramePolicy(fps=2.0, max_frames=10)
    own = limited(policy, FrameLimits(frames_per_second=rate, max_frames=most), duration_ms)
    grid = sampling_grid(0, duration_ms, rate)
    choice = chosen_pictures(own, grid, rate, duration_ms)
    assert len(choice.times_ms) == min(len(grid), most) or abs(len(choice.times_ms) - min(len(grid), most)) <= 1
    assert len(choice.times_ms) <= most
    gaps = [after - before for before, after in zip(choice.times_ms, choice.times_ms[1:], strict=False)]
    assert max(gaps, default=0) - min(gaps, default=0) <= 1000 / rate + 2


def test_sound_lies_beside_pictures_that_come_too_slowly_for_it_and_is_left_out_where_a_benchmark_has_none() -> None:
    policy = FramePolicy(fps=2.0, pictures="container", sound="interleaved", processor="qwen2.5-omni")
    limits = FrameLimits(frames_per_second=1.0, max_frames=300)
    assert limited(policy, limits, 300_000).sound == "interleaved"
    assert limited(policy, limits, 360_000).sound == "separate"
    assert limited(policy, limits.model_copy(update={"sound": False}), 10_000).sound == "none"
