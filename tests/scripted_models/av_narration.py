"""av_narration: a paragraph in the past tense that joins what was done with what was heard."""

from typing import Any

from scripted_models.reading import Page, Told
from scripted_models.wording import a, in_the_past, one_of, sentence, the, together

AT_FIRST = ("At first {}", "To begin with, {}", "{}")
THEN = ("then {}", "after that {}", "next {}", "{}")
WITH = (", and {} was heard from it", ", making {}", " with {}")
BESIDES = ("{} lay there untouched", "nobody touched {}", "{} stayed in place all the while")
UNSEEN = ("{} was heard, its cause out of sight", "from somewhere out of sight came {}")
STILL = ("nothing was done", "nothing changed place")


def answer(page: Page) -> dict[str, Any]:
    """A `NarrationReply`."""
    done, sounds = page.listed("Objects that were acted on:"), page.listed("Sounds:")
    untouched = page.named("Objects that nobody touched:")
    heard = {each: next((act for act in done if _makes(act, each)), None) for each in sounds}
    said = [(each.start, _act(each, [sound for sound, act in heard.items() if act == each], turn)) for turn, each in enumerate(done)]
    said += [(each.start, one_of(UNSEEN, each).format(a(each.text))) for each, act in heard.items() if act is None]
    told = [text for _, text in sorted(said, key=lambda each: each[0])] or [one_of(STILL, page.text)]
    if untouched:
        told.append(one_of(BESIDES, untouched).format(together([the(each) for each in untouched])))
    return {"caption": " ".join(map(sentence, told))}


def _act(done: Told, sounds: list[Told], turn: int) -> str:
    _, _, text = done.text.partition(": ")
    heard = together([a(each.text) for each in sounds])
    act = in_the_past(text) + (one_of(WITH, done).format(heard) if heard else "")
    return one_of(THEN if turn else AT_FIRST, done).format(act)


def _makes(act: Told, sound: Told) -> bool:
    """Whether the sound comes from what acts, and began with the act."""
    return act.text.startswith(f"{sound.source}: ") and act.start == sound.start
