"""Open what a person names or uploads: a report, a run, or a file of predictions of a benchmark."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from egoetl.core.errors import CallerError, DataError
from egoetl.core.evaluation import Report
from egoetl.runner.report_source import parse_report, report_from
from egoetl.runner.tools import Tools

_LONGEST_NAME = 100


class Predicted(NamedTuple):
    """What files of predictions are scored with: the benchmark, and the root of its data; None: not said."""

    benchmark: str | None = None
    data: str | None = None


def open_named(tools: Tools, name: str, predicted: Predicted) -> Report:
    """A report in a file, a run, or, where a benchmark is named, a file of predictions.

    Raises CallerError or DataError with one sentence about what it is not.
    """
    file = Path(name)
    if not file.is_file():
        return report_from(name)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror}.", reason="report_unreadable") from error
    return _open(tools, data, file, predicted)


def short_name(name: str, among: Sequence[str]) -> str:
    """A file's name without its folders, where no other has the same; a run's name as it is."""
    return Path(name).name if sum(Path(each).name == Path(name).name for each in among) == 1 else name


def videos_of(tools: Tools, names: Sequence[str]) -> str | None:
    """Where the first run among these has its videos; None where they are all files."""
    run = next((name for name in names if not Path(name).is_file()), None)
    return None if run is None else tools.ledger.build(run).spec.videos


def open_uploaded(tools: Tools, data: bytes, name: str, predicted: Predicted) -> Report:
    """What was uploaded under a name. Raises as `open_named` does."""
    with tempfile.TemporaryDirectory(prefix="egoetl-") as folder:
        file = Path(folder) / safe_name(name)
        file.write_bytes(data)
        return _open(tools, data, file, predicted)


def safe_name(name: str) -> str:
    """A file name of letters, digits, `.`, `_` and `-` that no path, device or option can be."""
    return f"_{kept}" if (kept := re.sub(r"[^\w.-]+", "_", name)[-_LONGEST_NAME:]).startswith((".", "-")) or not kept else kept


def _open(tools: Tools, data: bytes, file: Path, predicted: Predicted) -> Report:
    try:
        return parse_report(data, file.name)
    except DataError as error:
        if predicted.benchmark is None:
            raise CallerError(
                f"{file.name} is no report of an evaluation; if it holds predictions, say of which benchmark.", reason="benchmark_needed"
            ) from error
    return _scored(tools, file, predicted.benchmark, predicted.data)


def _scored(tools: Tools, file: Path, benchmark: str, data: str | None) -> Report:
    from egoetl.benchmarks.index import load
    from egoetl.runner.scoring_file import Given, score_file

    try:
        return score_file(tools, load(benchmark), file, Given(data))
    except RecursionError as error:
        raise DataError(f"{file.name} is nested too deeply to be predictions; mend the file.", reason="predictions_unreadable") from error
