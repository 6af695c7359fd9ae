"""Which question of a benchmark a prediction is of: by id where ids agree, otherwise by video and question, then by what is right."""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from egoetl.benchmarks.predictions.prediction import Prediction
from egoetl.benchmarks.rows import spelled
from egoetl.core.evaluation import Question

_BETWEEN = "/_:.-#|"
"""What may stand between the parts of an id."""
_VIDEO_SUFFIXES = (".mp4", ".mkv", ".mov", ".webm")


class Unmatched(NamedTuple):
    """Why a prediction is of no question, as a code and in words."""

    reason: str
    why: str


class Questions:
    """The questions of a benchmark, by everything that a prediction may name."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self._questions = questions
        self._by_id = {each.question_id.casefold(): each for each in questions}
        self._by_text = _grouped(questions, lambda each: spelled(each.question))
        self._by_video = _grouped(questions, lambda each: _video(each.video_id))
        self._by_answer = _grouped(questions, lambda each: spelled(each.reference.answer))

    def of(self, prediction: Prediction) -> Question | Unmatched:
        """The question that a prediction is of."""
        for name in _spellings(prediction):
            if name in self._by_id:
                return _checked(self._by_id[name], prediction)
        candidates = self._candidates(prediction)
        for agrees in (_same_id, _same_task, _same_window, _same_answer, self._same_position):
            if len(candidates) > 1:
                candidates = [each for each in candidates if agrees(each, prediction)] or candidates
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            return Unmatched("question_ambiguous", f"it may be any of {len(candidates)} questions; add the question's id")
        return Unmatched("question_unknown", "the benchmark's data has no such question; name the data of its benchmark and split")

    def _same_position(self, question: Question, prediction: Prediction) -> bool:
        """Whether it is the question at the row's place: of several that the row may be of, that is the one."""
        at = prediction.position
        return at is not None and at < len(self._questions) and self._questions[at] is question

    def _candidates(self, prediction: Prediction) -> list[Question]:
        """Those about the video that ask this, as far as the row names video and question."""
        asked = spelled(prediction.question) if prediction.question else None
        video = _video(prediction.video_id) if prediction.video_id else None
        if asked is not None:
            found = self._by_text.get(asked, [])
            # A file may have the options within the question.
            found = found or [each for each in self._by_video.get(video or "", []) if spelled(each.question) in asked]
            return [each for each in found if video is None or _same_video(each.video_id, video)]
        if prediction.prompt is not None and prediction.reference is not None:
            prompt = spelled(prediction.prompt)
            return [each for each in self._by_answer.get(spelled(prediction.reference.answer), []) if spelled(each.question) in prompt]
        found = self._by_video.get(video or "", [])
        # A video alone tells nothing where it has several questions and the row says no more.
        return [each for each in found if _same_id(each, prediction) or not prediction.ids]


def _checked(question: Question, prediction: Prediction) -> Question | Unmatched:
    """The question with the row's id, unless the row says that something else was asked: then its ids are those of other data."""
    if prediction.question is None or spelled(question.question) in spelled(prediction.question):
        return question
    return Unmatched("question_differs", f"{question.question_id} asks something else in the benchmark's data; take the same release")


def _spellings(prediction: Prediction) -> list[str]:
    """The ids that the row's parts may make: all of them, or from the second on, with whatever stands between them."""
    if not prediction.ids:
        return []
    alone = [prediction.ids[0]] if len(prediction.ids) == 1 else [prediction.ids[-1]] if prediction.video_id in prediction.ids else []
    joined = [each.join(parts) for parts in (prediction.ids, prediction.ids[::-1]) for each in _BETWEEN if len(parts) > 1]
    return [each.casefold() for each in (*joined, *alone)]


def _grouped(questions: Sequence[Question], key: Callable[[Question], str]) -> dict[str, list[Question]]:
    groups: dict[str, list[Question]] = {}
    for each in questions:
        groups.setdefault(key(each), []).append(each)
    return groups


def _video(video_id: str) -> str:
    path = PurePosixPath(video_id)
    return (path.stem if path.suffix.casefold() in _VIDEO_SUFFIXES else path.name).casefold()


def _same_video(known: str, named: str) -> bool:
    """Whether a row's video is the question's, or a clip of it that is called `<video>_<start>_<end>`."""
    video = _video(known)
    return named == video or named.startswith(video + "_")


def _same_id(question: Question, prediction: Prediction) -> bool:
    """Whether the narrowest part of the row's id ends the question's id, after something that stands between parts."""
    if not prediction.ids:
        return False
    name, tail = question.question_id.casefold(), prediction.ids[-1].casefold()
    return name == tail or (name.endswith(tail) and name[-len(tail) - 1] in _BETWEEN)


def _same_task(question: Question, prediction: Prediction) -> bool:
    return spelled(question.task) in {spelled(each) for each in prediction.tasks}


def _same_window(question: Question, prediction: Prediction) -> bool:
    return prediction.window == (question.start_ms, question.end_ms)


def _same_answer(question: Question, prediction: Prediction) -> bool:
    return prediction.reference is not None and spelled(prediction.reference.answer) == spelled(question.reference.answer)
