"""Reading yes or no out of a free text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from egoetl.metrics.yes_no import Verdict, yes_no_accuracy, yes_or_no

YES = [
    "yes", "Yes.", "**Yes**", "YES!", "Yes, it does", "Yes it does", "Yes - it does", "yes\nbecause", "Yes, there is no doubt",
    "Answer: Yes", "The answer is yes.", '{"answer": "Yes"}', '{"answer": true}', "<answer>yes</answer>", "“Yes”",
]  # fmt: skip
NO = [
    "no", "No.", "no, there is", "No there is none", "No, no, there is not", "NO!", "The answer is no.", "the answer would be: no",
    '{"answer": false}', "No\nthe cup is full",
]  # fmt: skip
NEITHER = [
    "", "not sure", "No idea", "No one knows", "Nothing", "I know", "yesterday", "nobody", "There is no dog", "noon",
    "The answer is unclear", '{"answer": null}', "?",
]  # fmt: skip
BOTH = [
    "Yes and no", "yes/no", "Yes or no", "No. Yes.", "Yes. The answer is no.", "The answer is yes. The answer is no.",
]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "verdict"),
    [(YES, Verdict("yes")), (NO, Verdict("no")), (NEITHER, Verdict(None, "no_verdict")), (BOTH, Verdict(None, "both"))],
    ids=["yes", "no", "neither", "both"],
)
def test_what_texts_say(texts: list[str], verdict: Verdict) -> None:
    assert {text: yes_or_no(text) for text in texts} == dict.fromkeys(texts, verdict)


def test_accuracy_against_a_longer_reference() -> None:
    assert yes_no_accuracy("Yes", "Yes, it is.") == 1
    assert yes_no_accuracy("no, there is none", "Yes.") == 0
    assert yes_no_accuracy("I am not sure", "No.") is None
    with pytest.raises(ValueError, match="neither"):
        yes_no_accuracy("yes", "maybe")


@settings(deadline=None)
@given(some.text(max_size=40))
def test_any_text_says_something_or_has_a_reason(text: str) -> None:
    said = yes_or_no(text)
    assert (said.answer is None) == bool(said.reason)
