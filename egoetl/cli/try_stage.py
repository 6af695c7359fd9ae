"""`egoetl try`: run one stage on one unit and show what it was asked and answered; commits nothing."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer


def try_stage(
    stage: Annotated[str, typer.Argument(help="The stage, such as caption.")],
    segment: Annotated[str, typer.Option("--segment", help="Id of the segment (or clip, or pair) to try it on.")],
    prompt: Annotated[Path | None, typer.Option(help="A prompt file to use instead of the stage's own.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Run a stage on one segment and show its prompts, replies and result. Nothing is committed."""
    from egoetl.cli.exits import print_json
    from egoetl.core.errors import CallerError
    from egoetl.core.prompt import Prompt
    from egoetl.core.settings import load_settings
    from egoetl.runner.tools import Tools
    from egoetl.runner.trying import try_on

    if prompt is not None and not prompt.is_file():
        raise CallerError(f"There is no prompt file {prompt}.", reason="prompt_file_missing")
    trial = asyncio.run(try_on(Tools(load_settings()), stage, segment, Prompt.load(prompt) if prompt else None))
    if json:
        print_json(trial.model_dump(mode="json"))
        return
    from egoetl.cli.terminal import Terminal

    console = Terminal()
    for question in trial.questions:
        for message in question.messages:
            console.rule(f"{question.task}: {message.role}")
            console.print(message.content)
        console.rule(f"{question.model} answers ({question.status}, {question.seconds:.2f} s)")
        console.print(question.reply)
    console.rule(f"{trial.stage} of {trial.unit_id}")
    console.print(trial.failure if trial.result is None else trial.result)
