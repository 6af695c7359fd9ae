"""What hangs on a prompt, a model, a video or a version of a stage, as records."""

from typing import Literal

from egoetl.core.records import Record

What = Literal["prompt", "model", "video", "stage"]


class Subject(Record):
    """What an impact is of, found in the ledger."""

    what: What
    name: str
    """A sha256, `id@revision`, or `stage=version`."""
    known_as: tuple[str, ...] = ()
    """The prompt's name, or the video's ids in manifests."""


class StageImpact(Record):
    """The affected results of one stage, and what making them has cost; None where nobody counted."""

    stage: str
    direct: int
    """Results that were made with it."""
    below: int
    """Results that were made from those, however far down."""
    seconds: float
    requests: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    without_attempt: int
    """Results whose attempt is gone with its build: their requests and tokens are missing in the sums."""
    uncounted: int
    """Results for which a model was asked and nobody counted tokens: these are missing in the sums."""


class CurrentVersion(Record):
    """The affected pairs in the version of a dataset that is public now."""

    dataset: str
    number: int
    pairs: dict[str, int]
    """By split, that of the newest manifest row up to the version's build."""


class AffectedVersion(Record):
    """A version that holds affected pairs, and how many."""

    dataset: str
    number: int
    state: str
    path: str
    pairs: int


class AffectedResult(Record):
    """One affected result."""

    key: str
    stage: str
    unit_id: str
    direct: bool


class Impact(Record):
    """A blast radius. Counts are whole; `results` and `qa_ids` hold the first `limit`."""

    subject: Subject
    stages: tuple[StageImpact, ...]
    total: StageImpact
    pairs_made: int
    """Pairs that an affected result made."""
    pairs_judged: int
    """Pairs of which only the verdict is affected."""
    current: tuple[CurrentVersion, ...]
    versions: tuple[AffectedVersion, ...]
    limit: int
    results: tuple[AffectedResult, ...]
    qa_ids: tuple[str, ...]


def total_of(stages: tuple[StageImpact, ...]) -> StageImpact:
    """All stages together."""
    return StageImpact(
        stage="total",
        direct=sum(each.direct for each in stages),
        below=sum(each.below for each in stages),
        seconds=sum(each.seconds for each in stages),
        requests=_sum([each.requests for each in stages]),
        prompt_tokens=_sum([each.prompt_tokens for each in stages]),
        completion_tokens=_sum([each.completion_tokens for each in stages]),
        without_attempt=sum(each.without_attempt for each in stages),
        uncounted=sum(each.uncounted for each in stages),
    )


def _sum(counts: list[int | None]) -> int | None:
    known = [each for each in counts if each is not None]
    return sum(known) if known else None
