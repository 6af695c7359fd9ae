"""Benchmarks by name. Each is imported only when asked for, so that one that is broken cannot hide the others."""

from importlib import import_module

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.core.errors import CallerError

_BENCHMARKS = {
    "egoavu_bench": ("egoetl.benchmarks.egoavu_bench.benchmark", "EGOAVU_BENCH"),
    "egotempo": ("egoetl.benchmarks.egotempo.benchmark", "EGOTEMPO"),
    "egotextvqa": ("egoetl.benchmarks.egotextvqa.benchmark", "EGOTEXTVQA"),
    "st_evidence_gen": ("egoetl.benchmarks.st_evidence_gen.benchmark", "ST_EVIDENCE_GEN"),
    "st_evidence_mcq": ("egoetl.benchmarks.st_evidence_mcq.benchmark", "ST_EVIDENCE_MCQ"),
}


def names() -> tuple[str, ...]:
    """The names of all benchmarks; imports none of them."""
    return tuple(sorted(_BENCHMARKS))


def load(name: str) -> Benchmark:
    """The benchmark of that name. Raises CallerError `benchmark_unknown`."""
    if name not in _BENCHMARKS:
        raise CallerError(f"There is no benchmark {name!r}; there are: {', '.join(names())}.", reason="benchmark_unknown")
    module, variable = _BENCHMARKS[name]
    benchmark: Benchmark = getattr(import_module(module), variable)
    return benchmark
