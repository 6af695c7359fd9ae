"""`egoetl export`: what builds made and versions hold, in the forms that others read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from egoetl.runner.exporting.exported import Exported

Format = Literal["egoavu", "parquet", "llamafactory", "webdataset"]


def export(
    what: Annotated[
        str, typer.Argument(metavar="BUILD|VERSION", help="A build's name (egoavu), or a version as DATASET@NUMBER or DATASET@latest.")
    ],
    form: Annotated[
        Format, typer.Option("--format", help="egoavu: the stages of a build; the others: the pairs of a version, with their media.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files are written.")],
    of: Annotated[
        Literal["clips", "windows"],
        typer.Option("--of", help="Media of llamafactory and webdataset: whole clips, or each question's window."),
    ] = "clips",
    shard_mebibytes: Annotated[int, typer.Option("--shard-mib", min=1, help="About how large a shard of webdataset is.")] = 512,
    json: Annotated[bool, typer.Option("--json", help="End with one JSON object on standard output.")] = False,
) -> None:
    """Write a build's stages or a version's pairs as files for others."""
    from egoetl.cli.exits import print_json
    from egoetl.core.errors import DataError

    made = _export(what, form, out, of, shard_mebibytes)
    if json:
        print_json(made.model_dump(mode="json"))
    else:
        _show(made, out)
    if made.failed:
        first = made.failed[0]
        raise DataError(
            f"{len(made.failed)} windows could not be written, and what is about them is left out; the first is {first.window}:"
            f" {first.message}",
            reason="windows_not_written",
        )


def _export(what: str, form: Format, out: Path, of: Literal["clips", "windows"], shard_mebibytes: int) -> "Exported":
    from egoetl.cli.media_progress import MediaBar
    from egoetl.core.settings import load_settings
    from egoetl.runner.exporting.llamafactory import export_llamafactory
    from egoetl.runner.exporting.stage_files import export_stages
    from egoetl.runner.exporting.webdataset import export_webdataset
    from egoetl.runner.exporting.whole_version import export_version
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    if form == "egoavu":
        return export_stages(tools, what, out)
    if form == "parquet":
        return export_version(tools, what, out)
    with MediaBar() as bar:
        if form == "llamafactory":
            return export_llamafactory(tools, what, out, of, bar)
        return export_webdataset(tools, what, out, of, shard_mebibytes, bar)


def _show(made: "Exported", out: Path) -> None:
    from egoetl.cli.tables import print_rows
    from egoetl.cli.terminal import Terminal

    if made.failed:
        print_rows([each.model_dump() for each in made.failed], empty="", title="Not written")
    print_rows([each.model_dump() for each in made.files], empty="")
    Terminal().print(f"in {out.absolute()}", soft_wrap=True)
