"""A blast radius as a person reads it, in 80 columns."""

from collections.abc import Iterator
from typing import Any

from egoetl.cli.tables import print_rows
from egoetl.cli.terminal import Terminal
from egoetl.lineage.impact_records import AffectedVersion, Impact, StageImpact


def print_impact(found: Impact) -> None:
    """Print what is affected by stage, what that has cost, and pairs by dataset."""
    terminal = Terminal()
    terminal.print(_title(found), soft_wrap=True)
    if not found.stages:
        terminal.print("No result descends from it.")
        return
    rows = [*found.stages, found.total]
    terminal.print()
    print_rows([_results(each) for each in rows], empty="", console=terminal)
    terminal.print()
    print_rows([_cost(each) for each in rows], empty="", title="what making them has cost", console=terminal)
    for line in _missing(found.total):
        terminal.print(line, soft_wrap=True)
    terminal.print()
    terminal.print(_pairs(found))
    print_rows(list(_current(found)), empty="No current version of a dataset holds any.", console=terminal)
    for line in _versions(found):
        terminal.print(line, soft_wrap=True)


def _title(found: Impact) -> str:
    subject = found.subject
    names = f" ({', '.join(subject.known_as)})" if subject.known_as else ""
    return f"{subject.what} {subject.name}{names}"


def _results(each: StageImpact) -> dict[str, Any]:
    return {"stage": each.stage, "made with it": each.direct, "below": each.below}


def _cost(each: StageImpact) -> dict[str, Any]:
    return {
        "stage": each.stage,
        "seconds": round(each.seconds, 1),
        "requests": each.requests,
        "tokens in": each.prompt_tokens,
        "tokens out": each.completion_tokens,
    }


def _missing(total: StageImpact) -> Iterator[str]:
    """What the sums lack."""
    if total.without_attempt:
        yield f"Of {total.without_attempt} results no attempt is left, so requests and tokens lack what they took."
    if total.uncounted:
        yield f"For {total.uncounted} results a model was asked and nobody counted tokens."


def _pairs(found: Impact) -> str:
    judged = f", and {found.pairs_judged} of which only the verdict is" if found.pairs_judged else ""
    return f"{found.pairs_made} drafted pairs are affected{judged}."


def _current(found: Impact) -> Iterator[dict[str, Any]]:
    for each in found.current:
        for split, pairs in each.pairs.items():
            yield {"dataset": each.dataset, "current version": each.number, "split": split, "pairs": pairs}


def _versions(found: Impact) -> Iterator[str]:
    """Every version that holds some, by dataset and state."""
    groups: dict[tuple[str, str], list[AffectedVersion]] = {}
    for each in found.versions:
        groups.setdefault((each.dataset, each.state), []).append(each)
    for (dataset, state), held in groups.items():
        first, last, most = held[0].number, held[-1].number, max(each.pairs for each in held)
        if len(held) == 1:
            yield f"{dataset}: version {first} ({state}) holds {most} of them."
        else:
            yield f"{dataset}: {len(held)} versions from {first} to {last} ({state}) hold up to {most} of them."
