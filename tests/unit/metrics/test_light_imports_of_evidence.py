"""Metrics of evidence and rankings are imported without what they compute with: Numba comes when a mask or a ranking is scored."""

import subprocess
import sys

import pytest

HEAVY = "numpy numba scipy cv2 nltk torch"


@pytest.mark.parametrize(
    ("modules", "loaded"),
    [
        ("metrics.temporal metrics.joint metrics.defects metrics.catalogue", []),
        ("metrics.j_and_f metrics.average_precision metrics.retrieval media.masks", ["numpy"]),
    ],
)
def test_importing_them_loads_no_heavy_library(modules: str, loaded: list[str]) -> None:
    imports = "; ".join(f"import egoetl.{name}" for name in modules.split())
    program = f"import sys; {imports}; print(*sorted({set(HEAVY.split())} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == loaded
