"""`egoetl eval report`: an evaluation as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    what: Annotated[str, typer.Argument(metavar="RUN|REPORT.json", help="A run's name, or a report as JSON.")],
    html: Annotated[Path, typer.Option("--html", metavar="OUT.html", help="The file to write.")],
    videos: Annotated[
        str | None,
        typer.Option("--videos", metavar="ROOT", help="Folder or s3://bucket/prefix of the videos: the worst answers get pictures."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Write a page with scores, intervals, coverage, judges and the worst answers; it needs no network."""
    from egoetl.cli.exits import print_json
    from egoetl.core.settings import load_settings
    from egoetl.runner.evaluation_videos import EvaluationVideos
    from egoetl.runner.report_page.page import write_page
    from egoetl.runner.report_source import report_from
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    found = report_from(what)
    root = None if videos is None else tools.source(videos)
    if root is not None:
        root.check()
    written = write_page(found, html, None if root is None else EvaluationVideos(root), tools.media)
    if json:
        print_json(written.model_dump(mode="json"))
        return
    pictures = f", {written.pictures} pictures" if root is not None else ""
    typer.echo(f"{written.html}: {written.size_bytes / 1e6:.1f} MB, {len(written.worst)} of the worst answers{pictures}.")
    for reason, count in written.without_pictures.items():
        typer.echo(f"  {count} without pictures: {reason}")
