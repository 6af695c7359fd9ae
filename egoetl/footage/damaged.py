"""Make the damaged set: two good videos, the same in every kind of ruin, and manifests that no build should trip over."""

from pathlib import Path

from egoetl.core.records import Record
from egoetl.footage.damaged_lines import HEADER, SpoiltLine, spoilt_lines, spoilt_manifests
from egoetl.footage.damaged_reel import GOOD_REEL, PANTRY
from egoetl.footage.damaged_videos import CLAIMED_S, SPOILT, with_a_lying_duration
from egoetl.footage.folder import FootageFolder, opened
from egoetl.footage.maker import MANIFEST, Tell, make_videos

GOOD_MANIFEST = "good.csv"
LIST = "damaged.json"
LYING_DURATION = "lying_duration"
END_S = PANTRY.length_ms // 1000


class Damage(Record):
    """One thing that is wrong: what was done, and the reason that a build gives for it.

    `name` is the video or the manifest, `line` the manifest line that fails; None for a manifest that is refused whole.
    """

    name: str
    line: int | None
    done: str
    reason: str


class DamagedSet(Record):
    """What a call made. A build over `manifest` publishes what one over `good_manifest` does."""

    folder: str
    manifest: str
    good_manifest: str
    videos: tuple[str, ...]
    damages: tuple[Damage, ...]


def make_damaged(folder: Path, tell: Tell) -> DamagedSet:
    """Make the good videos, the damaged ones, the manifests and a list of what is wrong with each; equal bytes every time.

    Raises:
        CallerError: the folder cannot be made or written to.
        TryAgainError: another process is making footage there.
    """
    with opened(folder) as place:
        make_videos(place, tell, GOOD_REEL)
        data = (folder / f"{PANTRY.name}.mp4").read_bytes()
        spoilt = {f"{each.name}.mp4": each.spoil(data) for each in SPOILT} | {f"{LYING_DURATION}.mp4": with_a_lying_duration(data)}
        for name, content in spoilt.items():
            place.write(name, content)
        damages = _write_manifests(place)
        videos = (*(f"{each.name}.mp4" for each in GOOD_REEL), *spoilt)
        here = DamagedSet(folder=".", manifest=MANIFEST, good_manifest=GOOD_MANIFEST, videos=videos, damages=damages)
        place.write(LIST, (here.model_dump_json(indent=1) + "\n").encode())
    there = {"folder": str(folder), "manifest": str(folder / MANIFEST), "good_manifest": str(folder / GOOD_MANIFEST)}
    return here.model_copy(update=there)


def _write_manifests(place: FootageFolder) -> tuple[Damage, ...]:
    good = [_row(each.name, each.length_ms // 1000, each.split) for each in GOOD_REEL]
    good.append(_row(LYING_DURATION, END_S, PANTRY.split))
    place.write(GOOD_MANIFEST, HEADER + b"".join(good))
    bad = _bad_lines()
    place.write(MANIFEST, HEADER + b"".join(good) + b"".join(line.line + b"\n" for _, line in bad))
    found = [
        Damage(name=name, line=number, done=line.done, reason=line.reason) for number, (name, line) in enumerate(bad, start=2 + len(good))
    ]
    for each in spoilt_manifests(good[0]):
        place.write(each.name, each.content)
        found.append(Damage(name=each.name, line=None, done=each.done, reason=each.reason))
    return tuple(found)


def _bad_lines() -> list[tuple[str, SpoiltLine]]:
    """What is named by each bad line, a video or the manifest itself, and the line."""
    videos = [
        (f"{each.name}.mp4", SpoiltLine(each.done, each.reason, _row(each.name, END_S, PANTRY.split).rstrip(b"\n"))) for each in SPOILT
    ]
    promised = _row(LYING_DURATION, CLAIMED_S, PANTRY.split).rstrip(b"\n")
    lie = SpoiltLine("the header claims two hours, and the row believes it", "duration_lies", promised)
    return [*videos, (f"{LYING_DURATION}.mp4", lie), *((MANIFEST, each) for each in spoilt_lines(PANTRY.name, END_S))]


def _row(name: str, end_s: int, split: str) -> bytes:
    return f"{name},0,{end_s},{split},\n".encode()
