"""`egoetl trace`: from a pair, a segment or a video, hop by hop to the source's bytes."""

from typing import Annotated, Any

import typer

app = typer.Typer(help="From a QA pair, a segment or a video, hop by hop to the source's bytes.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command("qa")
def qa(qa_id: Annotated[str, typer.Argument(help="The pair's id, qa_...")], json: Json = False) -> None:
    """Everything that a QA pair was made from."""
    _print(_reports().trace_qa(qa_id), json=json)


@app.command("segment")
def segment(segment_id: Annotated[str, typer.Argument(help="The segment's id.")], json: Json = False) -> None:
    """Everything that was made of a segment, and from what."""
    _print(_reports().trace_segment(segment_id), json=json)


@app.command("video")
def video(name: Annotated[str, typer.Argument(help="The video's id in a manifest, or its sha256.")], json: Json = False) -> None:
    """Where a video was seen, and what was made of it."""
    _print(_reports().trace_video(name), json=json)


def _reports() -> Any:
    from egoetl.core.settings import load_settings
    from egoetl.runner.tools import Tools

    return Tools(load_settings()).reports


def _print(trace: Any, *, json: bool) -> None:
    from egoetl.cli.exits import print_json

    if json:
        print_json(trace.model_dump(mode="json"))
        return
    from egoetl.cli.terminal import Terminal

    terminal = Terminal()
    for line in trace.lines():
        terminal.print(line, soft_wrap=True)
