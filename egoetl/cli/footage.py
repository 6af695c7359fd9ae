"""`egoetl footage`: sample videos for trying egoetl out."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from egoetl.core.errors import CallerError

if TYPE_CHECKING:
    from egoetl.footage.damaged import DamagedSet
    from egoetl.footage.maker import Made, Tell

app = typer.Typer(help="Sample footage: first-person-like videos with sound, and the truth about them.", no_args_is_help=True)


@app.callback()
def footage() -> None:
    """Sample footage: first-person-like videos with sound, and the truth about them."""


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the videos, manifest.csv and truth.json are written.")],
    damaged: Annotated[bool, typer.Option("--damaged", help="Make broken videos and manifests instead, to see what a build says.")] = False,
    formats: Annotated[bool, typer.Option("--formats", help="Make one short scene in every form of video instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make eight videos, manifest.csv and truth.json in DIR; what is there already is kept.

    With --damaged: two good videos, the same in every kind of ruin, manifests with bad lines, and damaged.json, which says
    what is wrong with each. With --formats: a counter, a ball and chirps in 25 to 60 and in varying pictures a second, mono to
    5.1, turned, behind an edit list, in HEVC, VP9, ten bits and more; truth.json says what is shown and heard when.
    """
    from egoetl.footage.damaged import make_damaged
    from egoetl.footage.formats.make_formats import make_formats
    from egoetl.footage.maker import make as make_footage

    started = time.monotonic()
    if damaged and formats:
        raise CallerError("--damaged and --formats make two different sets; give one of them.", reason="options_conflict")
    if damaged:
        with _progress() as tell:
            spoilt = make_damaged(folder, tell)
        typer.echo(spoilt.model_dump_json() if as_json else _spoilt_sentence(spoilt))
        return
    with _progress() as tell:
        made = make_formats(folder, tell) if formats else make_footage(folder, tell)
    typer.echo(made.model_dump_json() if as_json else _sentence(made, time.monotonic() - started))


@contextmanager
def _progress() -> Generator["Tell"]:
    """A bar on a terminal's standard error; silence anywhere else."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("Making footage"), BarColumn(), TextColumn("{task.completed}/{task.total} pictures"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("footage", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _sentence(made: "Made", seconds: float) -> str:
    what = f"{made.duration_ms / 1000:.0f} s of footage, {made.size_bytes / 1e6:.1f} MB, in {made.folder}"
    if not made.made:
        return f"All {len(made.reused)} videos are there already: {what}"
    kept = f", {len(made.reused)} were there already" if made.reused else ""
    return f"Made {len(made.made)} videos in {seconds:.0f} s{kept}: {what}"


def _spoilt_sentence(made: "DamagedSet") -> str:
    lines = sum(each.line is not None for each in made.damages)
    return (
        f"{len(made.videos)} videos and a manifest with {lines} lines to be refused are in {made.folder}; damaged.json says what is"
        f" wrong with each.\nTry: egoetl build run egoavu --manifest {made.manifest} --videos {made.folder} --name damaged\n"
        "Then: egoetl build failed damaged"
    )
