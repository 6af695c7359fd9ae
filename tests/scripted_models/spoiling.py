"""How a right reply is made wrong: for every rule of every task one way, so that this rule is the first that a pair of it breaks."""

from collections.abc import Callable, Mapping
from typing import Any

from scripted_models.reading import Evidence
from scripted_models.wording import the

Reply = dict[str, Any]
Spoiler = Callable[[Reply, Evidence], Reply]

OTHER_TIMES = "between 1.5 s and 2.5 s of the video"
NEVER = "the lamp goes out"
UNTOLD = "A grey cat chases two brown dogs along a fence, and somebody laughs loudly behind a curtain."


def _spans(change: Callable[[list[Any], Evidence], list[Any]]) -> Spoiler:
    """Another list of spans in the first narration."""

    def spoil(reply: Reply, page: Evidence) -> Reply:
        first, *rest = reply["narrations"]
        return {"narrations": [{"spans": change(first["spans"], page)}, *rest]}

    return spoil


def _without_a_part(spans: list[Any], page: Evidence) -> list[Any]:
    told = next(part for part in page.parts if any(part.start <= each["start_s"] < part.end for each in spans))
    return [each for each in spans if not told.start <= each["start_s"] < told.end]


def _with_a_thing_of_elsewhere(spans: list[Any], page: Evidence) -> list[Any]:
    """The first span that can name a thing of the stretch which its own part says nothing of."""
    for at, span in enumerate(spans):
        part = next(part for part in page.parts if part.start <= span["start_s"] < part.end)
        for thing in page.things:
            if thing not in part.text:
                return [*spans[:at], {**span, "text": f"{span['text']} Beside it lies {the(thing)}."}, *spans[at + 1 :]]
    raise AssertionError(f"every part tells of every thing:\n{page.text}")


def _first(kind: str, change: Callable[[Reply, Evidence], Reply]) -> Spoiler:
    """Another first entry in the list `kind`."""
    return lambda reply, page: {**reply, kind: [change(reply[kind][0], page), *reply[kind][1:]]}


def _about(subject: Callable[[Evidence], str]) -> Callable[[Reply, Evidence], Reply]:
    """The question asks about something else, in the same words."""

    def spoil(asked: Reply, page: Evidence) -> Reply:
        where = page.asked.words(r"which stretch is meant[^:]*: \"([^\"]+)\"")
        return {"about": subject(page), "question": f"Is it true {where}: {subject(page)}?"}

    return spoil


def _not_asked(asked: Reply, page: Evidence) -> Reply:
    return {**asked, "question": asked["question"].replace(asked["about"], "anything else")}


def _of_other_times(asked: Reply, _page: Evidence) -> Reply:
    return {**asked, "question": f"{asked['question'].rstrip('?')} {OTHER_TIMES}?"}


def _presence(noun: str, absent: str, present: Callable[[Evidence], str]) -> dict[tuple[str, str], Spoiler]:
    spoilers = {
        "subject_not_asked": _first("factual", _not_asked),
        "stretch_not_named": _first("hallucinated", _of_other_times),
        f"factual_{noun}_absent": _first("factual", _about(lambda _: absent)),
        f"hallucinated_{noun}_present": _first("hallucinated", _about(present)),
    }
    return {(f"avh_{noun}", rule): spoiler for rule, spoiler in spoilers.items()}


def _with(**fields: Any) -> Callable[[Reply, Evidence], Reply]:
    return lambda entry, _: {**entry, **fields}


def _later(asked: Reply, _page: Evidence) -> Reply:
    """The anchor names a time, and with it the question another stretch."""
    return {**asked, "anchor": f"{asked['anchor']} at 3 s"}


def _same_twice(asked: Reply, _page: Evidence) -> Reply:
    one, other, _ = asked["distractors"]
    return {**asked, "distractors": [one, other, one]}


def _never_happened(asked: Reply, _page: Evidence) -> Reply:
    one, other, _ = asked["distractors"]
    return {**asked, "distractors": [one, other, NEVER]}


def _wrong_side(asked: Reply, _page: Evidence) -> Reply:
    one, *others = asked["distractors"]
    return {**asked, "answer": one, "distractors": [asked["answer"], *others]}


def _four_of_three(asked: Reply, _page: Evidence) -> Reply:
    one, other, _ = _others(asked)
    return {**asked, "events": [one, asked["answer"], other, one]}


def _one_never_happened(asked: Reply, _page: Evidence) -> Reply:
    one, other, _ = _others(asked)
    return {**asked, "events": [one, asked["answer"], NEVER, other]}


def _another_answer(asked: Reply, _page: Evidence) -> Reply:
    return {**asked, "answer": _others(asked)[0]}


def _others(asked: Reply) -> list[str]:
    return [each for each in asked["events"] if each != asked["answer"]]


SPOILERS: Mapping[tuple[str, str], Spoiler] = {
    ("avdn", "span_empty"): _spans(lambda spans, _: [*spans[:-1], {**spans[-1], "text": "..."}]),
    ("avdn", "spans_out_of_order"): _spans(lambda spans, _: [*spans[1:], spans[0]]),
    ("avdn", "span_outside"): _spans(lambda spans, page: [*spans[:-1], {**spans[-1], "end_s": page.stretch[1] + 3}]),
    ("avdn", "segment_untold"): _spans(_without_a_part),
    ("avdn", "thing_elsewhere"): _spans(_with_a_thing_of_elsewhere),
    ("avdn", "words_unsupported"): _spans(lambda spans, _: [{**spans[0], "text": UNTOLD}, *spans[1:]]),
    ("avsn", "answer_empty"): lambda reply, _: {"answers": ["...", *reply["answers"][1:]]},
    ("avsn", "interval_left_out"): lambda reply, _: {"answers": ["At the beginning something moves.", *reply["answers"][1:]]},
    **_presence("action", "the window is cleaned by somebody else", lambda page: page.actions[0].text),
    ("avh_action", "action_trivial"): _first("factual", _about(lambda page: f"{the(page.things[0])} stays where it is")),
    **_presence("object", "garden gnome", lambda page: page.things[0]),
    ("avh_object", "object_not_handled"): _first("hallucinated", _about(lambda _: "marble floor")),
    **_presence("sound", "roaring waterfall", lambda page: page.sounds[0].text),
    ("ssa", "silence_untrue"): lambda _reply, _: {"sounds": []},
    ("ssa", "sound_count_untrue"): lambda reply, _: {"sounds": reply["sounds"][1:]},
    ("ssa", "association_untrue"): _first("sounds", _with(sound="barking dog")),
    ("ssa", "word_of_no_evidence"): _first("sounds", _with(cause="a thunderstorm comes near")),
    ("tr_before_after", "stretch_not_named"): _first("pairs", _later),
    ("tr_before_after", "options_repeat"): _first("pairs", _same_twice),
    ("tr_before_after", "event_unknown"): _first("pairs", _never_happened),
    ("tr_before_after", "order_untrue"): _first("pairs", _wrong_side),
    ("tr_event_ordering", "options_repeat"): _first("pairs", _four_of_three),
    ("tr_event_ordering", "answer_not_an_option"): _first("pairs", _with(answer=NEVER)),
    ("tr_event_ordering", "event_unknown"): _first("pairs", _one_never_happened),
    ("tr_event_ordering", "order_untrue"): _first("pairs", _another_answer),
}
"""(task, rule) to a wrong reply."""
