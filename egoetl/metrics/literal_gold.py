"""Whether a prediction holds the reference answer word for word: for listing answers that were graded lowest although they do."""

import re
import unicodedata


def holds_gold(prediction: str, gold: str, least: int = 5) -> bool:
    """Whether the gold answer stands in the prediction, at the boundaries of words; case and the amount of white space do not count.

    A gold answer shorter than `least` characters, white space collapsed, is never held: `on` stands in many a wrong answer.
    """
    wanted, text = _plain(gold), _plain(prediction)
    if len(wanted) < least:
        return False
    before = r"(?<!\w)" if wanted[0].isalnum() else ""
    after = r"(?!\w)" if wanted[-1].isalnum() else ""
    return re.search(before + re.escape(wanted) + after, text) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
