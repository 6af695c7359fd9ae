"""What happened in some segments, told anew in the present tense: for the measured engine's answers, which say only what was measured."""

from collections.abc import Iterable, Sequence

from egoetl.algorithms.phrasing import listed
from egoetl.algorithms.wording import normalised, with_article
from egoetl.core.items import NarratedSegment
from egoetl.core.records import GroundedSound, Interaction, Window
from egoetl.qa.soundscape import of_source

# What goes on after a border of segments is measured a little later again.
BORDER_MS = 400
UNSEEN = ("{sound} is heard without a visible cause", "there is {sound} whose cause cannot be seen", "{sound} comes from an unseen source")
WITH = (" with {sounds}", ", accompanied by {sounds}", ", and {sounds} can be heard with it")


class Moment(Window):
    """Something that happened, as a clause: `the red ball moves left with an impact sound`.

    `acts` are its events in the graph's words; `resting` says that nothing happened.
    """

    text: str
    acts: tuple[str, ...] = ()
    resting: bool = False


def moments(segments: Iterable[NarratedSegment], *, turn: int = 0) -> tuple[Moment, ...]:
    """What happened, by time; another `turn` is other wording. What one thing does without a pause is one moment."""
    segments = tuple(segments)
    runs = _runs(each for segment in segments for each in segment.graph.interacted_objects)
    sounds = _continued(each for segment in segments for each in segment.graph.sounds)
    told = [_done(run, [each for each in sounds if _belongs(each, run)], turn) for run in runs]
    told += [_heard(each, turn) for each in sounds if not any(_belongs(each, run) for run in runs)]
    return tuple(sorted(told, key=lambda moment: (moment.start_ms, moment.end_ms, moment.text)))


def rest(segment: NarratedSegment) -> Moment:
    """A segment in which nothing happened."""
    things, window = segment.graph.non_interacted_objects, segment.segment
    still = (
        f"{listed([f'the {each}' for each in things])} {'stay' if len(things) > 1 else 'stays'} in place" if things else "nothing is moved"
    )
    return Moment(text=f"{still} and nothing is heard", resting=True, start_ms=window.start_ms, end_ms=window.end_ms)


def _runs(events: Iterable[Interaction]) -> list[list[Interaction]]:
    """Events of the same actor and object, each beginning before the last one has ended."""
    runs: list[list[Interaction]] = []
    for event in sorted(events, key=lambda each: (each.start_ms, each.end_ms)):
        run = next((each for each in reversed(runs) if _who(each[0]) == _who(event)), None)
        if run is not None and event.start_ms <= max(each.end_ms for each in run) + BORDER_MS:
            run.append(event)
        else:
            runs.append([event])
    return runs


def _who(event: Interaction) -> tuple[str, str]:
    return normalised(event.actor or ""), normalised(event.object)


def _continued(sounds: Iterable[GroundedSound]) -> list[GroundedSound]:
    """The sounds; one that goes on over a border is one."""
    kept: list[GroundedSound] = []
    for each in sorted(sounds, key=lambda sound: (sound.start_ms, sound.end_ms)):
        last = next((k for k in reversed(range(len(kept))) if (kept[k].sound, kept[k].source) == (each.sound, each.source)), None)
        if last is not None and each.start_ms <= kept[last].end_ms + BORDER_MS:
            kept[last] = kept[last].model_copy(update={"end_ms": max(each.end_ms, kept[last].end_ms)})
        else:
            kept.append(each)
    return kept


def _belongs(sound: GroundedSound, run: Sequence[Interaction]) -> bool:
    """Whether the sound comes from who or what acts, while it acts."""
    ends = max(each.end_ms for each in run)
    return (
        normalised(sound.source or "") in _who(run[0])
        and sound.source is not None
        and sound.start_ms < ends
        and run[0].start_ms < sound.end_ms
    )


def _done(run: Sequence[Interaction], sounds: Sequence[GroundedSound], turn: int) -> Moment:
    first = run[0]
    subject = first.text.removesuffix(first.action).strip()
    text = f"{subject} {listed(tuple(dict.fromkeys(each.action for each in run)))}"
    if sounds:
        heard = listed([with_article(name) for name in dict.fromkeys(each.sound for each in sounds)])
        text += WITH[turn % len(WITH)].format(sounds=heard)
    together: tuple[Window, ...] = (*run, *sounds)
    return Moment(
        text=text,
        acts=tuple(dict.fromkeys(each.text for each in run)),
        start_ms=min(each.start_ms for each in together),
        end_ms=max(each.end_ms for each in together),
    )


def _heard(sound: GroundedSound, turn: int) -> Moment:
    if sound.source is None:
        text = UNSEEN[turn % len(UNSEEN)].format(sound=with_article(sound.sound))
    else:
        text = f"{with_article(of_source(sound.sound, sound.source))} is heard"
    return Moment(text=text, start_ms=sound.start_ms, end_ms=sound.end_ms)
