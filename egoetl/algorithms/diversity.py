"""How varied the words of a text are."""

from collections import Counter
from collections.abc import Sequence


def moving_average_type_token_ratio(tokens: Sequence[str], window: int) -> float:
    """MATTR: the mean, over every run of `window` tokens, of distinct tokens divided by tokens.

    Unlike a plain type-token ratio it does not fall with the length of the text. A text shorter than the window is
    one run; one without tokens is 0. Source: Covington and McFall, Cutting the Gordian Knot: The Moving-Average
    Type-Token Ratio (MATTR), Journal of Quantitative Linguistics 17(2), 2010.
    """
    window = min(window, len(tokens))
    if window == 0:
        return 0.0
    held = Counter(tokens[:window])
    distinct = len(held)
    for gone, come in zip(tokens, tokens[window:], strict=False):
        held[come] += 1
        held[gone] -= 1
        if held[gone] == 0:
            del held[gone]
        distinct += len(held)
    return distinct / (window * (len(tokens) - window + 1))
