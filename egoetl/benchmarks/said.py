"""What a model said at last."""

_END_OF_THINKING = "</think>"
_START_OF_THINKING = "<think>"


def last_said(turns: tuple[str, ...]) -> str:
    """The last turn, without spaces around it; empty where nothing was said.

    A model's thinking is cut off before its reply gets here, but files of predictions that others made may still hold it: what
    stands behind its end is what was said, and thinking that never ends says nothing.
    """
    text = (turns[-1] if turns else "").rpartition(_END_OF_THINKING)[2].strip()
    return "" if text.startswith(_START_OF_THINKING) else text
