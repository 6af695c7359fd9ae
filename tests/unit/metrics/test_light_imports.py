"""Metrics of texts are imported without what they compute with: a command line or a stage that uses none of them starts quickly."""

import subprocess
import sys

MODULES = (
    "accuracy answer_field cider judge_scores legacy_letters likelihood_choice literal_gold meteor_nltk option_choice rouge_l tokens yes_no"
)


def test_importing_metrics_of_texts_loads_no_heavy_library() -> None:
    imports = "; ".join(f"import egoetl.metrics.{name}" for name in MODULES.split())
    program = f"import sys; {imports}; print(*sorted({{'numpy', 'numba', 'nltk', 'scipy', 'cv2'}} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == []
