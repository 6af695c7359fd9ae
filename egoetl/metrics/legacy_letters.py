"""How programs of EVQA and VideoLLaMA2 read a letter out of a model's answer, kept to print what they would print.

They read letters inside words, take the article `a` for option A, and guess where they read none;
`egoetl.metrics.option_choice` is what to score with.
"""

import re
from collections.abc import Sequence

_FIRST_LETTER = re.compile(r"(?:answer\s*:\s*)?([a-e])", re.IGNORECASE)
_FIRST_WORD = re.compile(r"\b([a-e])\b", re.IGNORECASE)
_AFTER_ANSWER = re.compile(r"answer:\s*([a-e])", re.IGNORECASE)
_CAPITAL = re.compile(r"[( ]*[A-E][) ]*")
_LETTERS = "ABCDEF"
_GUESS = 2
"""VideoLLaMA2's option for an answer that it cannot read: the third."""


def legacy_first_letter(text: str) -> str | None:
    """What EVQA's generation runner (`ours_st_evidence.py`) reads: the first of a to e in either case, in a word or not.

    `The answer is B` is E, the third letter of `The`; `Answer: B` at its beginning is B. None where there is no such letter.
    """
    found = _FIRST_LETTER.search(text)
    return found.group(1).upper() if found else None


def legacy_first_word(text: str) -> str | None:
    """What EVQA's multiple-choice runners read: the first of a to e that stands alone, in either case, so that `a dog, C` is A."""
    found = _FIRST_WORD.search(text)
    return found.group(1).upper() if found else None


def legacy_any_letter(text: str) -> str | None:
    """What EVQA's Qwen2.5-VL runner falls back to: the first letter of the alphabet, to E, that the text has anywhere.

    So any text with an `a` in it is A. A reply that should have been JSON is first searched for `Answer: B`: see
    `legacy_single_turn_letter`.
    """
    capitals = text.upper()
    return next((letter for letter in "ABCDE" if letter in capitals), None)


def legacy_single_turn_letter(text: str) -> str | None:
    """What the same runner reads in a reply that is no JSON: the letter behind `Answer:`, or else any letter."""
    found = _AFTER_ANSWER.search(text)
    return found.group(1).upper() if found else legacy_any_letter(text)


def legacy_generation_correct(answer: object, candidates: Sequence[str], reference: str) -> bool:
    """Whether EVQA's eval_st_evidence.py counts an answer as right; None, a missing one, is wrong.

    A capital A to F stands for its candidate, if there is one; then the texts must be the same, case included, apart from white
    space at their ends. So `b` and `(B)` are wrong whatever the reference is.
    """
    if answer is None:
        return False
    said = str(answer).strip()
    if said in _LETTERS and len(said) == 1 and _LETTERS.index(said) < len(candidates):
        said = candidates[_LETTERS.index(said)]
    return said.strip() == reference.strip()


def legacy_videollama2_option(text: str) -> int:
    """The option, from 0, that VideoLLaMA2's EgoSchema program writes down: the first capital A to E, in a word or not.

    Where there is none, or a space parts it from its bracket, it is the third option, C.
    """
    found = _CAPITAL.search(text)
    said = found.group().strip().strip("()") if found else ""
    return _LETTERS.index(said) if len(said) == 1 else _GUESS
