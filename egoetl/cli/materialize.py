"""`egoetl materialize`: clips or segments as mp4 and wav files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from egoetl.runner.exporting.materialising import Materialised


def materialize(
    what: Annotated[str, typer.Argument(metavar="BUILD|VERSION", help="A build's name, or a version as DATASET@NUMBER or DATASET@latest.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files are written; what is there already is kept.")],
    of: Annotated[Literal["clips", "segments"], typer.Option("--of", help="Whole clips, or their segments.")] = "clips",
    json: Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")] = False,
) -> None:
    """Write <split>/<id>_<start>_<end>.mp4 and .wav, frame-exact, and a CSV that lists them."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.media_progress import MediaBar
    from egoetl.core.errors import DataError
    from egoetl.core.settings import load_settings
    from egoetl.runner.exporting.materialising import materialise
    from egoetl.runner.tools import Tools

    with MediaBar() as bar:
        made = materialise(Tools(load_settings()), what, out, of, bar)
    if json:
        print_json(made.model_dump(mode="json"))
    else:
        _show(made)
    if made.failed:
        first = made.failed[0]
        raise DataError(
            f"{len(made.failed)} windows could not be written; the first is {first.id} {first.start_time}-{first.end_time}:"
            f" {first.message}",
            reason="windows_not_written",
        )


def _show(made: "Materialised") -> None:
    from egoetl.cli.tables import print_rows
    from egoetl.cli.terminal import Terminal

    missing = [
        {**each.model_dump(), "because": because}
        for because, group in (("not built", made.not_built), ("not written", made.failed))
        for each in group
    ]
    if missing:
        print_rows(missing, empty="", title="Without a file")
    kept = f", {made.kept} were there already" if made.kept else ""
    Terminal().print(f"{made.written} windows written{kept}; they are listed in {made.list}", soft_wrap=True)
