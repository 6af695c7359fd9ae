"""`egoetl replies`: what models said on the way to a build, word for word, and how it was judged."""

from typing import TYPE_CHECKING, Annotated

import typer

from egoetl.core.ports import ReplyStatus

if TYPE_CHECKING:
    from egoetl.cli.terminal import Terminal
    from egoetl.runner.raw_replies import KeptReplies, KeptReply


def replies(
    build: Annotated[str, typer.Argument(help="Name of the build.")],
    unit: Annotated[str | None, typer.Option(metavar="ID", help="Only those about this clip, segment or pair, good ones too.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only those of this stage.")] = None,
    status: Annotated[ReplyStatus | None, typer.Option(help="Only those judged so.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print what models said in a build, word for word: without --unit or --status, the replies that are not ok."""
    from egoetl.cli.exits import print_json
    from egoetl.cli.terminal import Terminal
    from egoetl.core.settings import load_settings
    from egoetl.runner.build import find_build
    from egoetl.runner.raw_replies import kept_replies
    from egoetl.runner.tools import Tools

    tools = Tools(load_settings())
    kept = kept_replies(tools, find_build(tools, build), unit=unit, stage=stage, status=status, most=limit)
    if json:
        print_json(kept.model_dump(mode="json"))
    else:
        _print(Terminal(), kept)


def _print(terminal: "Terminal", kept: "KeptReplies") -> None:
    for each in kept.replies:
        _print_reply(terminal, each)
    counted = ", ".join(f"{count} {status}" for status, count in kept.statuses.items())
    if not kept.statuses:
        terminal.print(f"{kept.build} kept no reply: none was asked for, or only answers that follow from the records.", soft_wrap=True)
    elif not kept.found:
        terminal.print(f"No such reply; those of {kept.build} are: {counted}.", soft_wrap=True)
    else:
        more = f", of {kept.found} such" if kept.found > len(kept.replies) else ""
        terminal.print(f"{len(kept.replies)} shown{more}; all of {kept.build}: {counted}.", soft_wrap=True)


def _print_reply(terminal: "Terminal", each: "KeptReply") -> None:
    from rich.text import Text

    said = each.exchange
    head = f" {each.unit_id or '(withdrawn)'}, attempt {each.attempt}: {each.task} asked of {each.model}: "
    terminal.print(Text.assemble((each.stage, "bold"), head, (each.status, "" if each.status == "ok" else "bold")), soft_wrap=True)
    if said is None:
        terminal.print(Text("  its words were withdrawn with their video, or are lost", "dim"))
        return
    tokens = f", {said.prompt_tokens} + {said.completion_tokens} tokens" if said.prompt_tokens is not None else ""
    facts = f"  asked {'again, ' if said.turn else ''}in {said.seconds:.2f} s{tokens}, ended by {said.finish_reason or 'nothing said'}"
    terminal.print(Text(f"{facts}, request {each.request}", "dim"), soft_wrap=True)
    if said.detail:
        terminal.print(Text(f"  {said.detail}"), soft_wrap=True)
    for name, words in (("thinking", said.thinking), ("reply", said.text)):
        for line in words.splitlines() or ([""] if name == "reply" else []):
            terminal.print(Text.assemble((f"  {name}| ", "dim"), line), soft_wrap=True)
