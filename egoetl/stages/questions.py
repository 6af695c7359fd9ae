"""questions: what a benchmark asks about a clip, from the part file that the clip's manifest row points to."""

from egoetl.core.content_key import sha256_of
from egoetl.core.evaluation import Question, Questions
from egoetl.core.items import ClipItem
from egoetl.core.ports import StageIO
from egoetl.core.records import Clip
from egoetl.core.stage import Params, stage


def fingerprint(item: ClipItem, io: StageIO) -> str:
    """The content of all questions about the clip."""
    return f"questions:{sha256_of(io.questions_of(item.clip))}"


@stage("questions", version=1, fingerprint=fingerprint)
async def questions(item: ClipItem, _params: Params, io: StageIO) -> Questions:
    """The questions with their windows fitted to the clip. One whose window begins after the clip's end asks about nothing."""
    asked = io.questions_of(item.clip)
    fitted = (_fitted(each, item.clip) for each in asked.questions)
    return Questions(questions=tuple(each for each in fitted if each is not None), files=asked.files)


def _fitted(question: Question, clip: Clip) -> Question | None:
    """The question about what there is of its window; None where there is nothing."""
    start_ms, end_ms = max(question.start_ms, clip.start_ms), min(question.end_ms, clip.end_ms)
    return question.model_copy(update={"start_ms": start_ms, "end_ms": end_ms}) if start_ms < end_ms else None
