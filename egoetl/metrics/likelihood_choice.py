"""Choosing among candidates by how likely a model finds them."""

import math
from collections.abc import Sequence

from egoetl.metrics.choice import Choice


def log_likelihood(token_log_probabilities: Sequence[float], *, per_token: bool = True) -> float | None:
    """The natural logarithm of a candidate's probability, divided by its tokens if `per_token`; None if it cannot be told.

    It cannot be told without tokens, or where a token's log-probability is not a number or above 0. A token of probability 0
    (minus infinity) makes the candidate impossible, which is a value. Per token it is the negative of the mean loss, by which
    EgoPlan's scorer ranks candidates; the sum favours short candidates.
    """
    if not token_log_probabilities or not all(value <= 0 for value in token_log_probabilities):
        return None
    total = math.fsum(token_log_probabilities)
    return total / len(token_log_probabilities) if per_token else total


def likelihood_choice(candidates: Sequence[Sequence[float]], *, per_token: bool = True) -> Choice:
    """The likeliest candidate, given each one's log-probabilities by token.

    There is no choice, with a reason: `no_option` without candidates; `no_likelihood` where one candidate's cannot be told, for
    it might have been the likeliest; `tied` where two are equally likely, all being impossible among them.
    """
    found = [log_likelihood(candidate, per_token=per_token) for candidate in candidates]
    known = [value for value in found if value is not None]
    if not found:
        return Choice(None, "no_option")
    if len(known) < len(found):
        return Choice(None, "no_likelihood")
    best = max(known)
    return Choice(None, "tied") if known.count(best) > 1 else Choice(known.index(best))
