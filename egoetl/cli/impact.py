"""`egoetl impact`: what hangs on a prompt, a model, a video or a version of a stage."""

from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from egoetl.lineage.impact_records import What


def impact(
    prompt: Annotated[
        str | None, typer.Option(metavar="SHA", help="A prompt: its sha256 or the first digits of it, its name, or NAME@DIGITS.")
    ] = None,
    model: Annotated[str | None, typer.Option(metavar="ID@REV", help="A model.")] = None,
    video: Annotated[str | None, typer.Option(metavar="ID", help="A video: its id in a manifest, or its sha256.")] = None,
    stage_version: Annotated[str | None, typer.Option(metavar="S=V", help="A version of a stage, as in caption=1.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many results and pairs to name with --json; counts are always whole.")] = 100,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Blast radius: the results, pairs and versions that descend from something, and what making them has cost."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.runner.tools import Tools

    what, name = _asked({"prompt": prompt, "model": model, "video": video, "stage": stage_version})
    found = Tools(load_settings()).reports.impact(what, name, limit=limit)
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        from egoetl.cli.impact_tables import print_impact

        print_impact(found)


def _asked(options: dict[str, str | None]) -> "tuple[What, str]":
    from egoetl.core.errors import CallerError

    given = [(what, name) for what, name in options.items() if name is not None]
    if len(given) != 1:
        raise CallerError(
            f"`egoetl impact` wants exactly one of --prompt, --model, --video and --stage-version, not {len(given)}.",
            reason="impact_of_what",
        )
    ((what, name),) = given
    return cast("What", what), name
