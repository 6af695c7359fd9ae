"""EK-100 multi-instance retrieval at its test set's size, against a full sort in NumPy: `rows()` for bench/metrics.py.

9,668 videos by 3,842 texts, both directions, AP and nDCG of every query. The anchor is the published evaluation's way, on 64-bit floats:
sort each row of the similarity, and of the relevance for the best order. Before anything is measured both are compared, which also
has the kernels compiled. The similarity is noise and three times the relevance; verbs and nouns are as often as 1 / rank, so that an item
is relevant to every eighth query or so. Memory is the peak of a process that makes the matrices and scores them.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from ratio_table import Row

from egoetl.metrics.retrieval import Classes, relevance_matrix, retrieval

VIDEOS, TEXTS = 9_668, 3_842
VERBS, NOUNS = 97, 300
EQUAL = 1e-9
TARGET = 15
MOST_GB = 1.5
Matrix = NDArray[np.float64]


def rows(*, quick: bool = False) -> Sequence[Row]:
    """Queries a CPU second, those of them on which both agree, and the peak of memory."""
    videos, texts = (300, 200) if quick else (VIDEOS, TEXTS)
    similarity, relevances = matrices(videos, texts)
    expected = reference(similarity, relevances)
    same = _same(_ours(similarity, relevances), expected)
    if same < videos + texts:
        raise AssertionError(f"AP or nDCG differ by more than {EQUAL} for {videos + texts - same} of {videos + texts} queries")
    spent = [[_cpu_seconds(score, similarity, relevances) for score in (_ours, reference)] for _ in range(1 if quick else 3)]
    ours, anchor = ((videos + texts) / median(column) for column in zip(*spent, strict=True))
    name, sizes = "EK-100 AP and nDCG", f"{videos:,} by {texts:,}"
    return [
        Row(name, ours, anchor, f"queries/CPU s, {sizes}", "argsort in NumPy", TARGET, "at least"),
        Row("AP and nDCG, equal within 1e-9", same, videos + texts, "queries", "argsort in NumPy", 1, "at least"),
        Row(f"{name}, peak memory", _peak_gb(videos, texts), MOST_GB, f"GB, {sizes}", "the goal", 1),
    ]


def matrices(videos: int, texts: int) -> tuple[Matrix, Matrix]:
    """Similarity and relevance, (videos, texts)."""
    random = np.random.default_rng(100)
    relevances = relevance_matrix(_classes(random, videos), _classes(random, texts))
    similarity = random.standard_normal(relevances.shape)
    for video in range(videos):
        similarity[video] += 3 * relevances[video]
    return similarity, relevances


def _classes(random: np.random.Generator, count: int) -> list[Classes]:
    """A verb and one or two nouns each."""
    verbs, nouns = (_ranked(random, classes, (count, size)) for classes, size in ((VERBS, 1), (NOUNS, 2)))
    both = random.random(count) < 0.3
    return [
        (frozenset(map(int, verb)), frozenset(map(int, noun if two else noun[:1])))
        for verb, noun, two in zip(verbs, nouns, both, strict=True)
    ]


def _ranked(random: np.random.Generator, classes: int, shape: tuple[int, int]) -> NDArray[np.int64]:
    shares = 1 / np.arange(1, classes + 1)
    return random.choice(classes, size=shape, p=shares / shares.sum())


def reference(similarity: Matrix, relevances: Matrix) -> list[Matrix]:
    """AP and nDCG of both directions, (queries, 2) each."""
    return [
        np.stack([_average_precision(likeness, worth), _ndcg(likeness, worth)], axis=1)
        for likeness, worth in ((similarity, relevances), (similarity.T, relevances.T))
    ]


def _average_precision(similarity: Matrix, relevances: Matrix) -> Matrix:
    whole = np.take_along_axis(relevances, np.argsort(-similarity, axis=1), axis=1) == 1
    precision = np.cumsum(whole, axis=1) / np.arange(1, similarity.shape[1] + 1)
    with np.errstate(invalid="ignore"):
        return np.sum(precision * whole, axis=1) / np.sum(whole, axis=1)


def _ndcg(similarity: Matrix, relevances: Matrix) -> Matrix:
    counted = np.sort(relevances, axis=1)[:, ::-1] > 0
    with np.errstate(invalid="ignore"):
        return _dcg(similarity, relevances, counted) / _dcg(relevances, relevances, counted)


def _dcg(similarity: Matrix, relevances: Matrix, counted: NDArray[np.bool_]) -> Matrix:
    ranked = np.take_along_axis(relevances, np.argsort(similarity, axis=1)[:, ::-1], axis=1)
    return np.sum(ranked * counted / np.log2(np.arange(similarity.shape[1]) + 2), axis=1)


def _ours(similarity: Matrix, relevances: Matrix) -> list[Matrix]:
    return [np.stack(direction, axis=1) for direction in retrieval(similarity, relevances)]


def _same(ours: Sequence[Matrix], theirs: Sequence[Matrix]) -> int:
    pairs = zip(ours, theirs, strict=True)
    return sum(int(np.isclose(one, other, rtol=0, atol=EQUAL, equal_nan=True).all(axis=1).sum()) for one, other in pairs)


def _cpu_seconds(score: Callable[[Matrix, Matrix], object], similarity: Matrix, relevances: Matrix) -> float:
    before = time.process_time()
    score(similarity, relevances)
    return time.process_time() - before


def _peak_gb(videos: int, texts: int) -> float:
    command = [sys.executable, __file__, str(videos), str(texts)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


if __name__ == "__main__":
    retrieval(*matrices(*map(int, sys.argv[1:3])))
    # Not getrusage: what it calls the peak of a process begins with that of the process which has started it.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) * 1024 / 1e9)
