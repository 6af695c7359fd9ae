#!/usr/bin/env python3
"""Write docs/metrics.md from what the metrics say of themselves: `python docs/generate_metrics.py`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from egoetl.metrics.catalogue import SECTIONS, Described
from egoetl.metrics.defects import DEFECTS, Defect

PAGE = Path(__file__).with_name("metrics.md")
HEAD = """# Metrics

*Made by `docs/generate_metrics.py` from `egoetl/metrics/catalogue.py` and `egoetl/metrics/defects.py`; a test holds it to them. Do not
edit it.*

Metrics are pure functions below `egoetl/metrics/`, one file each, with the source of the definition in the docstring. What holds for
all:

- **Nothing that is missing is a zero.** A question whose answer, grade or mask is not there has no value. It lowers the coverage that
  stands beside every score, and reports say what the score would be if it counted 0.
- **Every score has an interval**: 95 %, clustered by video, because questions about one video are not independent.
- **Legacy beside ours.** Where a published scorer does otherwise, a report also prints what it would have printed for the same answers,
  bugs included, so that our figures can be laid beside published ones.
- **Equality is tested** with independent programs (rouge-score, pycocoevalcap, NLTK, scikit-learn, ir_measures, torchmetrics, SciPy), on
  random and on adversarial input, and again by `bench/metrics.py` before it measures anything; its ratios are in
  [Performance](performance.md).
"""
DEFECTS_HEAD = """## Defects of published scorers

What published scorers do, what egoetl does instead, what it prints as legacy, and the test that holds both.
"""


def page() -> str:
    """The whole page."""
    metrics = (part for title, described in SECTIONS.items() for part in _metrics(title, described))
    return "\n".join([HEAD, *metrics, DEFECTS_HEAD, *_defects(DEFECTS)])


def _metrics(title: str, described: Iterable[Described]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| metric | in reports | what it is | values | the reference scorer | source |"
    yield "|---|---|---|---|---|---|"
    for each in described:
        names = ", ".join(f"`{name}`" for name in each.names) or "by none yet"
        link = f"[{each.title}](../egoetl/metrics/{each.module})"
        yield f"| {link} | {names} | {each.definition} | {each.values} | {each.legacy} | {each.source} |"
    yield ""


def _defects(defects: Iterable[Defect]) -> Iterator[str]:
    yield "| system | where | defect | egoetl | legacy | test |"
    yield "|---|---|---|---|---|---|"
    for each in defects:
        yield f"| {each.system} | {each.where} | {each.defect} | {each.ours} | {each.legacy} | {_tests(each)} |"
    yield ""


def _tests(defect: Defect) -> str:
    return ", ".join(f"[{name.removeprefix('test_')}](../{file})" for file, name in (test.split("::") for test in defect.test.split()))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
