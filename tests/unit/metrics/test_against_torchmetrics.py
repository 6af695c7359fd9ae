"""Rankings and regions against torchmetrics, which lies in the environment of the models: the control environment has no torch."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from egoetl.metrics.average_precision import class_average_precisions
from egoetl.metrics.regions import region_similarity
from egoetl.metrics.retrieval import retrieval

pytestmark = [pytest.mark.slow, pytest.mark.needs("models")]

# torchmetrics computes in single precision.
CLOSE = 1e-5
ORACLE = """
import json, sys
import torch
from torchmetrics.functional.classification import binary_jaccard_index, multilabel_average_precision
from torchmetrics.functional.retrieval import retrieval_average_precision, retrieval_normalized_dcg

given = {name: torch.tensor(value) for name, value in json.load(sys.stdin).items()}
rows = list(zip(given["similarity"], given["relevance"]))
print(json.dumps({
    "ap": [float(retrieval_average_precision(near, relevant == 1)) for near, relevant in rows],
    "ndcg": [float(retrieval_normalized_dcg(near, relevant, top_k=int((relevant > 0).sum()))) for near, relevant in rows],
    "classes": multilabel_average_precision(
        given["scores"], given["positives"].int(), num_labels=given["scores"].shape[1], average="none"
    ).tolist(),
    "regions": [float(binary_jaccard_index(left.int(), right.int())) for left, right in zip(given["predicted"], given["true"])],
}))
"""


@pytest.fixture(scope="module")
def given() -> dict[str, np.ndarray]:
    """Random rankings without ties, each query with something wholly relevant, and masks that are not empty."""
    random = np.random.default_rng(11)
    relevance = random.choice([0.0, 0.25, 0.5, 1.0], size=(40, 30), p=[0.6, 0.2, 0.1, 0.1])
    relevance[:, 0] = 1.0
    positives = random.random((60, 8)) < 0.3
    positives[0] = True
    predicted, true = random.random((2, 12, 24, 32)) < 0.4
    return {
        "similarity": random.permutation(40 * 30).reshape(40, 30) / 1200,
        "relevance": relevance,
        "scores": random.permutation(60 * 8).reshape(60, 8) / 480,
        "positives": positives,
        "predicted": predicted,
        "true": true,
    }


@pytest.fixture(scope="module")
def oracle(given: dict[str, np.ndarray], models_python: Path) -> dict[str, Any]:
    """What torchmetrics says of all of it."""
    asked = json.dumps({name: each.tolist() for name, each in given.items()})
    return json.loads(subprocess.run([models_python, "-c", ORACLE], input=asked, capture_output=True, text=True, check=True).stdout)


def test_average_precision_and_ndcg_of_queries(given: dict[str, np.ndarray], oracle: dict[str, Any]) -> None:
    ours = retrieval(given["similarity"], given["relevance"]).video_to_text
    assert ours.average_precision == pytest.approx(oracle["ap"], abs=CLOSE)
    assert ours.ndcg == pytest.approx(oracle["ndcg"], abs=CLOSE)


def test_average_precision_of_classes(given: dict[str, np.ndarray], oracle: dict[str, Any]) -> None:
    assert class_average_precisions(given["scores"], given["positives"]) == pytest.approx(oracle["classes"], abs=CLOSE)


def test_region_similarity(given: dict[str, np.ndarray], oracle: dict[str, Any]) -> None:
    ours = [region_similarity(left, right) for left, right in zip(given["predicted"], given["true"], strict=True)]
    assert ours == pytest.approx(oracle["regions"], abs=CLOSE)
