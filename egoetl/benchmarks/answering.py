"""From a model's words to an answer: what could be read, or why nothing could."""

from egoetl.benchmarks.benchmark import Benchmark
from egoetl.core.evaluation import Answered, AnswerStatus, Parsed, Question


def read_answer(benchmark: Benchmark, question: Question, said: tuple[str, ...]) -> Answered:
    """What a model said to a question, read by the benchmark: `unparsed` where nothing of an answer could be."""
    return as_parsed(question, said, benchmark.parse(question, said))


def as_parsed(question: Question, said: tuple[str, ...], parsed: Parsed) -> Answered:
    """The answer that was read out of a model's words; its reason is the first fault, or `no_answer`, where none could be."""
    found = (parsed.answer, parsed.choice, parsed.spans, parsed.expressions, parsed.masks)
    status: AnswerStatus = "unparsed" if all(each is None for each in found) else "answered"
    reason = (parsed.faults or ("no_answer",))[0] if status == "unparsed" else ""
    return Answered(question=question, status=status, said=said, parsed=parsed, reason=reason)
