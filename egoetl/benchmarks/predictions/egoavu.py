"""Predictions in EgoAVU's shape: `{items: [...]}` or a list; `output|prediction`, `answer|ground_truth`, `category`.

The keys are those that EgoAVU's `evaluation/captioning_eval.py` and `llm_as_judge.py` read; `video_id`, `start_time`, `end_time` and
`question` are those of its published benchmark.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from egoetl.benchmarks.predictions.fields import name_or_none, named_key, options_of, reference_of, spoken, text_or_none, window_of
from egoetl.benchmarks.predictions.prediction import Prediction, Shape
from egoetl.benchmarks.rows import Row

_SAID = ("output", "prediction")
_GOLD = ("answer", "ground_truth")


def _matches(entry: Mapping[str, Any]) -> bool:
    return "category" in entry and any(name in entry for name in (*_SAID, *_GOLD))


def _read(row: Row, key: str | None) -> Iterator[Prediction]:
    names = (key,) if key else _SAID
    gold = text_or_none(row, *_GOLD)
    options = options_of(row, "options")
    said = spoken(row, *names)
    identity = name_or_none(row, "question_id", "id")
    yield Prediction(
        row=row.number,
        where=row.where,
        ids=(identity,) if identity else (),
        video_id=name_or_none(row, "video_id"),
        question=text_or_none(row, "question"),
        tasks=(row.name("category"),),
        window=window_of(row),
        options=options,
        reference=None if gold is None else reference_of(gold, options),
        said=said.said,
        status=said.status,
        reason=said.reason,
        troubles=said.troubles,
    )


EGOAVU = Shape("EgoAVU", "category, answer|ground_truth, output|prediction", _matches, named_key, _read)
