"""Plan an evaluation: read a benchmark's questions, put them into the store, and write a build down that asks them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import PurePosixPath
from typing import NamedTuple

from egoetl.benchmarks.benchmark import Benchmark, Placed
from egoetl.core.errors import CallerError, DataError
from egoetl.core.evaluation import Question, Questions
from egoetl.core.ledger import Build, BuildSpec, RefusedRow
from egoetl.core.model_file import MEASURED, Choice
from egoetl.core.ports import Store
from egoetl.core.recipe import ROLE
from egoetl.core.records import Artifact, ManifestRow, Record
from egoetl.runner.benchmark_files import BenchmarkFiles
from egoetl.runner.plan import Address, configured, lasting, new_name, written_down
from egoetl.runner.question_parts import write_questions
from egoetl.runner.tools import Tools

MODEL_ROLE, JUDGE_ROLE = f"{ROLE}.model", f"{ROLE}.judge"
NOBODY = "none"
"""Who judges where nobody is asked to, and what a model was trained on that nobody knows anything of."""
DEFAULT = "default"
"""The judge that the file of models names."""
PICTURES = "pictures"
"""Where pictures that options are lie in the store."""
_SPLIT = "test"


class Evaluation(Record):
    """What a person or a DAG asks for.

    `model` and `judge` are what `--set role.ROLE=` takes; `judge` may be `default`, the file of models' own, and nobody judges
    where it is left out or `none`. `videos` is the root of the videos, which lie beside the questions where it is left out.
    """

    benchmark: str
    data: Address
    videos: Address | None = None
    model: str | None = None
    judge: str | None = None
    name: str | None = None
    limit: int | None = None
    trained_on: str | None = None
    settings: Mapping[str, str] = {}


class _Video(NamedTuple):
    """A video that is asked about: its address, what of it is looked at, and the questions."""

    row: ManifestRow
    questions: Questions


def plan_evaluation(tools: Tools, asked: Evaluation) -> Build:
    """Write an evaluation down as a build, a row for each video. One of the same name goes on, if it was planned alike.

    Raises:
        CallerError: unknown benchmark, model, setting or dataset version; no such folder; another order under the same name.
        DataError: the benchmark's files are not there, or are no such files.
    """
    from egoetl.benchmarks.index import load
    from egoetl.recipes.index import evaluation_of

    benchmark = load(asked.benchmark)
    recipe, engine, settings = configured(tools, evaluation_of(asked.benchmark), "models", _settings(tools, benchmark, asked))
    if recipe.trained_on:
        tools.evaluations.version(recipe.trained_on)
    videos = asked.videos or asked.data
    tools.source(videos).check()
    found, refused = _videos(tools, benchmark, asked)
    if not found:
        raise CallerError(
            f"Nothing below {asked.data} asks anything: {len(refused)} rows were refused; {benchmark.how_to_get}", reason="no_questions"
        )
    part, addresses = write_questions(tools.store, [each.questions for each in found])
    rows = [each.row.model_copy(update={"questions": address}) for each, address in zip(found, addresses, strict=True)]
    spec = BuildSpec(
        name=asked.name or new_name(recipe.name),
        recipe=recipe.name,
        dataset=recipe.name,
        engine=engine,
        recipe_settings=settings,
        manifest=f"{lasting(asked.data)}#{part.sha256[:16]}",
        videos=lasting(videos),
        stages=(*(each.name for each in recipe.stages), *recipe.folds),
    )
    return written_down(tools, recipe, spec, rows, refused)


def _settings(tools: Tools, benchmark: Benchmark, asked: Evaluation) -> dict[str, str]:
    """The settings of the build: those asked for, the models, and room to think for a model that thinks."""
    settings = dict(asked.settings)
    for setting, value in ((MODEL_ROLE, asked.model), (JUDGE_ROLE, asked.judge), ("trained_on", asked.trained_on)):
        if value is not None and setting in settings:
            raise CallerError(f"--set {setting} and the option for it are both given; leave one of them out.", reason="setting_twice")
        if value not in (None, NOBODY, DEFAULT):
            settings[setting] = str(value)
    if MODEL_ROLE not in settings and "model" not in tools.models.catalogue.roles:
        raise CallerError(
            "Nobody is named who answers: give --model, or name a `model` in [roles] of the file that EGOETL_MODELS names.",
            reason="model_missing",
        )
    judged = asked.judge not in (None, NOBODY) or JUDGE_ROLE in settings
    # Of a judge that nobody asks nothing must be known.
    settings |= {"judge.asked": "true"} if judged else {JUDGE_ROLE: MEASURED}
    return settings | _room_to_think(tools, benchmark, settings)


def _room_to_think(tools: Tools, benchmark: Benchmark, settings: Mapping[str, str]) -> dict[str, str]:
    catalogue = tools.models.catalogue
    spec = catalogue.models.get(Choice.of(settings.get(MODEL_ROLE) or catalogue.roles.get("model", "")).model)
    thinks = spec is not None and spec.thinks and "model.max_tokens" not in settings
    return {"model.max_tokens": str(benchmark.max_tokens + benchmark.thinking_tokens)} if thinks else {}


def _videos(tools: Tools, benchmark: Benchmark, asked: Evaluation) -> tuple[list[_Video], list[RefusedRow]]:
    """The videos of the first `limit` questions, and the refused rows, numbered after them.

    What of a video is looked at depends on all questions about it, so that a larger limit asks nothing again.
    """
    root = tools.source(asked.data)
    root.check()
    with ExitStack() as held:
        files = BenchmarkFiles(root, held)
        loaded = benchmark.load(files)
        videos = list(_grouped(loaded.questions, asked.limit))
        illustrated = [_illustrated(tools.store, files, each) for each in videos]
    kept = [each for each, _ in illustrated if each.questions.questions]
    refused = [*loaded.refused, *(each for _, lost in illustrated for each in lost)]
    numbered = [each._replace(row=each.row.model_copy(update={"row": number})) for number, each in enumerate(kept, start=1)]
    return numbered, [each.model_copy(update={"row": len(kept) + number}) for number, each in enumerate(refused, start=1)]


def _grouped(placed: Sequence[Placed], limit: int | None) -> Iterator[_Video]:
    """The questions by video, each video's window being that of all its questions."""
    windows: dict[str, tuple[int, int]] = {}
    for question, uri in placed:
        start_ms, end_ms = windows.get(uri, (question.start_ms, question.end_ms))
        windows[uri] = min(start_ms, question.start_ms), max(end_ms, question.end_ms)
    grouped: dict[str, list[Question]] = {}
    for question, uri in placed[:limit]:
        grouped.setdefault(uri, []).append(question)
    for number, (uri, questions) in enumerate(grouped.items(), start=1):
        (start_ms, end_ms), video_id = windows[uri], questions[0].video_id
        row = ManifestRow(row=number, video_id=video_id, uri=uri, split=_SPLIT, start_ms=start_ms, end_ms=end_ms)
        yield _Video(row, Questions(questions=tuple(questions)))


