"""Settings of a build that asks so much about little footage that it comes to more than a hundred pairs."""

MANY_PAIRS = {
    "qa_avdn.pairs": 3,
    "qa_avsn.pairs": 4,
    "qa_avh_action.pairs": 8,
    "qa_avh_object.pairs": 8,
    "qa_avh_sound.pairs": 8,
    "qa_ssa.pairs": 3,
    "qa_tr_before_after.pairs": 4,
    "qa_tr_event_ordering.pairs": 6,
}


def many_pairs() -> list[str]:
    """The settings as arguments of `egoetl build run`."""
    return [argument for name, count in MANY_PAIRS.items() for argument in ("--set", f"{name}={count}")]
