"""Rules that no reply can break, since the reply's schema or the task's own words see to it: how a defect of the task would break them."""

from collections.abc import Callable, Mapping

from egoetl.qa.task import Draft

DraftSpoiler = Callable[[Draft], Draft]
OTHER_TIMES = " Only between 1.5 s and 2.5 s of the video."


def _with(**fields: object) -> DraftSpoiler:
    return lambda draft: draft.model_copy(update=fields)


def _of_other_times(draft: Draft) -> Draft:
    return draft.model_copy(update={"question": draft.question + OTHER_TIMES})


def _without_times(draft: Draft) -> Draft:
    return draft.model_copy(update={"answer": f"Listen. {draft.answer}"})


def _three_options(draft: Draft) -> Draft:
    spare = next(each for each in draft.options if each != draft.answer)
    return draft.model_copy(update={"options": tuple(each for each in draft.options if each != spare)})


def _no_right_option(draft: Draft) -> Draft:
    options = tuple("something that nobody has seen" if each == draft.answer else each for each in draft.options)
    return draft.model_copy(update={"options": options})


DRAFT_SPOILERS: Mapping[tuple[str, str], DraftSpoiler] = {
    ("avdn", "stretch_not_named"): _of_other_times,
    ("avdn", "timestamps_missing"): _without_times,
    ("avsn", "interval_not_the_segments"): _of_other_times,
    **{(f"avh_{noun}", "answer_not_yes_no"): _with(answer="Perhaps") for noun in ("action", "object", "sound")},
    **{(f"avh_{noun}", "answer_contradicts_variant"): _with(variant=None) for noun in ("action", "object", "sound")},
    ("ssa", "stretch_not_named"): _of_other_times,
    ("tr_before_after", "type_unknown"): _with(variant="before"),
    ("tr_before_after", "subject_not_asked"): _with(about="another thing altogether"),
    ("tr_before_after", "options_not_four"): _three_options,
    ("tr_before_after", "answer_not_an_option"): _no_right_option,
    ("tr_event_ordering", "place_not_asked"): _with(variant=None),
    ("tr_event_ordering", "stretch_not_named"): _of_other_times,
    ("tr_event_ordering", "options_not_four"): _three_options,
}
"""(task, rule) to a wrong draft."""
