"""Score predictions that others made: a file, the benchmark's data where it is at hand, and masks."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from egoetl.benchmarks.benchmark import Benchmark, Scoring
from egoetl.benchmarks.predictions.fields import printable
from egoetl.benchmarks.predictions.reading import read_predictions
from egoetl.core.evaluation import Answered, Parsed, Report
from egoetl.core.ledger import RefusedRow
from egoetl.runner.benchmark_files import BenchmarkFiles
from egoetl.runner.mask_folders import MaskFolders
from egoetl.runner.scoring import About, report_on
from egoetl.runner.tools import Tools

_NAMED = 20
"""Rows that a report names one by one; of more it tells how many."""


class Given(NamedTuple):
    """What predictions are scored with: roots of the benchmark's data and of predicted masks, and the field with the model's answer."""

    data: str | None = None
    masks: str | None = None
    key: str | None = None


def score_file(tools: Tools, benchmark: Benchmark, file: Path, given: Given) -> Report:
    """The report on a file of predictions, named after it.

    Raises:
        CallerError: the file or a folder is not there; `key` is needed or wrong.
        DataError: the file is no such file, nothing of it can be used, or the benchmark's data is not what it should be.
    """
    with ExitStack() as held:
        data = _files(tools, given.data, held)
        loaded = None if data is None else benchmark.load(data)
        predicted = read_predictions(file, benchmark, loaded, given.key)
        refused = [*(loaded.refused if loaded else ()), *predicted.refused]
        files = _files(tools, given.masks, held)
        masks = None if files is None else MaskFolders(files)
        answered = predicted.answered if masks is None else [_with_masks(each, masks) for each in predicted.answered]
        about = About(
            run=printable(file.name)[-200:],
            model=printable(file.stem),
            judges=tuple(sorted({grade.judge for each in answered for grade in each.grades})),
            refused=Counter(each.reason for each in refused),
            notes=(*predicted.notes, *_named(refused)),
            uris={each.question.question_id: each.uri for each in loaded.questions} if loaded else {},
        )
        return report_on(benchmark, answered, Scoring(None if data is None else MaskFolders(data), masks), about)


def _files(tools: Tools, address: str | None, held: ExitStack) -> BenchmarkFiles | None:
    if address is None:
        return None
    root = tools.source(address)
    root.check()
    return BenchmarkFiles(root, held)


def _with_masks(answered: Answered, masks: MaskFolders) -> Answered:
    """The answer with the folder in which its masks lie; masks are an answer too where nothing else was said."""
    parsed = answered.parsed or Parsed()
    folder = masks.folder_of(parsed.masks, answered.question.question_id)
    if folder is None or answered.status not in ("answered", "unparsed"):
        return answered
    return answered.model_copy(update={"parsed": parsed.model_copy(update={"masks": folder}), "status": "answered", "reason": ""})


def _named(refused: Sequence[RefusedRow]) -> Iterator[str]:
    for each in refused[:_NAMED]:
        yield each.message
    if len(refused) > _NAMED:
        yield f"{len(refused) - _NAMED} more rows were refused."
