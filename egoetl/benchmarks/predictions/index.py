"""The shapes that files of predictions come in, and which of them a file has."""

from collections.abc import Mapping, Sequence
from typing import Any

from egoetl.benchmarks.predictions.egoavu import EGOAVU
from egoetl.benchmarks.predictions.egotextvqa import EGOTEXTVQA
from egoetl.benchmarks.predictions.lmms_eval import LMMS_EVAL
from egoetl.benchmarks.predictions.prediction import Shape
from egoetl.benchmarks.predictions.st_evidence import ST_EVIDENCE, ST_EVIDENCE_MCQ
from egoetl.benchmarks.predictions.st_evidence_runs import ST_EVIDENCE_RUNS
from egoetl.benchmarks.rows import Row
from egoetl.core.errors import DataError

SHAPES = (LMMS_EVAL, ST_EVIDENCE_RUNS, ST_EVIDENCE_MCQ, ST_EVIDENCE, EGOTEXTVQA, EGOAVU)
"""An entry that has several of them has the first."""
_MOST_KEYS = 8


def shape_of_entry(entry: Mapping[str, Any]) -> Shape | None:
    """The shape of an entry, if it has one."""
    return next((shape for shape in SHAPES if shape.matches(entry)), None)


def shape_of(rows: Sequence[Row], named: str) -> Shape:
    """The shape that most entries of a file have. Raises DataError `predictions_shape_unknown` where none has any."""
    counts = {shape.name: sum(shape_of_entry(row.fields) is shape for row in rows) for shape in SHAPES}
    most = max(SHAPES, key=lambda shape: counts[shape.name])
    if counts[most.name]:
        return most
    keys = sorted({name for row in rows for name in row.fields})
    shown = ", ".join(keys[:_MOST_KEYS]) + (", ..." if len(keys) > _MOST_KEYS else "")
    shapes = "; ".join(f"{shape.name} ({shape.fields})" for shape in SHAPES)
    raise DataError(
        f"{named} holds no predictions in a shape that is known: its entries have {shown or 'no fields'}; the shapes are: {shapes}.",
        reason="predictions_shape_unknown",
    )