def _illustrated(store: Store, files: BenchmarkFiles, video: _Video) -> tuple[_Video, list[RefusedRow]]:
    """The video's questions with their pictures in the store, known by their bytes; those whose pictures are not there are refused."""
    kept: list[Question] = []
    pictures: dict[str, Artifact] = {}
    refused: list[RefusedRow] = []
    for question in video.questions.questions:
        try:
            own = [_picture(store, files, question, name) for name in question.pictures]
        except DataError as error:
            refused.append(RefusedRow(row=0, video_id=question.video_id, reason=error.reason, message=str(error)))
            continue
        pictures |= {each.path: each for each in own}
        kept.append(question.model_copy(update={"pictures": tuple(each.path for each in own)}) if own else question)
    return video._replace(questions=Questions(questions=tuple(kept), files=tuple(pictures.values()))), refused


def _picture(store: Store, files: BenchmarkFiles, question: Question, name: str) -> Artifact:
    if (file := files.file(name)) is None:
        raise DataError(
            f"Question {question.question_id} needs picture {name!r}, which is not among the data; put it there.", reason="picture_missing"
        )
    suffix = PurePosixPath(name).suffix.lower()
    media_type = "image/png" if suffix == ".png" else "image/jpeg"
    return store.put_file(PICTURES, file, suffix=suffix, media_type=media_type)
