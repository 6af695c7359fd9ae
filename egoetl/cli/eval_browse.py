"""`egoetl eval browse`: answers beside their videos, on a page of this machine."""

from typing import Annotated

import typer


def browse(
    what: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE|RUN]...", help="Reports, predictions or runs; more can be uploaded.")
    ] = None,
    videos: Annotated[
        str | None,
        typer.Option("--videos", metavar="ROOT", help="Folder or s3://bucket/prefix of the videos. Left out: where the run has them."),
    ] = None,
    bench: Annotated[str | None, typer.Option("--bench", metavar="B", help="The benchmark of files that hold predictions.")] = None,
    data: Annotated[str | None, typer.Option("--data", metavar="PATH", help="Where that benchmark's published files are.")] = None,
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port; 0 takes one that is free.")] = 0,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on. Another than 127.0.0.1 lets others in who have the token.")
    ] = "127.0.0.1",
) -> None:
    """Open a page on which answers are looked through beside their videos; it ends with Ctrl-C."""
    from egoetl.core.settings import load_settings
    from egoetl.runner.browse_page.opening import Predicted, open_named, short_name, videos_of
    from egoetl.runner.browse_page.routes import Routes
    from egoetl.runner.browse_page.server import is_loopback, new_token, serving
    from egoetl.runner.evaluation_videos import EvaluationVideos
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    routes = Routes(new_token(), tools, predicted=Predicted(bench, data))
    for name in what or []:
        routes.reports.add(open_named(tools, name, routes.predicted), short_name(name, what or []))
    root = videos or videos_of(tools, what or [])
    if root is not None:
        source = tools.source(root)
        source.check()
        routes.videos = EvaluationVideos(source)
    with serving(routes, host, port) as server:
        if not is_loopback(host):
            typer.echo("Whoever has this address can read the answers and videos, and nothing is encrypted on the way.", err=True)
        typer.echo(f"Open {server.address}\nIt ends with Ctrl-C.")
        server.serve_until_interrupted()
